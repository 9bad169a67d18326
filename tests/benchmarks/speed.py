"""How fast a refresh is: Markdown tables of medians and ratios, also kept as JSON.

    python -m tests.benchmarks.speed [--pages 400] [--rounds 10] [--json FILE] [--compare FILE] [--against FOLDER]

Every contestant visits the same pages, served compressed by a process on this machine, with the same settings and
concurrency, as a process of its own. Within a round they take turns; those with a memory begin with what one run
before has left. Ratios are of pairs within a round, and their intervals tell how sure they are. `--against` names a
checkout of another version, which visits the pages that have changed as well.

Five parts, of which `--parts` takes some: `paths` are the ways in which a visit ends, against bare Scrapy; `peers` are
other programs, over fewer pages; `seeds` is reading and selecting many of them; `start` is starting; `network` is what
loopback lacks.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.benchmarks import reading
from tests.benchmarks.contest import Contest, Entry
from tests.benchmarks.contestants import AIOHTTP, MARKDOWNIFY, REFRESH, SCRAPY, WEBCHANGES, spend
from tests.benchmarks.figures import Figures, Goal, Line, Run, comparison, ratios, table
from tests.benchmarks.network import Network
from tests.benchmarks.server import Mode, served
from tests.benchmarks.startup import CRAWL, REFRESHED, VERSION, Startup

if TYPE_CHECKING:
    from collections.abc import Iterator


PATHS = [
    Entry(AIOHTTP, Mode.SAME_BYTES),
    Entry(SCRAPY, Mode.SAME_BYTES),
    Entry(SCRAPY, Mode.UNCHANGED),
    *(Entry(REFRESH, mode) for mode in Mode),
]
PEERS = [
    *(Entry(tool, Mode.SAME_BYTES) for tool in (AIOHTTP, SCRAPY, MARKDOWNIFY)),
    *(Entry(tool, mode) for mode in (Mode.UNCHANGED, Mode.SAME_WORDS, Mode.CHANGED) for tool in (REFRESH, WEBCHANGES)),
]
_PART_OF_PEERS = 5  # they visit one of so many pages

_BEFORE = "refresh of before"
_CHANGED = Entry(REFRESH, Mode.CHANGED).name
_BODIES, _STATUSES = Entry(SCRAPY, Mode.SAME_BYTES).name, Entry(SCRAPY, Mode.UNCHANGED).name
READ, SELECT = "read the files", "read and select the seeds"
GOALS = [
    Goal("paths", "all 304 / bare Scrapy", Entry(REFRESH, Mode.UNCHANGED).name, _BODIES, 0.9),
    Goal("paths", "all 304 / bare Scrapy that gets 304s too", Entry(REFRESH, Mode.UNCHANGED).name, _STATUSES),
    Goal("paths", "same bytes / bare Scrapy", Entry(REFRESH, Mode.SAME_BYTES).name, _BODIES, 0.9),
    Goal("paths", "new bytes, same words / bare Scrapy", Entry(REFRESH, Mode.SAME_WORDS).name, _BODIES, 1.3),
    Goal("paths", "all changed / bare Scrapy", Entry(REFRESH, Mode.CHANGED).name, _BODIES, 5),
    Goal("paths", "all changed / the version before", _CHANGED, f"{_BEFORE}, {Mode.CHANGED}", 0.45),
    Goal("paths", "aiohttp / bare Scrapy", Entry(AIOHTTP, Mode.SAME_BYTES).name, _BODIES),
    *(Goal("peers", f"{entry.name} / bare Scrapy", entry.name, _BODIES) for entry in PEERS if entry.tool is not SCRAPY),
    Goal("peers", "all changed / Scrapy and markdownify", _CHANGED, Entry(MARKDOWNIFY, Mode.SAME_BYTES).name, 0.7),
    Goal("peers", "all changed / webchanges", _CHANGED, Entry(WEBCHANGES, Mode.CHANGED).name, 0.4),
    Goal("seeds", f"{SELECT} / {READ}", SELECT, READ, 2),
    Goal("start", f"{REFRESHED} / {VERSION}", REFRESHED, VERSION, 1.2),
    Goal("start", f"{REFRESHED} / {CRAWL}", REFRESHED, CRAWL),
]
PARTS = ("paths", "peers", "seeds", "start", "network")


def earlier(place: Path) -> Entry:
    """Another version of this project, checked out in a folder."""
    return Entry(replace(REFRESH, name=_BEFORE, place=place), Mode.CHANGED)


class Reading:
    """Measures reading and selecting seeds."""

    def __init__(self, number: int, folder: Path) -> None:
        reading.make(folder, number)
        words = [sys.executable, "-m", "tests.benchmarks.reading"]
        self._commands = {READ: [*words, "read", str(folder)], SELECT: [*words, "select", str(folder)]}
        self.lines = [Line(name, number) for name in self._commands]

    def round(self) -> None:
        """Measure each once."""
        for words, line in zip(self._commands.values(), self.lines, strict=True):
            line.runs.append(Run(*spend(words)))


def measure(given: argparse.Namespace, folder: Path) -> Figures:
    """The figures of all rounds of the parts that are asked for."""
    figures, parts = Figures(), {}
    with ExitStack() as held:
        if {"paths", "peers"} & set(given.parts):
            site = held.enter_context(served(given.pages))
        if "paths" in given.parts:
            before = [earlier(given.against)] if given.against else []
            parts["paths"] = paths = Contest(site, given.pages, [*PATHS, *before], folder / "paths")
            figures.sizes |= _sizes(paths.kept(REFRESH))
        if "peers" in given.parts:
            entries = [entry for entry in PEERS if shutil.which("webchanges") or entry.tool is not WEBCHANGES]
            parts["peers"] = Contest(site, given.pages // _PART_OF_PEERS, entries, folder / "peers")
        rounds: dict[str, Contest | Reading | Startup | Network] = dict(parts)
        if "seeds" in given.parts:
            rounds["seeds"] = Reading(given.seeds, folder / "seeds")
            figures.sizes |= reading.held()
        if "start" in given.parts:
            rounds["start"] = Startup(folder / "start")
        if "network" in given.parts:
            rounds["network"] = held.enter_context(Network.reached(folder / "network"))
        for _ in range(given.rounds):
            for part in rounds.values():
                part.round()
    figures.parts = {name: part.lines for name, part in rounds.items()}
    return figures


def _sizes(kept: Path) -> Iterator[tuple[str, int]]:
    for name in ("seeds", "state.sqlite", "reports"):
        place = kept / name
        files = place.rglob("*") if place.is_dir() else [place]
        yield name, sum(file.stat().st_size for file in files if file.is_file())


def _tables(figures: Figures, before: Figures | None) -> Iterator[str]:
    yield f"Medians of {figures.rounds} rounds, {figures.machine}:"
    for part in figures.parts:
        yield from ("", *table(figures, part))
    yield from ("", *ratios(figures, GOALS, before))
    if before:
        yield from ("", *comparison(figures, before))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    parser.add_argument("--against", type=Path, help="a checkout of another version, to be measured as well")
    parser.add_argument("--compare", type=Path, help="print them beside those in this file")
    given = parser.parse_args()
    before = Figures.read(given.compare) if given.compare else None
    with TemporaryDirectory() as folder:
        figures = measure(given, Path(folder))
    if given.json:
        figures.write(given.json)
    sys.stdout.writelines(f"{line}\n" for line in _tables(figures, before))


if __name__ == "__main__":
    main()
