"""`scrapy demo`: a newcomer sees the real command find exactly what the example site's author changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fetcher import demo
from fetcher.demo import site
from tests.conftest import ROOT
from tests.terminal import on_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.conftest import Run

    Crawl = Callable[..., Run]

DATA = Path(demo.__file__).parent / "data"
LINE = re.compile(r"[+-](?!\+\+ |-- |fetched_at: ).*\S.*")  # a changed line that is no header, no stamp and not blank
WORDS = [sys.executable, "-m", "scrapy", "demo"]


@dataclass
class Shown:
    """What the demo printed, and the folder that it left."""

    out: str
    folder: Path

    @property
    def patch(self) -> str:
        return (self.folder / "reports" / "latest" / "changes.patch").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("demo")
    environment = os.environ | {"http_proxy": "http://127.0.0.1:9"}  # a network that has nothing for us
    done = subprocess.run(
        [*WORDS, "--folder", folder], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return Shown(done.stdout, folder)


def changed(lines: Iterable[str], file: re.Pattern[str]) -> dict[str, list[str]]:
    """The changed lines of each file; `file` matches the lines that name one."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    name = ""
    for line in lines:
        if match := file.fullmatch(line):
            name = match[1]
        elif LINE.fullmatch(line):
            found[name].append(line)
    return dict(found)


def test_the_diff_has_exactly_the_lines_that_the_author_changed(shown: Shown) -> None:
    truth = (DATA / "changed.txt").read_text(encoding="utf-8").splitlines()
    assert changed(shown.patch.splitlines(), re.compile(r"\+\+\+ b/(.+)")) == changed(truth, re.compile(r"(\w+\.md)"))


def test_the_diff_is_shown_as_it_was_written(shown: Shown) -> None:
    assert shown.patch in shown.out


def test_each_seed_ends_as_the_new_site_answers(shown: Shown) -> None:
    report = json.loads((shown.folder / "reports" / "latest" / "report.json").read_text())
    assert {seed["path"]: (seed["outcome"], seed["reason"]) for seed in report["seeds"]} == {
        "about.md": ("filled", ""),
        "archive.md": ("blocked", "bot-challenge"),
        "catalogue.md": ("changed", ""),
        "chess.md": ("failed", "http-404"),
        "events.md": ("unchanged", ""),
        "fees.md": ("changed", ""),
        "hours.md": ("changed", ""),
        "rooms.md": ("blocked", "bot-challenge"),
        "rules.md": ("unchanged", ""),
        "wifi.md": ("moved", ""),
        "willkommen.md": ("changed", ""),
    }


def test_the_output_says_where_everything_is(shown: Shown) -> None:
    assert f"Everything is in {shown.folder};" in shown.out
    assert {place.name for place in shown.folder.iterdir()} <= {"seeds", "reports", ".scrapy"}


def test_it_names_the_report_and_what_to_do_next(shown: Shown) -> None:
    report = shown.folder / "reports" / "latest" / "report.html"
    assert f"\n    {report}\n" in shown.out
    assert report.exists()
    after = shown.out.partition(str(report))[2]
    assert "-s SEEDS_DIR=/path/to/seeds" in after
    assert "-a dry_run=true" in after


@pytest.mark.parametrize(("browser", "said"), [("open-it", ""), ("none", "No browser was found")])
def test_a_browser_opens_the_report_where_there_is_one(tmp_path: Path, browser: str, said: str) -> None:
    opener = tmp_path / "open-it"
    opener.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    opener.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    environment |= {"BROWSER": str(opener)} if browser == "open-it" else {"BROWSER": "", "PATH": str(tmp_path)}
    folder = tmp_path / "demo"
    done = subprocess.run(
        [*WORDS, "--open", "--folder", folder], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert said in done.stdout
    if browser == "open-it":
        report = folder / "reports" / "latest" / "report.html"
        assert (tmp_path / "opened").read_text() == f"{report.as_uri()}\n"


def test_the_readme_shows_what_it_prints(shown: Shown) -> None:
    start = (ROOT / "README.md").read_text().partition("\n## ")[0]
    lines = [line.removeprefix("    ") for line in start.splitlines() if line.startswith("    ")]
    printed = [line for line in lines if not line.startswith("python3 ")]
    assert len(printed) == 4
    assert [line for line in printed if line not in shown.out.splitlines()] == []


def test_a_site_that_is_as_it_was_leaves_every_seed_alone(crawl: Crawl, tmp_path: Path) -> None:
    with site.serve("old") as address:
        folder = tmp_path / "library"
        site.copy_seeds(folder, address)
        before = texts(folder)
        run = crawl(SEEDS_DIR=str(folder))
    filled = {"about.md"}  # the one that has no body
    assert run.outcomes == {path: "filled" if path in filled else "unchanged" for path in before}
    assert {path for path, text in texts(folder).items() if text != before[path]} == filled


def test_a_second_run_writes_nothing(crawl: Crawl, tmp_path: Path) -> None:
    with site.serve("new") as address:
        folder = tmp_path / "library"
        site.copy_seeds(folder, address)
        crawl(SEEDS_DIR=str(folder))
        once = texts(folder)
        run = crawl(SEEDS_DIR=str(folder))
    assert texts(folder) == once
    assert not {"changed", "filled"} & set(run.outcomes.values())


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text("mine")
    done = subprocess.run([*WORDS, "--folder", tmp_path], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"{tmp_path} is not empty" in done.stderr
    assert list(tmp_path.iterdir()) == [mine]


def test_a_terminal_shows_colours(tmp_path: Path) -> None:
    shown = on_terminal([*WORDS, "--folder", str(tmp_path)])
    assert shown.status == 0
    assert "\x1b[32m+*   Games cost" in shown.raw


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
