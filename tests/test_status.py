"""`scrapy status`: what is known of the seeds, shown without a visit and without a trace."""

from __future__ import annotations

import io
import json
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from scrapy.settings import Settings

from fetcher.commands.status import Command
from fetcher.memory import hints
from fetcher.memory.freshness import Due
from fetcher.memory.memory import Memory, Visit
from fetcher.memory.state import State
from fetcher.report import seed_status, status_tables
from fetcher.report.screen import Screen
from fetcher.report.seed_status import FolderStatus, SeedStatus
from fetcher.terms.outcomes import Outcome
from tests.conftest import PATIENCE
from tests.site import Answer, page
from tests.terminal import on_terminal

if TYPE_CHECKING:
    from tests.conftest import Command as Refresh
    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

Told = Callable[..., dict[str, Any]]

BODY = "# A page\n\nA line of text that stays.\n"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
NASTY = "[red]\x1b[31m\u202e.md"


class Done(NamedTuple):
    """What the command left: its exit status, and what it printed."""

    status: int
    out: str
    errors: str


@pytest.fixture
def status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """The command within this process, which takes a hundredth of the time."""

    def run(*arguments: str, seeds: Path = tmp_path / "seeds") -> Done:
        command, parser = Command(), ArgumentParser()
        command.settings = Settings({"SEEDS_DIR": str(seeds), "REFRESH_STATE": str(tmp_path / "state.sqlite")})
        command.add_options(parser)
        options, words = parser.parse_known_args(arguments)
        command.run(words, options)
        return Done(command.exitcode, *capsys.readouterr())

    return run


@pytest.fixture
def told(status: Callable[..., Done]) -> Callable[..., dict[str, Any]]:
    """What the command tells programs."""

    def run(*arguments: str) -> dict[str, Any]:
        done = status("--json", *arguments)
        assert (done.status, done.errors) == (0, "")
        return dict(json.loads(done.out))

    return run


