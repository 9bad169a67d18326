"""What it takes to start: commands that have nothing to do, as a part of the benchmark of speed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.benchmarks.contestants import REFRESH, SCRAPY, spend
from tests.benchmarks.figures import Line, Run
from tests.benchmarks.server import Mode

if TYPE_CHECKING:
    from pathlib import Path

VERSION, CRAWL, REFRESHED = "scrapy version", "bare Scrapy, no page", "refresh, no seed"
_TIMES = 5  # a round: each is short
_ENDS = (0, 2)  # 2 where there are no seeds to refresh


class Startup:
    """Measures starting; the commands compile nothing, as they have run before."""

    def __init__(self, folder: Path) -> None:
        for tool in (SCRAPY, REFRESH):
            (folder / tool.name).mkdir(parents=True)
            tool.prepare(folder / tool.name, [])
        (folder / REFRESH.name / "seeds").mkdir(exist_ok=True)
        self._commands = {
            VERSION: [sys.executable, "-m", "scrapy", "version"],
            CRAWL: SCRAPY.words(folder / SCRAPY.name, Mode.SAME_BYTES),
            REFRESHED: REFRESH.words(folder / REFRESH.name, Mode.SAME_BYTES),
        }
        self.lines = [Line(name, 1) for name in self._commands]
        for words in self._commands.values():
            spend(words, ends=_ENDS)

    def round(self) -> None:
        """Measure each a few times, in turns."""
        for _ in range(_TIMES):
            for words, line in zip(self._commands.values(), self.lines, strict=True):
                line.runs.append(Run(*spend(words, ends=_ENDS)))
