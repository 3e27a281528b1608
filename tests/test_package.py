"""What is in the wheel: users install it, and get no checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import pyledger

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    with zipfile.ZipFile(built) as opened:
        yield opened


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "pyledger"]
    wanted = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == {name for name in wanted if (ROOT / name).exists()}
    assert {"pyledger/py.typed", "pyledger/chain/artifacts/Agreement.json"} <= held


def test_the_wheel_brings_the_command_and_the_version(wheel: zipfile.ZipFile) -> None:
    info = f"pyledger-{pyledger.__version__}.dist-info"
    assert "pyledger = pyledger.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()
    assert f"Version: {pyledger.__version__}" in wheel.read(f"{info}/METADATA").decode()
    assert "Permission is hereby granted" in wheel.read(f"{info}/licenses/LICENSE").decode()
