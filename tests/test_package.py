"""What is in the wheel and in the source archive: users install them, and get no checkout."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import pyledger

ROOT = Path(__file__).parents[1]
NAME = f"pyledger-{pyledger.__version__}"


def build(source: Path, into: Path, *kinds: str, **environment: str) -> dict[str, Path]:
    """Both archives, or those of the kinds named, by their endings."""
    targets = [word for kind in kinds or ("wheel", "sdist") for word in ("-t", kind)]
    command = [sys.executable, "-m", "hatchling", "build", *targets, "-d", str(into)]
    subprocess.run(command, cwd=source, env=os.environ | environment, check=True, capture_output=True)
    return {path.suffix: path for path in into.iterdir()}


def kept(*under: str) -> list[str]:
    """The files that git keeps, or would."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *under]
    found = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [name for name in found if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(build(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")[".whl"]) as opened:
        yield opened


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    outside = (f"{NAME}.dist-info/", f"{NAME}.data/")
    held = {name for name in wheel.namelist() if not name.startswith(outside)}
    assert held == set(kept("pyledger"))
    for needed in (
        "py.typed",
        "chain/artifacts/Agreement.json",
        "chain/anvil_npm/package-lock.json",
        "chain/prover/package-lock.json",
        "cli/starter.yaml",
        "document/gallery/lockerbie-2003.yaml",
        "observer/web/static/register.js",
        "observer/web/templates/base.html.jinja",
    ):
        assert f"pyledger/{needed}" in held


def test_the_wheel_brings_the_command_the_version_and_the_manual_page(wheel: zipfile.ZipFile) -> None:
    info = f"{NAME}.dist-info"
    assert "pyledger = pyledger.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()
    metadata = wheel.read(f"{info}/METADATA").decode()
    assert f"Version: {pyledger.__version__}" in metadata
    assert "Classifier: Typing :: Typed" in metadata
    assert "Permission is hereby granted" in wheel.read(f"{info}/licenses/LICENSE").decode()
    manual = wheel.read(f"{NAME}.data/data/share/man/man1/pyledger.1").decode()
    assert f'.TH PYLEDGER 1 "" "pyledger {pyledger.__version__}"' in manual


def test_the_version_is_written_in_one_place() -> None:
    written = f'"{pyledger.__version__}"'
    ours = [name for name in kept("pyledger", "pyproject.toml") if not name.endswith(".json")]  # those of others
    places = [name for name in ours if written in (ROOT / name).read_text("utf-8")]
    assert places == ["pyledger/__init__.py"]


def test_archives_built_twice_are_the_same_to_the_byte(tmp_path: Path) -> None:
    """Whatever the folder, the clock, the times and the modes of files are; and the wheel of the source archive too."""
    digests, epoch = [], {"SOURCE_DATE_EPOCH": "1700000000"}
    for number, folder in enumerate((tmp_path / "one", tmp_path / "elsewhere" / "two")):
        for name in kept():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name if number == 0 else tmp_path / "one" / name, folder / name)
            (folder / name).chmod(0o600 if number else 0o644)
            os.utime(folder / name, (1_000_000_000 + number, 1_000_000_000 + number))
        built = build(folder, tmp_path / f"built-{number}", **epoch)
        digests.append({end: hashlib.sha256(path.read_bytes()).hexdigest() for end, path in built.items()})
    assert digests[0] == digests[1]
    assert set(digests[0]) == {".whl", ".gz"}
    with tarfile.open(tmp_path / "built-0" / f"{NAME}.tar.gz") as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    again = build(tmp_path / "unpacked" / NAME, tmp_path / "again", "wheel", **epoch)[".whl"]
    assert hashlib.sha256(again.read_bytes()).hexdigest() == digests[0][".whl"]
