"""What memory saves: a Markdown table of what runs over made-up pages cost their server and this machine.

    python -m tests.benchmarks.memory [PAGES=1000]

The real `scrapy crawl refresh` visits the same pages again and again, over loopback:

- fill: for the first time
- 304: nothing changed, and the server honours validators
- same bytes: nothing changed, and the server knows no validators
- same words: another build is in the markup

Requests, bodies and bytes are counted by the server, robots.txt left out; pages parsed and converted within the run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals

from fetcher.merge import refresh
from fetcher.page import page
from tests.benchmarks.server import ROOT, Mode, served
from tests.conftest import Command, Seeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from scrapy.crawler import Crawler

_MEDIAN = 30_000  # bytes of a page
_RUNS = {"fill": Mode.UNCHANGED} | {mode.value: mode for mode in (Mode.UNCHANGED, Mode.SAME_BYTES, Mode.SAME_WORDS)}
_EXTENSIONS = {"fetcher.extensions.Run": 500, "tests.benchmarks.memory.Counts": 0}


class Counts:
    """A Scrapy extension that counts the pages which a run parses and converts, into the file COUNTS."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._counts: Counter[str] = Counter()
        self._count("parsed", page, "parse")
        self._count("converted", refresh, "to_markdown")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        counts = cls(Path(crawler.settings["COUNTS"]))
        crawler.signals.connect(counts.spider_closed, signals.spider_closed)
        return counts

    def spider_closed(self) -> None:
        self._place.write_text(json.dumps(self._counts))

    def _count(self, what: str, module: ModuleType, name: str) -> None:
        function = getattr(module, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            self._counts[what] += 1
            return function(*arguments, **named)

        setattr(module, name, counted)


def crawl(folder: Path) -> dict[str, float]:
    """Seconds of one run over the folder's seeds, and pages parsed and converted in it."""
    place = folder / "counts.json"
    words = Command(folder / "seeds", folder / "reports").words(
        COUNTS=str(place),
        EXTENSIONS=json.dumps(_EXTENSIONS),
        CONCURRENT_REQUESTS_PER_DOMAIN="8",
        REFRESH_WORKERS="0",  # what is counted is counted in the run's own process
    )
    start = time.monotonic()
    subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return {"parsed": 0, "converted": 0, **json.loads(place.read_text()), "seconds": time.monotonic() - start}


def measure(number: int, folder: Path) -> Iterator[tuple[str, dict[str, float]]]:
    """Each run's name, and what it cost."""
    with served(number, median=_MEDIAN) as site:
        seeds = Seeds(folder / "seeds")
        for n in range(number):
            seeds.add(f"{n}.md", site.url(n))
        for name, mode in _RUNS.items():
            site.gives(mode)
            spent = crawl(folder)
            yield name, {**site.gave(), **spent}


def table(costs: Iterable[tuple[str, dict[str, float]]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield "| run | requests | bodies | bytes | pages parsed | conversions | seconds |"
    yield "| --- |" + " ---: |" * 6
    for name, cost in costs:
        counts = (f"{cost[key]:,}" for key in ("requests", "bodies", "bytes", "parsed", "converted"))
        yield f"| {name} | {' | '.join(counts)} | {cost['seconds']:.1f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="?", type=int, default=1000)
    with TemporaryDirectory() as folder:
        for line in table(measure(parser.parse_args().pages, Path(folder))):
            sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
