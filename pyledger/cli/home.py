"""Where pyledger keeps what it has to remember, and where people write down their settings.

`PYLEDGER_HOME` moves all of it to one folder; otherwise state and settings go where the system keeps such things. The
project's file is the nearest `pyledger.toml` from the working folder upwards.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["HOME_VARIABLE", "chain_folder", "deployment_folders", "home", "keys_folder", "project_file", "user_file"]

HOME_VARIABLE: Final = "PYLEDGER_HOME"


def home() -> Path:
    """The folder for state: running chains, deployments, opened agreements, keys."""
    from pyledger.chain.npm import state_folder

    return state_folder()


def chain_folder() -> Path:
    """The folder of the local chain in the background."""
    return home() / "chain"


def deployment_folders() -> tuple[Path, ...]:
    """Where deployments are recorded: what was deployed from here, then what the project keeps."""
    return home() / "deployments", Path.cwd() / "deployments"


def keys_folder() -> Path:
    """The folder for keystore files."""
    return home() / "keys"


def user_file() -> Path:
    """The user's settings."""
    if os.environ.get(HOME_VARIABLE):
        return home() / "config.toml"
    from pyledger.chain.networks import user_file as usual

    return usual()


def project_file() -> Path | None:
    """The project's settings, if there are any."""
    from pyledger.chain.networks import PROJECT_FILE

    here = Path.cwd()
    return next((file for folder in (here, *here.parents) if (file := folder / PROJECT_FILE).is_file()), None)
