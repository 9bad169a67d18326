"""Packages stand one above the other: each imports what is below it alone, as the map of the code says."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    import pytest

CONFIGURATION = ROOT / "pyproject.toml"


def test_nothing_imports_what_stands_higher_and_no_circle_is_closed() -> None:
    program = str(Path(sys.executable).with_name("lint-imports"))
    done = subprocess.run([program, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_map_gives_the_order_that_is_kept() -> None:
    layers, _ = tomllib.loads(CONFIGURATION.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    kept = [set(layer.split(" | ")) for layer in layers["layers"]]
    lines = re.findall(r"^\d+\. (`.*)$", (ROOT / "fetcher" / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = [set(re.findall(r"`(\w+)", line)) for line in lines]
    assert told == kept[-len(told) :]


def test_the_map_is_what_the_docstrings_say(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / ".ci" / "map.py"), run_name="__main__")
    assert capsys.readouterr().out == (ROOT / "fetcher" / "README.md").read_text(encoding="utf-8"), (
        "run .ci/map.py > fetcher/README.md"
    )


def test_no_module_is_longer_than_a_reader_keeps_in_mind() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "fetcher").rglob("*.py")}
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_a_package_says_what_it_is_for_and_imports_nothing() -> None:
    """What it imported, whoever starts would wait for, whatever part of the package they need."""
    for path in (ROOT / "fetcher").glob("*/**/__init__.py"):
        said = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(said), path
        assert len(said.body) == 1, path
