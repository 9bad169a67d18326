"""The memory of shards: cut out of one file, and put together in one again."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fetcher.memory.memory import Base
from fetcher.memory.serialization import RunSummary
from fetcher.memory.state import MIGRATIONS, State
from fetcher.report import merging
from fetcher.report.merging import StateError
from tests.test_state import NOW, memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

A, B, C, SURROGATE = "http://a.test/", "http://b.test/", "http://c.test/", "http://d.test/\udcff"
LATER = NOW + timedelta(days=1)


def remembered(path: Path) -> dict[str, object]:
    with State(path) as state:
        assert state.troubles == []
        return {
            url: (state.recall(url), state.base(url, "one.md"), state.base(url, "two.md"))
            for url in (A, B, C, SURROGATE)
        }


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "whole.sqlite"
    with State(path) as state:
        for url in (A, B, SURROGATE):
            state.keep(memory(url))
            state.keep_base(url, "one.md", Base(f"one of {url!r}", None), NOW)
        state.keep_base(A, "two.md", Base("two", None), NOW)
        state.keep_run(RunSummary(NOW, LATER, 3, {"unchanged": 3}))
    return path


def test_what_is_cut_apart_is_whole_again_when_it_is_put_together(whole: Path, tmp_path: Path) -> None:
    before = remembered(whole)
    parts = [tmp_path / f"{number}.sqlite" for number in range(3)]
    for urls, part in zip([(A,), (), (B, SURROGATE, C)], parts, strict=True):
        merging.extract_state(whole, urls, part)
    assert remembered(parts[0])[A] == before[A]
    with State(parts[0]) as state:
        assert list(state.verified()) == [A]
    merging.merge_states(parts, tmp_path / "again.sqlite")
    assert remembered(tmp_path / "again.sqlite") == before


def test_of_a_page_in_several_files_the_last_visit_counts_in_whatever_order(whole: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.sqlite"
    merging.extract_state(whole, (A, B), fresh)
    with State(fresh) as state:
        state.keep(memory(A, when=LATER))
        state.keep_base(A, "one.md", Base("later", None), LATER)
    for number, parts in enumerate([(whole, fresh), (fresh, whole)]):
        merging.merge_states(parts, tmp_path / f"merged{number}.sqlite")
        with State(tmp_path / f"merged{number}.sqlite") as state:
            assert state.recall(A) == memory(A, when=LATER)
            assert state.base(A, "one.md") == Base("later", None)
            assert state.base(A, "two.md") == Base("two", None)
            assert state.recall(B) == memory(B)


def test_the_history_of_runs_stays_that_of_the_file_that_is_added_to(whole: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.sqlite"
    with State(part) as state:
        state.keep_run(RunSummary(LATER, LATER, 1, {}))
    merging.merge_states([part], whole)
    with State(whole) as state:
        assert [run.started for run in state.runs(9)] == [NOW]


def test_a_base_whose_file_was_not_written_is_left_as_it_was(whole: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.sqlite"
    with State(part) as state:
        for path in ("one.md", "two.md"):
            state.keep_base(A, path, Base("later", None), LATER)
    merging.merge_states([part], whole, without={"one.md"})
    with State(whole) as state:
        assert state.base(A, "one.md") == Base(f"one of {A!r}", None)
        assert state.base(A, "two.md") == Base("later", None)


def test_nothing_is_remembered_where_there_is_no_file_yet(tmp_path: Path) -> None:
    merging.extract_state(tmp_path / "missing.sqlite", [A], tmp_path / "part.sqlite")
    with State(tmp_path / "part.sqlite") as state:
        assert state.verified() == {}
    assert not (tmp_path / "missing.sqlite").exists()


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[2048:] = bytes(len(data) - 2048)
    path.write_bytes(data)


def be_foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (a)")


def be_newer(path: Path) -> None:
    with sqlite3.connect(path) as later:
        later.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "bad.sqlite is missing"),
        (lambda path: path.write_text("text, and a lot of it" * 99), "bad.sqlite is damaged"),
        (damage, r"bad.sqlite cannot be used \(.*malformed"),
        (be_foreign, "bad.sqlite is no memory of this program"),
        (be_newer, "bad.sqlite was written by a later version"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_nothing_is_added(
    whole: Path, tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    good, bad = tmp_path / "good.sqlite", tmp_path / "bad.sqlite"
    with State(good) as state:
        for number in range(200):
            state.keep(memory(f"{C}{number}"))
    bad.write_bytes(good.read_bytes())
    spoil(bad)
    before = remembered(whole)
    with State(whole) as state:
        pages = state.verified()
    with pytest.raises(StateError, match=said):
        merging.merge_states([good, bad], whole)
    assert remembered(whole) == before
    with State(whole) as state:
        assert state.verified() == pages
