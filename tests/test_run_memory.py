"""What a run remembers decides what the next one does; without memory all works the same."""

from __future__ import annotations

import json
import sqlite3
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from fetcher.memory.memory import Absence
from fetcher.memory.state import State
from fetcher.seeds import folder
from tests.conftest import STAMP
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

WORDS = "abcdefghij    "


def text(seed: int, sentences: int = 40) -> str:
    chance = Random(seed)
    return "\n".join(f"{''.join(chance.choices(WORDS, k=70))} matter {number}." for number in range(sentences))


def test_a_page_that_lost_most_of_its_text_is_believed_at_the_second_run(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    whole, cut = page(text(1)), page(text(1, 10))
    path = seeds.add("a.md", site.says("/a", whole, cut))
    assert crawl().outcomes == {"a.md": "filled"}
    before = path.read_bytes()
    assert crawl().why("a.md") == ("broken", "shrunk")
    assert path.read_bytes() == before
    assert crawl().why("a.md") == ("changed", "")
    assert "matter 30." not in path.read_text()


def test_such_a_page_is_believed_though_a_part_of_it_is_another_each_time(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    rotating = (page(f"{text(number, 2)}\n{text(1, 10)}") for number in range(2, 9))
    path = seeds.add("a.md", site.says("/a", page(text(1)), *rotating))
    crawl()
    assert crawl().why("a.md") == ("broken", "shrunk")
    assert crawl().why("a.md") == ("changed", "")
    body = path.read_text()
    assert "matter 9." in body
    assert "matter 10." not in body


def test_pages_that_are_cut_in_another_place_each_time_are_not_believed(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    lines = text(1).splitlines()
    parts = (page("\n".join(lines[start : start + 10])) for start in (0, 10, 20, 30))
    path = seeds.add("a.md", site.says("/a", page(text(1)), *parts))
    crawl()
    before = path.read_bytes()
    assert [crawl().why("a.md") for _ in range(4)] == [("broken", "shrunk")] * 4
    assert path.read_bytes() == before


def test_without_memory_such_a_page_is_believed_when_the_user_says_so(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page(text(1)), page(text(1, 10))))
    crawl()
    for _ in range(2):
        assert crawl(REFRESH_STATE="/dev/null/none").why("a.md") == ("broken", "shrunk")
    assert crawl("accept=shrunk", REFRESH_STATE="/dev/null/none").outcomes == {"a.md": "changed"}


def test_a_page_that_is_missed_for_a_day_is_gone_and_its_seed_stays(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    url = site.says("/a", page(text(1)), Answer("no", 404))
    path = seeds.add("a.md", url)
    crawl()
    before = path.read_bytes()
    assert crawl().why("a.md") == ("failed", "http-404")
    first = datetime.now(UTC) - timedelta(days=2)
    with State(seeds.folder.parent / "state.sqlite") as state:
        memory = state.recall(url)
        assert memory.absence
        state.keep(replace(memory, absence=Absence(404, first, 1)))
    run = crawl()
    assert run.outcomes == {"a.md": "gone"}
    assert run.of("a.md")["since"] == first.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "remove the seed" in run.of("a.md")["mend"]
    assert path.read_bytes() == before
    assert run.status == 0


def test_a_move_is_dated_from_when_it_was_first_seen(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    there = site.says("/there", page(text(1)))
    seeds.add("a.md", site.says("/a", page(text(1)), Answer("", 301, headers={"Location": there})))
    crawl()
    first, second = crawl().of("a.md"), crawl().of("a.md")
    assert (first["outcome"], second["outcome"]) == ("moved", "moved")
    assert first["since"] == second["since"]
    assert there in second["detail"]


def test_a_move_is_written_where_that_is_wanted(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    there = site.says("/there", page(text(1)))
    url = site.says("/a", page(text(1)), Answer("", 301, headers={"Location": there}))
    path = seeds.add("a.md", url + "#part")
    crawl()
    before = path.read_text()
    crawl()
    assert path.read_text() == before
    run = crawl("follow_moves=true")
    assert run.outcomes == {"a.md": "moved"}
    assert run.of("a.md")["mend"] == "Nothing: its source_url gets the new address."
    assert path.read_text() == before.replace(url, there)
    assert crawl().outcomes == {"a.md": "unchanged"}


def test_a_move_that_is_written_at_first_sight_asks_nobody_to_write_it(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    there = site.says("/there", page(text(1)))
    seeds.add("a.md", site.says("/a", Answer("", 301, headers={"Location": there})), text(1))
    assert "follow_moves" not in crawl("follow_moves=true").of("a.md")["mend"]


def test_a_page_that_was_seen_lately_is_not_old_whatever_its_stamp(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page(text(1))))
    crawl()
    path = seeds.folder / "a.md"
    path.write_text(path.read_text().replace(path.read_text().split('"')[1], STAMP))
    assert crawl("older_than=1d").outcomes == {}
    assert crawl("older_than=1d", REFRESH_STATE="/dev/null/none").outcomes == {"a.md": "unchanged"}


def test_a_title_that_was_the_page_s_own_follows_it_with_the_body(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    new = text(1).replace("matter 7.", "another matter.")
    title = "It's: \"new\"</script>\n# and\\odd --- 'very' <b>"
    seeds.add("a.md", site.says("/a", page(text(1)), page(new, title)))
    crawl()
    assert crawl().outcomes == {"a.md": "changed"}
    seed = folder.load(seeds.folder, "a.md")
    assert seed
    assert seed.title == title.replace("\n", " ")
    assert crawl().outcomes == {"a.md": "unchanged"}


def test_a_run_that_loses_its_pages_stops_writing_says_so_first_and_fails(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    sorry = page("Sorry, we could not find that page.", "Page not found")
    for number in range(8):
        seeds.add(f"{number}.md", site.says(f"/{number}", page(text(number)), sorry if number < 6 else page(text(99))))
    crawl()
    before = seeds.texts()
    run = crawl(CONCURRENT_REQUESTS_PER_DOMAIN="1", DOWNLOAD_DELAY="0.02")
    assert run.report["notes"][0].startswith(f"Writing stopped for 127.0.0.1:{site.port}, as 5 of 5 pages")
    assert run.out.startswith("Writing stopped")
    assert run.report["counts"]["broken"] + run.report["counts"]["skipped"] == 8
    assert seeds.texts() == before
    assert run.status == 1


def test_a_page_that_comes_back_as_another_each_time_is_not_written(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    banners = [f"{text(1)}\nBanner number {number * 7919} of this hour" for number in range(9)]
    path = seeds.add("a.md", site.says("/a", *map(page, banners)))
    forgetful = {"REFRESH_STATE": "/dev/null/none"}
    crawl(**forgetful)
    before = path.read_bytes()
    for _ in range(3):
        run = crawl(**forgetful)
        assert run.outcomes == {"a.md": "unchanged"}
        assert [held["reason"] for held in run.of("a.md")["held_back"]] == ["unconfirmed"]
    assert path.read_bytes() == before
    assert site.pages_asked() == ["/a"] * 7
    assert crawl(REFRESH_CONFIRM="False", **forgetful).outcomes == {"a.md": "changed"}


def test_each_run_is_kept_with_its_counts_and_notes_but_no_dry_one(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    before = datetime.now(UTC)
    seeds.add("a.md", site.says("/a", page(text(1))))
    reports = [crawl().report, crawl("older_than=1d").report]
    crawl("dry_run=true")
    with State(seeds.folder.parent / "state.sqlite") as state:
        last, first = state.runs(10)
    assert before < first.started < first.finished < last.started < last.finished
    assert (first.found, first.counts) == (1, {"filled": 1})
    assert (last.found, last.counts) == (0, {})
    assert [list(run.notes) for run in (first, last)] == [report["notes"] for report in reports]


def test_a_dry_run_asks_once_and_remembers_nothing(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page(text(1)), page(text(1).replace("matter 7.", "another matter."))))
    crawl()
    for _ in range(2):
        assert crawl("dry_run=true").outcomes == {"a.md": "changed"}
    assert site.pages_asked() == ["/a"] * 3


def test_a_state_that_others_have_scribbled_in_costs_its_rows_and_no_run(
    site: Site, seeds: Seeds, crawl: Crawl, tmp_path: Path
) -> None:
    seeds.add("a.md", site.says("/a", page("The text of a page.")))
    crawl()
    database = sqlite3.connect(tmp_path / "state.sqlite")
    foreign = zlib.compress(json.dumps({"visits": 7, "final_url": None, "good": 10**30}).encode())
    database.execute("UPDATE pages SET memory = ?, verified = ?", [foreign, 10**18])
    database.execute("UPDATE runs SET summary = 'not JSON'")
    database.commit()
    database.close()
    run = crawl()
    assert (run.status, run.outcomes) == (0, {"a.md": "unchanged"})
    assert [note for note in run.report["notes"] if "damaged in places" in note]
    assert not [note for note in crawl().report["notes"] if "damaged in places" in note]
