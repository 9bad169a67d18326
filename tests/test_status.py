"""`scrapy status`: what is known of the seeds, shown without a visit and without a trace."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.report import standing
from fetcher.report.standing import Standing
from tests.conftest import ROOT
from tests.site import Answer, page
from tests.terminal import on_terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

BODY = "# A page\n\nA line of text that stays.\n"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
NASTY = "[red]\x1b[31m\u202e.md"


def words(tmp_path: Path, *arguments: str) -> list[str]:
    places = ["-s", f"SEEDS_DIR={tmp_path / 'seeds'}", "-s", f"REFRESH_STATE={tmp_path / 'state.sqlite'}"]
    return [sys.executable, "-m", "scrapy", "status", *places, *arguments]


def status(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words(tmp_path, *arguments), cwd=ROOT, capture_output=True, text=True, check=False)


def told(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    done = status(tmp_path, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


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


def test_programs_get_each_seed_with_its_last_visit(visited: Path) -> None:
    data = told(visited)
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


def test_nothing_is_written(visited: Path) -> None:
    before = texts(visited)
    status(visited)
    told(visited)
    assert texts(visited) == before


def test_a_person_gets_tables_in_which_no_path_is_more_than_text(visited: Path) -> None:
    done = status(visited)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert any(line.split() == ["failed", "1", "1"] for line in lines)
    assert any(line.endswith("[red]�[31m�.md") for line in lines)
    assert done.stdout.replace("\n", "").isprintable()
    assert all(line == line.rstrip() for line in lines)


def test_a_terminal_gets_colours_and_not_more_than_it_shows(visited: Path, seeds: Seeds) -> None:
    for number in range(60):
        seeds.add(f"more/{number}.md", f"https://site{number}.example/")
    shown = on_terminal(words(visited), size=(32, 100))
    assert "\x1b[31mfailed" in shown.raw
    assert "[red]" in shown.raw
    assert shown.raw.count("\n") < 32
    assert "\x1b" not in on_terminal(words(visited), {"NO_COLOR": "1"}).raw


def test_without_memory_the_stamps_are_what_there_is(seeds: Seeds, tmp_path: Path) -> None:
    seeds.add("a.md", "https://example.org/a")
    data = told(tmp_path)
    assert data["notes"] == [f"{tmp_path / 'state.sqlite'} is not there: no visit is remembered."]
    assert data["seeds"][0]["age"] == "older"
    assert not (tmp_path / "state.sqlite").exists()


def test_it_shows_what_a_run_has_done_so_far_and_is_not_in_its_way(
    command: Command, site: Site, seeds: Seeds, tmp_path: Path
) -> None:
    go = threading.Event()
    seeds.add("a.md", site.says("/a", page("A line of text that stays.")), BODY)
    seeds.add("b.md", site.says("/b", Answer(page("Text."), meanwhile=lambda: go.wait(30)), host="127.0.0.2"))
    run = command.start(LOGSTATS_INTERVAL="0.1")
    assert run.stderr
    assert "1 of 2 seeds" in run.stderr.readline()
    data = told(tmp_path)
    go.set()
    run.communicate(timeout=60)
    assert run.returncode == 0
    assert {seed["path"]: seed["outcome"] for seed in data["seeds"]} == {"a.md": "unchanged", "b.md": None}
    assert told(tmp_path)["outcomes"]["filled"] == 1


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        (["-a", "path=kept.md"], ["kept.md"]),
        (["-a", "limit=1"], ["new.md", "useless.md"]),
        (["-a", "older_than=1d"], [NASTY, "new.md", "useless.md"]),
        (["--site", "127.0.0.2:{port}"], [NASTY]),
    ],
)
def test_a_part_of_the_seeds_can_be_asked_for(
    visited: Path, site: Site, seeds: Seeds, arguments: list[str], paths: list[str]
) -> None:
    seeds.add("new.md", "", text=f"---\nsource_url: {site.url('/new')}\n---\n")  # without a stamp: the oldest
    data = told(visited, *(word.format(port=site.port) for word in arguments))
    assert [seed["path"] for seed in data["seeds"]] == paths


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-a", "dry_run=true"], "unknown argument dry_run; known ones are path, url, older_than, limit, shard"),
        (["-a", "limit"], "-a takes NAME=VALUE"),
        (["-a", "limit=x"], "limit=x is no number of seeds"),
        (["that"], "takes no that"),
        (["-s", "SEEDS_DIR=/nowhere"], "SEEDS_DIR=/nowhere is no folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    done = status(tmp_path, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"status: {sentence}\n")


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
    assert Standing("a.md", "", moment, older, None).age(NOW) == age
    assert Standing("a.md", "", older, moment, None).age(NOW) == age
    assert age in standing.AGES
