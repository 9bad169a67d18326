"""What `report.html` costs: a Markdown table of the time to write it, its size, and the time to open it in Chromium.

    python -m tests.benchmarks.html [PAGES ...]

Each page is made up: a body of 40 paragraphs, three of which have another word, with one more item in a list and
one more row in a table. The report is open when its first screen has been painted and the keys answer.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fetcher.report.report import Report
from fetcher.terms.outcomes import Outcome, Record
from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_WORDS = (
    "the library opens at nine and closes when the last reader has left unless it is a feast on which nobody works "
    "books games films maps and keys can be borrowed for a month by everybody who lives in town or studies here"
).split()
_ROUNDS = 3
# From the start of the navigation to the second frame after everything has run.
_OPENED = (
    """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"""
)


def made_up(folder: Path, pages: int) -> Path:
    """The report of a run that found so many pages changed, and as many unchanged."""
    dice = random.Random(pages)
    now = datetime.now(UTC)
    report = Report(folder, "seeds", now)
    for number in range(pages):
        url = f"https://{number % 40}.example.org/{number}"
        old, new = _texts(dice, url)
        path = f"{number % 25:02}-part/page-{number}.md"
        record = Record(path=path, url=url, outcome=Outcome.CHANGED, words_added=16, words_removed=3, title=path)
        report.add(record, old, new)
        report.add(Record(path=f"quiet/{number}.md", url=url, outcome=Outcome.UNCHANGED))
    report.finish(now, 2 * pages)
    return folder / "latest" / "report.html"


def _texts(dice: random.Random, url: str) -> tuple[str, str]:
    paragraphs = [" ".join(dice.choices(_WORDS, k=60)).capitalize() + "." for _ in range(40)]
    changed = [
        text.replace(" ", " exactly ", 1) if number in (5, 6, 30) else text for number, text in enumerate(paragraphs)
    ]
    items, rows = ["* Films", "* Games"], ["| Day | Hours |", "|---|---|", "| Monday | 9 to 18 |"]
    before = _page(url, paragraphs, items, rows)
    return before, _page(url, changed, [*items, "* Maps of the town"], [*rows, "| Sunday | closed all day |"])


def _page(url: str, paragraphs: list[str], items: list[str], rows: list[str]) -> str:
    blocks = ["# A page", *paragraphs[:20], "\n".join(items), "## Hours", *paragraphs[20:], "\n".join(rows)]
    return "\n".join([f'---\nsource_url: "{url}"\n---\n', "\n\n".join(blocks), ""])


def _opening(browser: Browser, report: Path) -> float:
    """Milliseconds to open the report."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.as_uri())
    took = float(page.evaluate(_OPENED))
    page.close()
    return took


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=int, nargs="*", default=[100, 1000, 5000], help="changed pages of a report")
    with TemporaryDirectory() as folder, chromium() as browser:
        sys.stdout.write("| changed pages | seconds to write | MB | ms to open |\n")
        sys.stdout.write("|---:|---:|---:|---:|\n")
        for pages in parser.parse_args().pages:
            start = time.perf_counter()
            report = made_up(Path(folder, str(pages)), pages)
            written = time.perf_counter() - start
            took = min(_opening(browser, report) for _ in range(_ROUNDS))
            sys.stdout.write(f"| {pages:,} | {written:.1f} | {report.stat().st_size / 1e6:.1f} | {took:.0f} |\n")


if __name__ == "__main__":
    main()
