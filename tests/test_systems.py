"""What stands for other systems, as far as it can be tried on this one."""

from __future__ import annotations

import importlib.util
import os
import re
import struct
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.seeds import lock
from fetcher.terms.arguments import Shard
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

POSIX = re.compile(r"^(?:import|from) (?:fcntl|pty|tty|termios|resource|pwd|grp|curses)\b", re.MULTILINE)


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of locks as Windows loads it, on Linux's locks of bytes that belong to an open file."""
    fcntl = pytest.importorskip("fcntl")
    if not hasattr(fcntl, "F_OFD_SETLK"):
        pytest.skip("there are no such locks here")

    def locking(handle: int, _: int, size: int) -> None:
        start = os.lseek(handle, 0, os.SEEK_CUR)
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, start, size, 0))

    msvcrt = ModuleType("msvcrt")
    vars(msvcrt).update(locking=locking, LK_NBLCK=2)
    found = importlib.util.spec_from_file_location("fetcher.seeds.lock_of_windows", str(lock.__file__))
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "msvcrt", msvcrt)
        patched.setattr(sys, "platform", "win32")
        found.loader.exec_module(module)
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setattr(module, "_place", lambda: place)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, None),
        (None, Shard(1, 4)),
        (Shard(1, 4), None),
        (Shard(1, 4), Shard(1, 4)),
        (Shard(1, 4), Shard(2, 3)),
    ],
)
def test_on_windows_too_runs_that_may_share_a_seed_exclude_each_other(
    windows: Any, folder: Path, one: Shard | None, other: Shard | None
) -> None:
    with windows.hold(folder, one), pytest.raises(windows.LockedError), windows.hold(folder, other):
        pass
    with windows.hold(folder, other):
        assert not list(folder.iterdir())


def test_on_windows_too_shards_of_one_number_run_side_by_side_and_a_lock_needs_a_folder(
    windows: Any, folder: Path
) -> None:
    with windows.hold(folder, Shard(1, 2)), windows.hold(folder, Shard(2, 2)):
        pass
    with pytest.raises(FileNotFoundError), windows.hold(folder / "missing"):
        pass


def test_nothing_that_windows_lacks_is_loaded_with_the_program() -> None:
    loading = {path.name for path in (ROOT / "fetcher").rglob("*.py") if POSIX.search(path.read_text("utf-8"))}
    assert loading == set()
