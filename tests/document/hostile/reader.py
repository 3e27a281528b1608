"""Reads documents one after another, in a process that may take 200 MB more than it has once all is imported.

Prints, for each file, one line of JSON: its name, and the findings or that it is a document. Whatever else happens is
for the parent to notice: a line that is missing, a traceback, an end.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from pathlib import Path

from pyledger.document import document_hash, load
from pyledger.errors import DocumentError

MEMORY = 200 * 1024 * 1024
"""Bytes above what the interpreter has with everything imported."""

PATIENCE = 60
"""Seconds of its own CPU time after which reading one file counts as hanging."""


def main(files: list[str]) -> None:
    load(files[0])
    taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
    for file in files:
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
        try:
            document = load(file)
            found: object = document_hash(document).hex()
        except DocumentError as error:
            found = [[each.message, each.path, each.line, each.column, each.hint] for each in error.findings]
            error.findings[0].render(file)
        print(json.dumps({"file": Path(file).name, "found": found}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
