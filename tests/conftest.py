"""What every test may ask for."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

pytest_plugins = ["pytester"]

# What runs in the background of a shell ignores interrupts, and so would all processes that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples each time, so that one commit is either good or bad. `PYLEDGER_RANDOM=1` draws anew.
settings.register_profile("repeatable", derandomize=True, database=None)
if not os.environ.get("PYLEDGER_RANDOM"):
    settings.load_profile("repeatable")
