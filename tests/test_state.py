"""What is remembered between runs, and what becomes of the file that holds it."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.memory import serialization
from fetcher.memory.fingerprint import Validators
from fetcher.memory.memory import Absence, Base, Doubt, Memory, Visit
from fetcher.memory.serialization import RunSummary, unpack_visits
from fetcher.memory.state import APPLICATION, MIGRATIONS, State
from fetcher.merge.place_history import Place
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://example.org/page"

seconds = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))
counts = st.integers(0, 10**9)
visits = st.builds(
    Visit,
    when=seconds,
    outcome=st.sampled_from(Outcome),
    reason=st.text(max_size=20),
    status=st.none() | st.integers(100, 599),
    words_added=counts,
    words_removed=counts,
)
memories = st.builds(
    Memory,
    url=st.just(URL),
    verified=st.none() | seconds,
    good=st.none() | seconds,
    final_url=st.text(),
    validators=st.builds(Validators, st.text(), st.text()),
    trusted=st.booleans(),
    digest=st.binary(),
    shown=st.binary(),
    fingerprint=st.binary(),
    unsettled=st.booleans(),
    absence=st.none() | st.builds(Absence, st.sampled_from([404, 410]), seconds, counts),
    doubt=st.none() | st.builds(Doubt, st.text(), st.text(), seconds),
    visits=st.lists(visits).map(tuple),
    folded=st.dictionaries(st.text(), st.dictionaries(st.text(), counts, min_size=1)),
    places=st.dictionaries(st.text(), st.builds(Place, st.text(), st.lists(st.text()).map(tuple))),
)


def memory(url: str = URL, *, when: datetime = NOW, outcome: Outcome = Outcome.UNCHANGED) -> Memory:
    return Memory(url=url, verified=when, good=when, visits=(Visit(when=when, outcome=outcome),))


def schema(database: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = database.execute("SELECT name, coalesce(sql, '') FROM sqlite_master ORDER BY name")
    return [(name, " ".join(sql.split())) for name, sql in rows]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


@given(memories)
def test_a_memory_comes_back_as_it_was_packed(given: Memory) -> None:
    assert serialization.unpack(URL, serialization.pack(given)) == given


@given(st.binary())
def test_bytes_that_are_no_memory_are_refused_by_name(junk: bytes) -> None:
    with pytest.raises(ValueError, match="not "):
        serialization.unpack(URL, junk)


def test_what_one_run_keeps_the_next_recalls(path: Path) -> None:
    summary = RunSummary(started=NOW, finished=NOW, found=2, counts={"unchanged": 2}, notes=("A note.",))
    with State(path) as state:
        state.keep(memory())
        state.keep_base(URL, "a.md", Base("Text", "Title"), NOW)
        state.keep_run(summary)
    with State(path) as state:
        assert state.recall(URL) == memory()
        assert state.recall(URL + "/other") == Memory(url=URL + "/other")
        assert state.verified() == {URL: NOW}
        assert state.base(URL, "a.md") == Base("Text", "Title")
        assert state.base(URL, "b.md") is None
        assert state.runs(5) == [summary]
        assert state.troubles == []


def test_addresses_and_paths_of_any_bytes_are_remembered(path: Path) -> None:
    address, name = "https://example.org/\ud800", os.fsdecode(b"\xff.md")
    with State(path) as state:
        state.keep(memory(address))
        state.keep_base(address, name, Base("x", None), NOW)
        assert state.recall(address) == memory(address)
        assert state.base(address, name) == Base("x", None)
        assert state.troubles == []


def test_only_the_last_thousand_runs_are_remembered(path: Path) -> None:
    with State(path) as state:
        for hour in range(1010):
            at = NOW + timedelta(hours=hour)
            state.keep_run(RunSummary(started=at, finished=at, found=0, counts={}))
        assert len(state.runs(2000)) == 1000
        assert state.runs(1)[0].started == NOW + timedelta(hours=1009)


def test_without_a_file_everything_works_and_nothing_is_remembered() -> None:
    with State(None) as state:
        state.keep(memory())
        state.keep_base(URL, "a.md", Base("", None), NOW)
        assert state.recall(URL) == Memory(url=URL)
        assert state.base(URL, "a.md") is None
        assert state.verified() == {}
        assert state.runs(1) == []
        assert state.troubles == []


def test_a_dry_run_recalls_and_keeps_nothing(path: Path) -> None:
    with State(path) as state:
        state.keep(memory())
    with State(path, keeps=False) as state:
        state.keep(memory(when=NOW + timedelta(days=1)))
        assert state.recall(URL) == memory()
    with State(path) as state:
        assert state.recall(URL) == memory()


def test_a_dry_run_makes_no_file(path: Path) -> None:
    with State(path, keeps=False) as state:
        state.keep(memory())
    assert not path.exists()
    assert state.troubles == []


def test_a_file_that_is_only_read_stays_as_it_is_to_the_byte(path: Path, tmp_path: Path) -> None:
    with State(path) as state:
        state.keep(memory())
    before = path.read_bytes()
    with State(path, keeps=False) as state:
        state.recall(URL)
        assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_run_that_remembers_nothing_new_does_not_write_to_the_file(path: Path) -> None:
    with State(path) as state:
        state.keep(Memory(url=URL))
    before = path.read_bytes()
    with State(path) as state:
        assert state.recall(URL) == Memory(url=URL)
    assert path.read_bytes() == before


def test_reading_sees_what_a_run_has_kept_so_far_and_does_not_hold_it_up(path: Path) -> None:
    news = memory(outcome=Outcome.CHANGED)
    with State(path) as run:
        run.keep(news)
        with State(path, keeps=False) as state:
            visits = state.each(unpack_visits)
            url, (_, last) = next(visits)
            assert (url, last) == (URL, news.visits[-1])
            run.keep(memory(URL + "2"))
            assert run.recall(URL + "2") == memory(URL + "2")
            assert state.troubles == []
        assert run.troubles == []


def test_pages_without_news_are_written_together_with_the_next_that_has_some(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fetcher.memory.state._LATEST", 3600)
    with State(path) as run, State(path) as reader:
        run.keep(memory(URL + "1"))
        run.keep(memory(URL + "2"))
        assert reader.verified() == {}
        run.keep(memory(URL + "3", outcome=Outcome.GONE))
        assert reader.verified() == dict.fromkeys([URL + "1", URL + "2", URL + "3"], NOW)


def test_pages_that_wait_to_be_written_are_remembered_at_once(path: Path) -> None:
    later = NOW + timedelta(days=1)
    with State(path) as state:
        state.keep(memory())
        assert state.recall(URL) == memory()
        state.keep(memory(when=later))
        assert state.verified_at(URL) == later
        state.keep(memory(URL + "2"))
        assert [url for url, _ in state.each(unpack_visits)] == [URL, URL + "2"]


@pytest.mark.parametrize("made", [b"no database" * 200, "foreign", "newer"])
def test_a_file_that_is_only_read_and_is_no_state_of_ours_stays_in_its_place(
    path: Path, tmp_path: Path, made: bytes | str
) -> None:
    if isinstance(made, bytes):
        path.write_bytes(made)
    else:
        database = sqlite3.connect(path)
        database.executescript(
            f"PRAGMA application_id={1 if made == 'foreign' else APPLICATION}; PRAGMA user_version=99"
        )
        database.execute("CREATE TABLE t (a)")
        database.close()
    before = path.read_bytes()
    with State(path, keeps=False) as state:
        assert state.recall(URL) == Memory(url=URL)
        assert list(state.each(unpack_visits)) == []
        assert len(state.troubles) == 1
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_closed_state_is_one_file_that_can_go_to_another_machine(path: Path, tmp_path: Path) -> None:
    with State(path) as state:
        state.keep(memory())
    assert list(tmp_path.iterdir()) == [path]
    elsewhere = tmp_path / "elsewhere.sqlite"
    elsewhere.write_bytes(path.read_bytes())
    with State(elsewhere) as state:
        assert state.recall(URL) == memory()


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_a_file_of_any_earlier_version_is_brought_up_and_keeps_what_it_holds(
    path: Path, tmp_path: Path, version: int
) -> None:
    old = sqlite3.connect(path)
    for script in MIGRATIONS[:version]:
        old.executescript(script)
    if version:
        row = (URL, 0, 0, serialization.pack(memory()))
        old.execute("INSERT INTO pages VALUES (?, ?, ?, ?)", row)
        old.execute(f"PRAGMA application_id = {APPLICATION}")
    old.execute(f"PRAGMA user_version = {version}")
    old.commit()
    old.close()
    State(tmp_path / "new.sqlite").close()
    with State(path) as state:
        assert state.recall(URL) == (memory() if version else Memory(url=URL))
        assert state.troubles == []
    assert schema(sqlite3.connect(path)) == schema(sqlite3.connect(tmp_path / "new.sqlite"))


def foreign(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (value)")
    other.commit()
    other.close()


def newer(path: Path) -> None:
    State(path).close()
    later = sqlite3.connect(path)
    later.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    later.close()


def scribbled(path: Path) -> None:
    with State(path) as state:
        state.keep(memory())
    path.write_bytes(b"\x07" * 50 + path.read_bytes()[50:])


def text(path: Path) -> None:
    path.write_text("No database.\n")


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (foreign, "state.foreign.sqlite"),
        (newer, "state.newer.sqlite"),
        (scribbled, "state.corrupt.sqlite"),
        (text, "state.corrupt.sqlite"),
    ],
)
def test_a_file_that_is_no_state_of_ours_is_set_aside_untouched(path: Path, made: object, name: str) -> None:
    assert callable(made)
    made(path)
    before = path.read_bytes()
    with State(path) as state:
        assert name in state.troubles[0]
        state.keep(memory())
        assert state.recall(URL) == memory()
    assert path.with_name(name).read_bytes() == before


def test_files_set_aside_earlier_stay(path: Path) -> None:
    for _ in range(3):
        text(path)
        State(path).close()
    names = {"state.sqlite", "state.corrupt.sqlite", "state.corrupt2.sqlite", "state.corrupt3.sqlite"}
    assert {place.name for place in path.parent.iterdir()} == names


def test_damage_found_in_the_middle_of_a_run_begins_a_new_file(path: Path) -> None:
    with State(path) as state:
        for number in range(500):
            state.keep(memory(f"{URL}/{number}"))
    content = path.read_bytes()
    path.write_bytes(content[:1024] + random.Random(1).randbytes(len(content) - 1024))
    with State(path) as state:
        for number in range(500):
            state.recall(f"{URL}/{number}")
            state.keep(memory(f"{URL}/{number}"))
        assert state.recall(f"{URL}/499") == memory(f"{URL}/499")
        assert len(state.troubles) == 1
        assert "state.corrupt.sqlite" in state.troubles[0]


def test_a_damaged_page_is_a_page_never_seen(path: Path) -> None:
    with State(path) as state:
        state.keep(memory())
        state.keep_base(URL, "a.md", Base("", None), NOW)
    database = sqlite3.connect(path)
    database.execute("UPDATE pages SET memory = x'00'")
    database.execute("UPDATE bases SET base = x'00'")
    database.commit()
    database.close()
    with State(path) as state:
        assert state.recall(URL) == Memory(url=URL)
        assert state.base(URL, "a.md") is None
        assert state.troubles == [f"{path} is damaged in places: what they held is forgotten."]
    with State(path) as state:
        assert state.recall(URL) == Memory(url=URL)
        assert state.base(URL, "a.md") is None
        assert state.troubles == []


FOREIGN = [
    {"verified": 10**18},
    {"verified": "yesterday"},
    {"final_url": 5},
    {"final_url": "https://example.org/\ud800"},
    {"etag": ["a"]},
    {"digest": "no number"},
    {"absence": [404]},
    {"doubt": ["reason", None, 7]},
    {"visits": [[10**18, "unchanged"]]},
    {"visits": [[7, "no outcome"]]},
    {"visits": [[7, "unchanged", "", "200"]]},
    {"visits": {"a": 1}},
    {"folded": {"2026-01": {"changed": "many"}}},
    {"folded": [1]},
    {"places": ["a"]},
    {"places": {"a": [["b"]]}},
    ["a list"],
]


@pytest.mark.parametrize("values", FOREIGN, ids=map(str, FOREIGN))
def test_a_row_of_foreign_values_is_dropped_with_one_warning(path: Path, values: object) -> None:
    row_of_pages(path, zlib.compress(json.dumps(values).encode()))
    with State(path) as state:
        assert state.recall(URL) == Memory(url=URL)
        assert len(state.troubles) == 1


def test_a_row_of_values_within_values_without_end_is_dropped(path: Path) -> None:
    deep = b'{"places":' + b"[" * sys.getrecursionlimit() + b"]" * sys.getrecursionlimit() + b"}"
    row_of_pages(path, zlib.compress(deep))
    with State(path) as state:
        assert state.recall(URL) == Memory(url=URL)


def row_of_pages(path: Path, packed: bytes) -> None:
    with State(path) as state:
        state.keep(memory())
    database = sqlite3.connect(path)
    database.execute("UPDATE pages SET memory = ?, verified = 'never'", [packed])
    database.commit()
    database.close()


def test_when_a_page_was_verified_is_not_known_where_no_calendar_has_it(path: Path) -> None:
    row_of_pages(path, b"")
    with State(path) as state:
        assert state.verified_at(URL) is None
        assert state.verified() == {}
        assert list(state.each(unpack_visits)) == []


@pytest.mark.parametrize(
    ("started", "summary"),
    [
        (1, "no JSON"),
        (1, "{}"),
        (1, b"\xff\xfe"),
        (1, "[" * 100_000),
        (10**18, '{"finished": 1, "found": 1, "counts": {}, "notes": []}'),
        (1, '{"finished": 1, "found": "many", "counts": {}, "notes": []}'),
        (1, '{"finished": 1, "found": 1, "counts": {"changed": null}, "notes": []}'),
        (1, '{"finished": 1, "found": 1, "counts": {}, "notes": ["\\ud800"]}'),
    ],
)
def test_a_run_that_cannot_be_read_is_left_out_of_the_history(path: Path, started: int, summary: str | bytes) -> None:
    good = RunSummary(NOW, NOW, 1, {"changed": 1}, ("a note",))
    with State(path) as state:
        state.keep_run(good)
    database = sqlite3.connect(path)
    database.execute("INSERT INTO runs VALUES (?, CAST(? AS TEXT))", [started, summary])
    database.commit()
    database.close()
    with State(path) as state:
        assert state.runs(5) == [good]
        assert len(state.troubles) == 1
    with State(path) as state:
        assert state.runs(5) == [good]
        assert state.troubles == []


@pytest.mark.parametrize("place", ["a file/state.sqlite", "a folder"])
def test_a_place_that_cannot_hold_a_file_is_named_and_the_run_goes_on(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "a folder").mkdir()
    with State(tmp_path / place) as state:
        state.keep(memory())
        assert state.recall(URL) == Memory(url=URL)
        assert len(state.troubles) == 1
        assert place in state.troubles[0]


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    with State(tmp_path / "a" / "b" / "state.sqlite") as state:
        state.keep(memory())
        assert state.recall(URL) == memory()


def test_ten_thousand_pages_take_under_fifty_megabytes(path: Path) -> None:
    dice = random.Random(7)
    words = ["".join(dice.choices("etaoinshrdlu", k=dice.randint(2, 9))) for _ in range(4000)]
    ranks = [1 / (rank + 3) for rank in range(4000)]
    packed = serialization.pack_base(Base(" ".join(dice.choices(words, ranks, k=1200)), "A title"))
    full = replace(
        memory(),
        final_url=URL,
        validators=Validators(f'"{dice.randbytes(16).hex()}"', "Sat, 07 Feb 2026 02:58:22 GMT"),
        digest=dice.randbytes(16),
        fingerprint=dice.randbytes(16),
        visits=tuple(
            Visit(
                when=NOW + timedelta(hours=11 * n, seconds=dice.randrange(4000)), outcome=Outcome.UNCHANGED, status=200
            )
            for n in range(50)
        ),
        folded={f"2025-{month:02}": {"unchanged": 60} for month in range(1, 13)},
        places={dice.randbytes(6).hex(): Place("abcdef", ("abcdef", "fedcba") * 6) for _ in range(5)},
    )
    row = serialization.pack(full)
    State(path).close()
    database = sqlite3.connect(path)
    addresses = [f"{URL}s/of/usual/length/number-{number}" for number in range(10_000)]
    database.executemany("INSERT INTO pages VALUES (?, 0, 0, ?)", ((url, row) for url in addresses))
    database.executemany("INSERT INTO bases VALUES (?, 'folder/page.md', 0, ?)", ((url, packed) for url in addresses))
    database.commit()
    database.close()
    State(path).close()
    assert path.stat().st_size < 50_000_000


def test_beyond_its_bound_the_oldest_bases_are_forgotten_and_then_the_oldest_pages(path: Path) -> None:
    with State(path) as state:
        for day in range(300):
            at = NOW + timedelta(days=day)
            state.keep(memory(f"{URL}/{day}", when=at))
            state.keep_base(f"{URL}/{day}", "a.md", Base(random.Random(day).randbytes(2000).hex(), None), at)
    with State(path, most=400_000):
        pass
    with State(path, most=40_000) as state:
        assert path.stat().st_size <= 400_000
        assert state.base(f"{URL}/0", "a.md") is None
        assert state.base(f"{URL}/299", "a.md") is not None
        assert len(state.verified()) == 300
    with State(path) as state:
        assert path.stat().st_size <= 40_000
        assert 0 < len(state.verified()) < 300
        assert state.recall(f"{URL}/299") == memory(f"{URL}/299", when=NOW + timedelta(days=299))
