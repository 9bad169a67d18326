"""What a run takes of memory: a Markdown table of its main process and of all its processes, by number of seeds.

    python -m tests.benchmarks.footprint [SEEDS=1000 10000 100000]

Each number of seeds is filled, then visited again by servers that answer 304, and again by servers that know no
validators. Pages are small, of 50 hosts on loopback: what is measured is what a run holds of each seed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import psutil

from tests.benchmarks.contestants import REFRESH
from tests.benchmarks.server import ROOT, Mode, served

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MEGABYTE = 1e6
_PAGES = 100  # that differ; the others are the same at other addresses
_BYTES = 3_000  # of a page
_INTERVAL = 0.2  # seconds between two looks
_RUNS = {"fill": Mode.UNCHANGED, "304": Mode.UNCHANGED, "same bytes": Mode.SAME_BYTES}


class Taken(NamedTuple):
    """The most bytes that a run had in its main process, and in all of its processes together."""

    main: int
    all: int


def watched(words: Sequence[str]) -> Taken:
    """What a command takes."""
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        process, most = psutil.Process(run.pid), Taken(0, 0)
        while run.poll() is None:
            time.sleep(_INTERVAL)
            main = _resident(process)
            others = sum(_resident(child) for child in process.children(recursive=True)) if main else 0
            most = Taken(max(most.main, main), max(most.all, main + others))
    return most


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it has ended
        return 0


def measure(number: int, folder: Path) -> Iterator[tuple[str, Taken]]:
    """Each run over so many seeds, and what it took."""
    with served(_PAGES, median=_BYTES) as site:
        REFRESH.prepare(folder, [site.url(n) for n in range(number)])
        words = [*REFRESH.words(folder, Mode.UNCHANGED), "-s", "REFRESH_CONFIRM=False", "-s", "REFRESH_BRAKE_SHARE=1"]
        for name, mode in _RUNS.items():
            site.gives(mode)
            yield name, watched(words)


def table(numbers: Sequence[int]) -> Iterator[str]:
    """The lines of a Markdown table; bytes a seed are those above what the smallest number takes."""
    yield "| seeds | run | MB, main process | bytes a seed | MB, all processes |"
    yield "| ---: | --- |" + " ---: |" * 3
    least: dict[str, Taken] = {}
    for number in numbers:
        with TemporaryDirectory() as folder:
            for name, taken in measure(number, Path(folder)):
                more = number - numbers[0]
                each = f"{(taken.main - least[name].main) / more:,.0f}" if more else ""
                least.setdefault(name, taken)
                sizes = (f"{size / _MEGABYTE:.0f}" for size in taken)
                yield f"| {number:,} | {name} | {next(sizes)} | {each} | {next(sizes)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", nargs="*", type=int, default=[1000, 10_000, 100_000])
    for line in table(parser.parse_args().seeds):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
