"""The state under two processes at once, under kill -9, and on a full disk."""

from __future__ import annotations

import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fetcher.memory.memory import Memory, Visit
from fetcher.memory.state import State
from fetcher.terms.outcomes import Outcome
from tests.conftest import PATIENCE
from tests.test_state import NOW, URL, memory

ROOT = Path(__file__).parent.parent

# Keeps pages until it is killed, or as many as it is told; each has as many visits as it is the number of.
WRITER = """
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from fetcher.memory.memory import Base, Memory, Visit
from fetcher.terms.outcomes import Outcome
from fetcher.memory.state import State

path, name, most = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
now = datetime(2026, 3, 1, 12, tzinfo=UTC)
state = State(path)
print("open", flush=True)
for number in range(most) if most else count():
    visits = (Visit(when=now, outcome=Outcome.UNCHANGED),) * (number % 50)
    state.keep(Memory(url=f"{name}/{number % 200}", visits=visits))
    state.keep_base(f"{name}/{number % 200}", "a.md", Base(str(number) * 500, None), now)
state.close()
print(*state.troubles)
"""


def writer(path: Path, name: str, most: int = 0) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WRITER, str(path), name, str(most)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def is_whole(path: Path) -> bool:
    database = sqlite3.connect(path)
    try:
        return bool(database.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    finally:
        database.close()


def test_killed_at_any_moment_the_state_opens_again_and_every_page_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    dice = random.Random(20)
    for _ in range(10):
        process = writer(path, URL)
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        time.sleep(dice.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with State(path) as state:
            assert state.troubles == []
            for number in range(200):
                known = state.recall(f"{URL}/{number}")
                assert len(known.visits) in (0, *range(number % 50, 1000, 50))
    assert is_whole(path)


def test_killed_while_it_makes_the_file_the_next_run_makes_it(tmp_path: Path) -> None:
    dice = random.Random(21)
    for attempt in range(5):
        path = tmp_path / f"{attempt}.sqlite"
        process = writer(path, URL)
        while not path.exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(dice.uniform(0, 0.004))
        process.kill()
        process.communicate()
        with State(path) as state:
            state.keep(memory())
            assert state.recall(URL) == memory()
            assert state.troubles == []


def test_processes_on_one_new_state_lose_nothing_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    processes = [writer(path, name, 400) for name in ("one", "two", "three")]
    said = [process.communicate(timeout=PATIENCE)[0] for process in processes]
    assert said == ["open\n\n"] * 3
    with State(path) as state:
        for name in ("one", "two", "three"):
            assert [len(state.recall(f"{name}/{number}").visits) for number in range(200)] == [*range(50)] * 4
    assert is_whole(path)
    assert [place.name for place in tmp_path.iterdir()] == [path.name]


def filled(state: State) -> None:
    for number in range(2000):
        visits = tuple(Visit(when=NOW, outcome=Outcome.FAILED, reason=str(number * k)) for k in range(50))
        state.keep(Memory(url=f"{URL}/{number}", visits=visits))


def test_a_full_disk_ends_the_remembering_and_nothing_else(small_disk: Path) -> None:
    path, ballast = small_disk / "state.sqlite", small_disk / "ballast"
    ballast.write_bytes(bytes(100_000))
    with State(path) as state:
        filled(state)
        assert len(state.recall(f"{URL}/1").visits) == 50
    assert len(state.troubles) == 1
    assert "full" in state.troubles[0]
    ballast.unlink()
    with State(path) as state:
        assert len(state.recall(f"{URL}/1").visits) == 50


def test_a_disk_without_room_for_a_new_file_leaves_the_run_without_memory(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(bytes(1_000_000))
    with State(small_disk / "state.sqlite") as state:
        state.keep(memory())
        assert state.recall(URL) == Memory(url=URL)
    assert len(state.troubles) == 1


def test_a_file_that_may_not_grow_ends_the_remembering_and_nothing_else(tmp_path: Path) -> None:
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = tmp_path / "state.sqlite"
    with State(path) as state:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
        try:
            filled(state)
            assert len(state.recall(f"{URL}/1").visits) == 50
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, ignored)
    assert len(state.troubles) == 1
    assert is_whole(path)
