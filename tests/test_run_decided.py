"""A person accepts or refuses what was held back, by the IDs of the last report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from fetcher.commands import accept, refuse
from fetcher.report.groups import HeldBackKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]
    Decide = Callable[..., int]

TEXT = "The ringing room is open on Sundays, and whoever wants to learn how bells are rung may come and try it."
LATE = "Nobody rings <mark>after nine</mark> in the evening."
BOOK = 'Ask <a href="/book">the steward</a> for a place.'
PAGE = f"<html><body><main><p>{TEXT}</p><p>{LATE}</p><p>{BOOK}</p></main></body></html>"
MARKED = "Nobody rings ==after nine== in the evening."


@pytest.fixture
def seed(site: Site, seeds: Seeds, crawl: Crawl) -> Path:
    url = site.says("/a", PAGE)
    asked = f"Ask the steward ({url.removesuffix('/a')}/book) for a place."
    path = seeds.add("a.md", url, f"\n{TEXT}\n\n{MARKED}\n\n{asked}\n")
    assert crawl().outcomes == {"a.md": "unchanged"}
    return path


@pytest.fixture
def decide(seeds: Seeds, tmp_path: Path) -> Decide:
    def run(command: type[accept.Command], *words: str) -> int:
        made = command()
        made.settings = Settings(
            {
                "SEEDS_DIR": str(seeds.folder),
                "REPORT_DIR": str(tmp_path / "reports"),
                "REFRESH_STATE": str(tmp_path / "state.sqlite"),
            }
        )
        made.exitcode = 0
        made.run(list(words), None)  # type: ignore[arg-type]  # it has no options of its own
        return made.exitcode

    return run


def ids(run: Run, word: str) -> list[str]:
    return [held["id"] for held in run.of("a.md")["held_back"] if word in held["removed"]]


@pytest.mark.usefixtures("seed")
def test_what_is_held_back_is_listed_with_the_same_ids_until_a_person_decides(site: Site, crawl: Crawl) -> None:
    first = crawl()
    site.says("/a", PAGE.replace("<main>", "<main class=new>"))
    assert ids(first, "=") == ids(crawl(), "=")
    assert len(set(ids(first, "="))) == 2


def test_an_accepted_change_is_written_by_the_next_run_and_no_other(seed: Path, crawl: Crawl, decide: Decide) -> None:
    before = seed.read_text()
    assert decide(accept.Command, "a.md", *ids(crawl(), "=")) == 0
    run = crawl()
    assert run.outcomes == {"a.md": "changed"}
    assert seed.read_text().partition("title")[2] == before.partition("title")[2].replace("==", "")
    assert ids(run, "book")
    assert crawl().outcomes == {"a.md": "unchanged"}


def test_a_refused_change_is_not_listed_again(seed: Path, crawl: Crawl, decide: Decide) -> None:
    before = seed.read_text()
    assert decide(refuse.Command, "a.md", *ids(crawl(), "book")) == 0
    run = crawl()
    assert (ids(run, "book"), bool(ids(run, "=")), seed.read_text()) == ([], True, before)


def counted(readers: int) -> str:
    return f"<html><body><main><p>{TEXT}</p><p>{readers} views</p></main></body></html>"


READ = f"\n{TEXT}\n\n39 views\n"


def test_a_counter_that_is_refused_is_not_listed_again_however_it_counts_on(
    site: Site, seeds: Seeds, crawl: Crawl, decide: Decide
) -> None:
    seeds.add("a.md", site.says("/a", counted(40)), READ)
    (first,) = ids(crawl(), "39")
    site.says("/a", counted(41))
    assert ids(crawl(), "39") == [first]
    assert decide(refuse.Command, "a.md", first) == 0
    site.says("/a", counted(42))
    assert ids(crawl(), "39") == []


def test_a_counter_that_is_accepted_is_written_as_it_is_by_then(
    site: Site, seeds: Seeds, crawl: Crawl, decide: Decide
) -> None:
    path = seeds.add("a.md", site.says("/a", counted(40)), READ)
    assert decide(accept.Command, "a.md", *ids(crawl(), "39")) == 0
    site.says("/a", counted(41))
    assert crawl().outcomes == {"a.md": "changed"}
    assert "41 views" in path.read_text()
    site.says("/a", counted(42))
    assert crawl().outcomes == {"a.md": "unchanged"}


@pytest.mark.usefixtures("seed")
@pytest.mark.parametrize("command", [accept.Command, refuse.Command])
def test_what_a_person_has_decided_is_not_pending_any_more(
    command: type[accept.Command], crawl: Crawl, decide: Decide, capsys: pytest.CaptureFixture[str]
) -> None:
    run = crawl()
    assert decide(command, "a.md", *ids(run, "book")) == 0
    capsys.readouterr()
    assert decide(accept.Command, "a.md") == 0
    printed = capsys.readouterr().out
    shown = {one: one in printed for one in ids(run, "")}
    assert [one for one, is_there in shown.items() if not is_there] == ids(run, "book")


@pytest.mark.usefixtures("seed")
def test_without_ids_those_that_are_pending_are_printed(
    crawl: Crawl, decide: Decide, capsys: pytest.CaptureFixture[str]
) -> None:
    pending = ids(crawl(), "")
    assert decide(accept.Command, "a.md") == 0
    printed = capsys.readouterr().out
    assert [one in printed for one in pending] == [True] * len(pending)


@pytest.mark.usefixtures("seed")
def test_what_an_earlier_run_held_back_can_be_decided_after_one_for_other_pages(
    site: Site, seeds: Seeds, crawl: Crawl, decide: Decide, capsys: pytest.CaptureFixture[str]
) -> None:
    pending = ids(crawl(), "book")
    seeds.add("b.md", site.says("/b", PAGE), f"\n{TEXT}\n")
    crawl("path=b.md")
    assert decide(accept.Command, "a.md") == 0
    assert pending[0] in capsys.readouterr().out
    assert decide(refuse.Command, "a.md", *pending) == 0
    assert ids(crawl(), "book") == []


@pytest.mark.usefixtures("seed")
@pytest.mark.parametrize("words", [(), ("b.md",), ("a.md", "00000000")])
def test_what_nobody_has_asked_for_is_refused(decide: Decide, words: tuple[str, ...]) -> None:
    assert decide(accept.Command, *words) == 2


def test_a_dry_run_leaves_nothing_that_could_be_accepted(
    site: Site, seeds: Seeds, crawl: Crawl, decide: Decide, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds.add("a.md", site.says("/a", PAGE), f"\n{TEXT}\n\n{MARKED}\n\nAsk the steward for a place.\n")
    (one, *_) = ids(crawl("dry_run=true"), "=")
    assert decide(accept.Command, "a.md", one) == 2
    assert "a dry run remembers nothing" in capsys.readouterr().err


def test_what_no_run_can_write_is_not_accepted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, seeds: Seeds, decide: Decide
) -> None:
    """It is said so; to refuse it, so that no report lists it any more, is another matter."""
    latest = tmp_path / "reports" / "latest"
    latest.mkdir(parents=True)
    held = {"id": "0123abcd", "reason": "unwritable", "removed": "one", "added": "two"}
    told = {"folder": str(seeds.folder), "seeds": [{"path": "a.md", "outcome": "unchanged", "held_back": [held]}]}
    (latest / "report.json").write_text(json.dumps(told))
    assert decide(accept.Command, "a.md", "0123abcd") == 2
    assert "edit the file by hand" in capsys.readouterr().err
    assert decide(refuse.Command, "a.md", "0123abcd") == 2
    assert "by hand" not in capsys.readouterr().err
    assert not HeldBackKind("unwritable", id="0123abcd", path="a.md").alone
