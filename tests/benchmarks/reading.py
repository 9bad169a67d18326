"""Reading and selecting seeds against reading their files: `read FOLDER` does the one, `select FOLDER` the other.

    python -m tests.benchmarks.reading make FOLDER 100000

makes the seeds. `tests.benchmarks.speed` runs all three, and asks what a run holds in memory.
"""

from __future__ import annotations

import os
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from math import log
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROBOTS = "a robots.txt in memory"
ROBOTS_TEXT = "a robots.txt in memory, as text"
_RULES = "User-agent: *\n" + "".join(f"Disallow: /path-{n}/*?sort=\n" for n in range(30))
_MEDIAN = 6_000  # bytes of a file, as of those in a public corpus of 13,000
_SPREAD = 1.0
_A_FOLDER = 200  # files


def make(folder: Path, number: int) -> None:
    """Write so many seeds, two hundred in each folder."""
    chance = Random(0)
    text = " ".join(f"word{chance.randrange(5000)}" for _ in range(20_000))
    for n in range(number):
        if n % _A_FOLDER == 0:
            (folder / f"{n // _A_FOLDER:03}-Part").mkdir(parents=True)
        stamp = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(200_000))
        start = chance.randrange(1000)
        (folder / f"{n // _A_FOLDER:03}-Part" / f"page-{n}.md").write_text(
            f'---\ncategory: "{n // _A_FOLDER:03}-Part"\nfetched_at: "{stamp:%Y-%m-%dT%H:%M:%SZ}"\n'
            f'source_url: "https://site-{n % 2000}.example/part/page-{n}"\ntitle: "Page {n} of a \\\\ book"\n---\n\n'
            f"# Page {n}\n\n{text[start : start + round(chance.lognormvariate(log(_MEDIAN), _SPREAD))]}\n"
        )


def read(folder: Path) -> int:
    """How many bytes there are, each file read."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(place, name), "rb") as file:  # noqa: PTH118, PTH123  # the cheapest way there is
                size += len(file.read())
    return size


def select(folder: Path) -> int:
    """How many pages a run would visit, as `scrapy crawl refresh -a older_than=2026-03-01` finds out."""
    from fetcher.run.plan import Plan  # noqa: PLC0415
    from fetcher.seeds import folder as seeds  # noqa: PLC0415
    from fetcher.terms.arguments import Arguments  # noqa: PLC0415  # reading needs none of these

    given = Arguments(older_than=datetime(2026, 3, 1, tzinfo=UTC))
    plan = Plan(seeds.select_for_run(seeds.scan(folder), given, lambda _: None, datetime.now(UTC)))
    return sum(1 for _ in plan.pages())


def held() -> dict[str, int]:
    """The bytes of memory that a run holds for a robots.txt of usual length: of the latest sites, and of all others."""
    from protego import Protego  # noqa: PLC0415  # reading needs none of it

    from fetcher.robots import own_groups  # noqa: PLC0415  # as above

    return {
        ROBOTS: _bytes_each(lambda: Protego.parse(_RULES)),
        ROBOTS_TEXT: _bytes_each(lambda: own_groups(_RULES, "fetcher")),
    }


def _bytes_each(make: Callable[[], object], number: int = 1000) -> int:
    tracemalloc.start()
    kept = [make() for _ in range(number)]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size // len(kept)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", where, number]:
            make(Path(where), int(number))
        case ["read", where]:
            sys.stdout.write(f"{read(Path(where))}\n")
        case ["select", where]:
            sys.stdout.write(f"{select(Path(where))}\n")