def texts(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def visited(crawl: Crawl, site: Site, seeds: Seeds, tmp_path: Path) -> Path:
    """A folder after a run: a page as it was, one that is not there, one never visited, and a file of no use."""
    seeds.add("kept.md", site.says("/kept", page("A line of text that stays.")), BODY)
    seeds.add(NASTY, site.url("/missing", host="127.0.0.2"), BODY)
    crawl()
    seeds.add("new.md", site.url("/new"))
    seeds.add("useless.md", "", text="---\nsource_url: [\n---\n")
    return tmp_path


def test_programs_get_each_seed_with_its_last_visit(visited: Path, told: Told) -> None:
    assert visited
    data = told()
    assert (data["version"], data["found"], data["notes"]) == (1, 4, [])
    assert {name: count for name, count in data["outcomes"].items() if count} == {
        "unchanged": 1,
        "failed": 1,
        "never": 2,
    }
    assert data["ages"] == {"day": 1, "week": 0, "month": 0, "older": 2, "never": 1}
    of = {seed["path"]: seed for seed in data["seeds"]}
    assert list(of) == [NASTY, "kept.md", "new.md", "useless.md"]
    assert (of["kept.md"]["outcome"], of["kept.md"]["age"]) == ("unchanged", "day")
    assert of["kept.md"]["fetched_at"] == "2026-01-01T00:00:00Z"
    assert of["kept.md"]["verified_at"] == of["kept.md"]["visited_at"]
    assert (of[NASTY]["reason"], of[NASTY]["status"], of[NASTY]["verified_at"]) == ("http-404", 404, None)
    assert of[NASTY]["site"].startswith("127.0.0.2:")
    assert (of["new.md"]["outcome"], of["new.md"]["visited_at"], of["new.md"]["fault"]) == (None, None, None)
    assert "YAML" in of["useless.md"]["fault"] or "front matter" in of["useless.md"]["fault"]


def test_nothing_is_written(visited: Path, status: Callable[..., Done]) -> None:
    before = texts(visited)
    status()
    status("--json")
    assert texts(visited) == before


def test_a_person_gets_tables_in_which_no_path_is_more_than_text(visited: Path, status: Callable[..., Done]) -> None:
    assert visited
    done = status()
    assert done.status == 0
    lines = done.out.splitlines()
    assert any(line.split() == ["failed", "1", "1"] for line in lines)
    assert any(line.endswith("[red]�[31m�.md") for line in lines)
    assert done.out.replace("\n", "").isprintable()
    assert all(line == line.rstrip() for line in lines)


def test_a_terminal_gets_colours_and_not_more_than_it_shows(visited: Path, seeds: Seeds) -> None:
    for number in range(60):
        seeds.add(f"more/{number}.md", f"https://site{number}.example/")
    places = ["-s", f"SEEDS_DIR={seeds.folder}", "-s", f"REFRESH_STATE={visited / 'state.sqlite'}"]
    shown = on_terminal([sys.executable, "-m", "scrapy", "status", *places], size=(32, 100))
    assert shown.status == 0
    assert "\x1b[31mfailed" in shown.raw
    assert "[red]" in shown.raw
    assert shown.raw.count("\n") < 32


def test_without_memory_the_stamps_are_what_there_is(seeds: Seeds, told: Told, tmp_path: Path) -> None:
    seeds.add("a.md", "https://example.org/a")
    data = told()
    assert data["notes"] == [f"{tmp_path / 'state.sqlite'} is not there: no visit is remembered."]
    assert data["seeds"][0]["age"] == "older"
    assert not (tmp_path / "state.sqlite").exists()


def test_it_shows_what_a_run_has_done_so_far_and_is_not_in_its_way(
    command: Refresh, site: Site, seeds: Seeds, told: Told
) -> None:
    go = threading.Event()
    seeds.add("a.md", site.says("/a", page("A line of text that stays.")), BODY)
    seeds.add("b.md", site.says("/b", Answer(page("Text."), meanwhile=lambda: go.wait(PATIENCE)), host="127.0.0.2"))
    run = command.start(LOGSTATS_INTERVAL="0.1")
    assert run.stderr
    assert "1 of 2 seeds" in run.stderr.readline()
    data = told()
    go.set()
    run.communicate(timeout=PATIENCE)
    assert run.returncode == 0
    assert {seed["path"]: seed["outcome"] for seed in data["seeds"]} == {"a.md": "unchanged", "b.md": None}
    assert told()["outcomes"]["filled"] == 1


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        (["-a", "path=kept.md"], ["kept.md"]),
        (["-a", "limit=1"], ["new.md", "useless.md"]),
        (["-a", "older_than=1d"], [NASTY, "new.md", "useless.md"]),
        (["--site", "127.0.0.2:{port}"], [NASTY]),
        (["--site", "127.0.0.2"], [NASTY]),
    ],
)
def test_a_part_of_the_seeds_can_be_asked_for(
    visited: Path, site: Site, seeds: Seeds, told: Told, arguments: list[str], paths: list[str]
) -> None:
    assert visited
    seeds.add("new.md", "", text=f"---\nsource_url: {site.url('/new')}\n---\n")  # without a stamp: the oldest
    data = told(*(word.format(port=site.port) for word in arguments))
    assert [seed["path"] for seed in data["seeds"]] == paths


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-a", "dry_run=true"], "unknown argument dry_run; known ones are path, url, older_than, limit, shard"),
        (["-a", "limit"], "-a takes NAME=VALUE"),
        (["-a", "limit=x"], "limit=x is no number of seeds"),
        (["that"], "takes no that"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    seeds: Seeds, status: Callable[..., Done], arguments: list[str], sentence: str
) -> None:
    assert seeds
    assert status(*arguments) == (2, "", f"status: {sentence}\n")


