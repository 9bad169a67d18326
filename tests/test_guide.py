"""The commands that the README and the guide show exist as they are shown, and do what can be done with them here."""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from scrapy.settings import Settings

from fetcher.commands import fleet
from fetcher.terms.arguments import KNOWN
from tests.clones import git
from tests.conftest import QUICK, ROOT
from tests.forked import ran
from tests.site import page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site import Site

README, GUIDE = ROOT / "README.md", ROOT / "fetcher" / "guide"
LISTED = re.findall(r"^\| \[(.*?)\]\(\1\) \|", (GUIDE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
SHOWN = re.compile(r"^ {4,}(?:\.venv/bin/)?scrapy (.*)$", re.MULTILINE)
LINES = [
    line
    for path in (README, *(GUIDE / name for name in LISTED))
    for line in SHOWN.findall(path.read_text(encoding="utf-8"))
]
TEXT = "Whoever lives in the valley may borrow books, and a late one costs four dollars a week, a film one dollar."
FILES = ("fees.md", "a.md", "visit/hours.md", "handbook/keys.md")


def test_the_settings_and_arguments_in_the_text_are_the_project_s() -> None:
    known = Settings()
    known.setmodule("fetcher.settings")
    text = "\n".join(path.read_text(encoding="utf-8") for path in (README, *GUIDE.glob("*.md")))
    assert {name for name in re.findall(r"-s ([A-Z_]{2,})=", text) if name not in known} == {"NAME"}
    assert {name for name in re.findall(r"-a (\w+)=", text) if name not in KNOWN} == {"NAME"}


def test_the_fleet_is_started_with_options_that_it_has() -> None:
    (line,) = [line for line in LINES if line.startswith("fleet ")]
    parser, command = argparse.ArgumentParser(), fleet.Command()
    command.settings = Settings()
    command.add_options(parser)
    assert parser.parse_args(shlex.split(line)[1:]).scheduler.startswith("tcp://")


class World(NamedTuple):
    """A folder of seeds in a repository with a remote, and the site of their pages."""

    seeds: Path
    site: Site

    def words(self, line: str) -> list[str]:
        """A command as it is shown, about this folder and this site."""
        place = self.seeds.parent
        line = line.replace("https://library.example", self.site.url(""))
        line = re.sub("/path/to/seeds|clippings", str(self.seeds), line).replace("state-", f"{place}/state-")
        here = {"SEEDS_DIR": self.seeds, "REPORT_DIR": place / "reports", "REFRESH_STATE": place / "state.sqlite"}
        ours = QUICK | {name: str(value) for name, value in here.items() if f"-s {name}=" not in line}
        return [*shlex.split(line, comments=True), *(w for pair in ours.items() for w in ("-s", "=".join(pair)))]


@pytest.fixture
def world(site: Site, tmp_path: Path) -> World:
    top = tmp_path / "repository"
    seeds = top / "notes"
    for name in FILES:
        url = site.says(f"/{name.removesuffix('.md')}", page(f"{TEXT}\nThis is about {name}.", name))
        (seeds / name).parent.mkdir(parents=True, exist_ok=True)
        (seeds / name).write_text(f"---\nsource: {url}\nsource_url: {url}\n---\n")
    site.says("/rules/bees", page(TEXT + "\nBees are welcome, too, if the neighbours have nothing against them."))
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "origin.git")
    git(top, "init", "-q", "-b", "main")
    (top / ".gitignore").write_text("/reports/\n/state*\n")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "Seeds")
    git(top, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(top, "push", "-q", "-u", "origin", "main")
    return World(seeds, site)


def test_the_commands_run_in_the_order_of_the_guide(world: World) -> None:
    an_id = re.compile(r"^(?:accept|refuse) .*\b[0-9a-f]{8}\b")  # of a change that nothing has held back here
    for line in LINES:
        if line.startswith("fleet "):
            continue  # it needs a scheduler
        done = ran(["scrapy", *world.words(line)])
        said = f"scrapy {line}\n{done.stdout}{done.stderr}"
        assert done.returncode == (2 if an_id.match(line) else 0), said
        assert "Traceback" not in said, said
        if an_id.match(line):
            assert "nothing that was held back has the ID" in done.stderr
    assert all(TEXT in (world.seeds / name).read_text() for name in FILES)


def test_the_line_for_cron_runs_and_says_nothing_where_all_is_well(world: World) -> None:
    (line,) = re.findall(r"^ +0 5 \* \* 1  (.*)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    run, _, rest = line.partition(" >")
    run = run.replace("cd /path/to/fetcher && .venv/bin/scrapy ", "")
    words = shlex.join([sys.executable, "-m", "scrapy", *world.words(run)])
    shell = f"cd {shlex.quote(str(ROOT))} && {words} >{rest}".replace("run.log", str(world.seeds.parent / "run.log"))
    assert line.startswith("cd /path/to/fetcher && .venv/bin/scrapy crawl refresh ")
    for status, fees in ((0, TEXT), (1, "")):
        world.site.says("/fees", page(f"{fees}\nThis is about fees.md.", "fees.md") if fees else "no page")
        done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
        assert (bool(done.stdout), done.stderr) == (bool(status), "")
