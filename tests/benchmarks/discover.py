"""How much of what is new on a made-up site is proposed, how much else is, and how many requests that takes.

python -m tests.benchmarks.discover [--pages 5000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.published import Maker, Published
from tests.site import Site

_SETTINGS = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False", "REFRESH_CONTACT=owner@example.org")


def main() -> None:
    """Print a table with a line for each round, whose site is made of other dice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    head = "| published | stored | new | precision | recall | moved | right | left | right | requests | seconds |"
    sys.stdout.write(f"{head}\n{'| ---: ' * 11}|\n")
    for number in range(given.rounds):
        sys.stdout.write(f"{_line(*_measured(given.pages, number))}\n")
        sys.stdout.flush()


def _measured(pages: int, dice: int) -> tuple[Published, dict[str, Any], str, float]:
    site = Site()
    made = Maker(site, pages, dice).make()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "seeds")
        folder.mkdir()
        made.store(folder, site.url(""))
        own = (f"SEEDS_DIR={folder}", f"REPORT_DIR={place}/reports", f"REFRESH_STATE={place}/state.sqlite")
        switches = [word for setting in (*_SETTINGS, *own) for word in ("-s", setting)]
        started = time.perf_counter()
        words = [sys.executable, "-m", "scrapy", "discover", "--pages", str(pages), *switches]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
        (found,) = json.loads(Path(place, "reports", "proposals.json").read_text(encoding="utf-8"))["sites"]
    site.close()
    return made, found, site.url(""), seconds


def _line(made: Published, found: dict[str, Any], origin: str, seconds: float) -> str:
    new = {one["url"].removeprefix(origin) for one in found["new"]}
    moved = {one["url"].removeprefix(origin): one["to"].removeprefix(origin) for one in found["moved"]}
    left = {one["url"].removeprefix(origin) for one in found["left"]}
    right = len(new & made.new)
    cells = (
        *(f"{count:,}" for count in (made.published, len(made.stored), len(made.new))),
        *(f"{right / len(those):.3f}" if those else "" for those in (new, made.new)),
        *(str(count) for count in (len(moved), sum(made.moved.get(one) == to for one, to in moved.items()))),
        *(str(count) for count in (len(left), len(left & made.left))),
        f"{found['requests']:,}",
        f"{seconds:.0f}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
