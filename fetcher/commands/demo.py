"""`scrapy demo`: refreshes example seeds from an example site on loopback, without own seeds or a network."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from fetcher.commands.given import Checked
from fetcher.report.screen import coloured, screen_of

if TYPE_CHECKING:
    import argparse

_PROJECT = Path(__file__).parents[2]
# Loopback needs no politeness, and a newcomer no patience.
_COMMAND = "scrapy crawl refresh -s DOWNLOAD_DELAY=0 -s AUTOTHROTTLE_ENABLED=False -s REFRESH_CONTACT=you@example.org"

_BEFORE = """\
A small library has rebuilt its site: {rebuilt} of {total} lines of HTML changed. Along the way
its author edited a few sentences. The {count} seeds in {folder}/seeds
hold the pages as they were before, in the Markdown of several converters. This run finds
what a reader would notice:

$ {command}
"""
_CHANGES = """
What it wrote, as a patch (reports/latest/changes.patch):
"""
_AFTER = """\
All else that differs between the two sites left no trace: menus, banners, markup, dates
that only grow older. Pages that could not be seen are listed above, each with a reason and
a remedy; their seeds keep the stored text.

The same side by side, for a browser (scrapy demo --open shows it at once):

    {report}

Next, your own folder of Markdown files whose front matter has a source_url. This asks for
its pages and writes nothing but a report; without -a dry_run=true it writes what changed:

$ scrapy crawl refresh -s SEEDS_DIR=/path/to/seeds -s REFRESH_CONTACT=you@example.org -a dry_run=true

No folder yet? scrapy add URL -s SEEDS_DIR=/path/to/seeds makes a seed of a page. If your files
have their addresses under another key, add -s SEEDS_URL_KEY=url,link (fetcher/guide/settings.md).

Everything is in {folder}; delete it when you are done.
"""


class Command(Checked, ScrapyCommand):
    """Serves the example site on loopback, refreshes the example seeds from it, and shows the results."""

    requires_project = True
    requires_crawler_process = False  # the run is a process of its own, as in daily life

    def short_desc(self) -> str:
        return "Refresh example seeds from an example site and show the diff"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--open", action="store_true", help="show the report in a browser")
        parser.add_argument("--folder", type=Path, help="new or empty folder for the seeds and the report")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"demo takes no {' '.join(args)}")
        from fetcher.demo import site  # noqa: PLC0415  # other commands do without it

        folder = _folder(opts.folder)
        with site.serve("new") as address:
            count = site.copy_seeds(folder / "seeds", address)
            rebuilt, total = site.lines_rebuilt()
            print(
                _BEFORE.format(folder=folder, count=count, rebuilt=rebuilt, total=total, command=_COMMAND), flush=True
            )
            status = _refresh(folder)
        if status not in (0, 1):  # it has said what is wrong
            self.exitcode = 2
            return
        latest = folder / "reports" / "latest"
        patch = (latest / "changes.patch").read_text(encoding="utf-8")
        print(
            _CHANGES,
            coloured(patch) if screen_of(sys.stdout).colours else patch,
            _AFTER.format(folder=folder, report=latest / "report.html"),
            sep="\n",
            end="",
            flush=True,
        )
        if opts.open and not webbrowser.open((latest / "report.html").as_uri()):
            print("No browser was found: open that file in one.")


def _folder(wanted: Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="refresh-demo-"))
    if wanted.exists() and (not wanted.is_dir() or any(wanted.iterdir())):
        raise UsageError(f"{wanted} is not empty")
    return wanted.resolve()


def _refresh(folder: Path) -> int:
    """Runs the command that every user runs, in the folder and with its own output; returns its exit status."""
    environment = os.environ | {
        "SCRAPY_SETTINGS_MODULE": "fetcher.settings",
        "PYTHONPATH": str(_PROJECT),
        "no_proxy": "127.0.0.1",  # a proxy would look for the site on its own machine
    }
    return subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-m", *_COMMAND.split()], cwd=folder, env=environment, check=False
    ).returncode
