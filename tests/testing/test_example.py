"""The example project of the documentation, as its reader runs it: from the wheel, with no checkout in sight."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pyledger.chain.anvil import find_anvil

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example"


def done(command: list[str | Path], where: Path, **environment: str) -> str:
    """What a program says that must succeed."""
    kept = {
        name: os.environ[name]
        for name in os.environ
        if not name.startswith(("PYTHON", "PYTEST", "PYLEDGER", "VIRTUAL"))
    }
    finished = subprocess.run(
        list(map(str, command)), cwd=where, env=kept | environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.mark.slow
def test_example_project_passes_in_a_clean_environment_from_the_built_wheel(tmp_path: Path) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    assert uv is not None
    done([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "wheel"], ROOT)
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    python = tmp_path / "venv" / "bin" / "python"
    done([uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv"], tmp_path)
    pins = ROOT / "requirements" / "dev.txt"
    done([uv, "pip", "install", "--quiet", "--python", python, "-c", pins, f"{wheel}[testing]"], tmp_path)
    project = tmp_path / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    said = done(
        [python, "-m", "pytest", "-q"], project, PYLEDGER_ANVIL=str(find_anvil()), PYLEDGER_HOME=str(tmp_path / "h")
    )
    assert "7 passed" in said
    assert "site-packages" in done([python, "-c", "import pyledger; print(pyledger.__file__)"], project)