def test_files_that_are_no_seeds_are_named_with_the_key_that_would_make_them_some(
    seeds: Seeds, status: Callable[..., Done]
) -> None:
    assert "holds no Markdown file: `scrapy add URL` makes a seed of a page." in status().out
    seeds.add("b.md", "", text="---\nlink: https://example.org/b\n---\nText.\n")
    said = " ".join(status().out.split())
    assert "The only Markdown file has no source_url in front matter. An address stands under link" in said
    for name in "cdefgh":
        seeds.add(f"{name}.md", "", text="Mine.\n")
    seeds.add("a.md", "https://example.org/a", BODY)
    (note,) = json.loads(status("--json").out)["notes"][1:]
    assert note == (
        "7 Markdown files are no seeds, without source_url in front matter: b.md, c.md, d.md, e.md, f.md and 2 more."
        " An address stands under link: run with -s SEEDS_URL_KEY=source_url,link, or call that key source_url."
    )


def test_a_folder_that_is_not_there_is_named(status: Callable[..., Done]) -> None:
    assert status(seeds=Path("/nowhere")) == (2, "", "status: SEEDS_DIR=/nowhere is no folder\n")


@pytest.mark.parametrize(
    ("passed", "age"),
    [
        (timedelta(0), "day"),
        (timedelta(days=1), "day"),
        (timedelta(days=7), "week"),
        (timedelta(days=30), "month"),
        (timedelta(days=31), "older"),
        (None, "never"),
    ],
)
def test_a_seed_is_as_old_as_the_later_of_its_stamp_and_its_verification(passed: timedelta | None, age: str) -> None:
    moment = NOW - passed if passed is not None else None
    older = moment - timedelta(days=99) if moment else None
    assert SeedStatus("a.md", "", moment, older, None).age(NOW) == age
    assert SeedStatus("a.md", "", older, moment, None).age(NOW) == age
    assert age in seed_status.AGES


@pytest.mark.parametrize(("changes", "shown"), [(24.0, "< 1 d"), (1 / 3, "3 d")])
def test_no_page_changes_every_0_days(changes: float, shown: str) -> None:
    told = io.StringIO()
    due = Due(changes, 2.0, 0.5, 1.0, intervals=4, changed=3)
    found = FolderStatus([SeedStatus("a.md", "", NOW, None, None, due=due)], {})
    status_tables.show(found, (), NOW, told, Screen())
    assert f" {shown} " in told.getvalue()


def test_it_says_why_a_page_is_due_and_how_far_hints_proved_true(
    seeds: Seeds, status: Callable[..., Done], told: Told, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    with State(tmp_path / "state.sqlite") as state:
        for name, days in (("told", (30, 20, 10, 3)), ("other", (30, 20, 10, 3))):
            url = f"https://a.example/docs/{name}"
            seeds.add(f"{name}.md", url)
            ends = {True: Outcome.CHANGED, False: Outcome.UNCHANGED}
            visits = [Visit(when=now - timedelta(days=n), outcome=ends[n == 20 and name == "told"]) for n in days]
            state.keep(Memory(url=url, visits=tuple(visits), verified=visits[-1].when))
        seeds.add("new.md", "https://a.example/docs/new")
        for ago in (25, 1):
            date = (now - timedelta(days=ago)).isoformat()
            hints.keep_listings(state, {"https://a.example/docs/told": date}, [], now)
    data = told()
    of = {seed["path"]: seed for seed in data["seeds"]}
    assert [(of[f"{name}.md"]["basis"], of[f"{name}.md"]["changed"]) for name in ("told", "new")] == [
        ("own", 1),
        ("section", 0),
    ]
    assert [hint["kind"] for hint in of["told.md"]["hints"]] == ["lastmod"]
    assert of["told.md"]["gain"] > of["other.md"]["gain"]
    (trust,) = data["hints"]
    assert (trust["site"], trust["kind"], trust["intervals"]) == ("a.example", "lastmod", [1, 0, 0, 2])
    assert trust["precision"][1] < trust["precision"][0] < trust["precision"][2]
    shown = status().out
    assert "changed in 1 of 3 intervals, the sitemap says it changed 24 h ago" in shown
    assert "as its section" in shown
    assert "dates of the sitemap   a.example" in shown
