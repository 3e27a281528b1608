"""What every test may ask for."""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["pytester"]

# The same examples each time, so that one commit is either good or bad. `PYLEDGER_RANDOM=1` draws anew.
settings.register_profile("repeatable", derandomize=True, database=None)
if not os.environ.get("PYLEDGER_RANDOM"):
    settings.load_profile("repeatable")
