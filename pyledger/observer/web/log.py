"""What a server says of itself: one JSON object a line, with nothing in it that tells who has read what."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

__all__ = ["JsonLines", "configuration", "fields"]


class JsonLines(logging.Formatter):
    """A record as a JSON object: time, level, where it comes from, what it says, and the fields given with it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "process": record.process,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=True, default=str)


def fields(**named: object) -> dict[str, Any]:
    """Fields of a record, as `extra` of a logging call."""
    return {"fields": named}


def configuration(*, requests: bool) -> dict[str, Any]:
    """Logging for the whole process, in the shape of `logging.config.dictConfig`; `requests` says each one too."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": f"{__name__}.JsonLines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
        "loggers": {
            "pyledger": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "pyledger.requests": {"level": "INFO" if requests else "WARNING"},
            "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
    }
