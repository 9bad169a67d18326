"""What a run makes of a wave: a Markdown table of runs over a site on which the same text goes from all pages.

    python -m tests.benchmarks.waves [PAGES=4392]

The real `scrapy crawl refresh` visits them over loopback, with its memory: the text goes, and is back the next day; a
note comes, and stays, and on the day on which it comes one page in a hundred changes a sentence of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.benchmarks.server import ROOT
from tests.conftest import Command, Seeds
from tests.site import Site, page

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOX = "Was this page of any help to you? Tell the people who keep it."
_NOTE = "New sheets are kept in the lower hall from now on."
_DAYS = {
    "first": (_BOX, 0),
    "text gone": ("", 0),
    "text back": (_BOX, 0),
    "note comes, 1 % news": (f"{_BOX}\n{_NOTE}", 1),
    "note stays": (f"{_BOX}\n{_NOTE}", 1),
}
"""What all pages show on each day, and which edition of their own texts."""


class Day(NamedTuple):
    """A run: how many files it wrote, how many pages have something that waits, and what it had to say of that."""

    name: str
    written: int
    waiting: int
    entries: int
    groups: int
    seconds: float
    megabytes: float


def text(number: int, edition: int, shared: str) -> str:
    """What a page says."""
    lines = [
        f"Chapter {number} tells how lock {number} of the canal is filled, and by whom, line {k}." for k in range(8)
    ]
    news = edition if number % 100 == 0 else 0
    last = f"Lock {number} was last drained in {1990 + news}."
    return "\n".join(filter(None, [*lines, last, shared, f"Sheet {number} ends."]))


def days(number: int, folder: Path) -> Iterator[Day]:
    """Each run over so many pages."""
    site, seeds = Site(), Seeds(folder / "seeds")
    try:
        for n in range(number):
            seeds.add(f"{n % 50}/{n}.md", site.url(f"/{n}"))
        for name, (shared, edition) in _DAYS.items():
            for n in range(number):
                site.says(f"/{n}", page(text(n, edition, shared), f"Lock {n}"))
            yield _day(name, folder)
    finally:
        site.close()


def _day(name: str, folder: Path) -> Day:
    words = Command(folder / "seeds", folder / "reports").words(CONCURRENT_REQUESTS_PER_DOMAIN="8")
    start = time.monotonic()
    subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    seconds = time.monotonic() - start
    report: dict[str, Any] = json.loads((folder / "reports" / "latest" / "report.json").read_text())
    counts = report["counts"]
    waits = [seed for seed in report["seeds"] if any(one["reason"] == "wave" for one in seed["held_back"])]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    said = sum("pages of" in note for note in report["notes"])
    return Day(name, counts["changed"] + counts["filled"], len(waits), said, len(report["groups"]), seconds, peak)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="?", type=int, default=4392)
    sys.stdout.write("| day | files written | pages that wait | entries | groups | seconds | MB at most |\n")
    sys.stdout.write("| --- |" + " ---: |" * 6 + "\n")
    with TemporaryDirectory() as folder:
        for day in days(parser.parse_args().pages, Path(folder)):
            counts = f"{day.written:,} | {day.waiting:,} | {day.entries} | {day.groups} | {day.seconds:.0f}"
            sys.stdout.write(f"| {day.name} | {counts} | {day.megabytes:.0f} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
