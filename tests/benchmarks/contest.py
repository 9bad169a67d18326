"""A contest: commands that visit the same pages, measured in turn, round after round."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.contestants import Tool, spend
from tests.benchmarks.figures import Line, Run
from tests.benchmarks.server import Mode, Served

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEARLY_ALL = 0.99  # of the pages end as they are made to: some made-up edit may read like noise


class Entry(NamedTuple):
    """A contestant, and what it is given."""

    tool: Tool
    mode: Mode

    @property
    def name(self) -> str:
        return f"{self.tool.name}, {self.mode}"


class Contest:
    """Measures entries over the same addresses, one round after the other."""

    def __init__(self, site: Served, number: int, entries: Sequence[Entry], folder: Path) -> None:
        self._site = site
        self._urls = [site.url(n) for n in range(number)]
        self._entries = entries
        self._folder = folder
        self.lines = [Line(entry.name, number) for entry in entries]
        for tool in {entry.tool.name: entry.tool for entry in entries}.values():
            self._fill(tool)

    def round(self) -> None:
        """Measure each once."""
        for entry, line in zip(self._entries, self.lines, strict=True):
            line.runs.append(self._run(entry))

    def kept(self, tool: Tool) -> Path:
        """The folder that the tool's runs begin with."""
        return self._folder / tool.name

    def _fill(self, tool: Tool) -> None:
        kept = self.kept(tool)
        kept.mkdir(parents=True)
        tool.prepare(kept, self._urls)
        if tool.remembers:
            self._site.gives(Mode.UNCHANGED)
            spend(tool.words(kept, Mode.UNCHANGED), tool.place, more=tool.environment)

    def _run(self, entry: Entry) -> Run:
        with TemporaryDirectory(dir=self._folder) as place:
            folder = Path(place)
            shutil.copytree(self.kept(entry.tool), folder, dirs_exist_ok=True)
            self._site.gives(entry.mode)
            tool = entry.tool
            spent = spend(tool.words(folder, entry.mode), tool.place, more=tool.environment)
            gave = self._site.gave()
            self._check(entry, folder, gave["requests"])
        return Run(*spent, requests=gave["requests"], bodies=gave["bodies"], bytes=gave["bytes"])

    def _check(self, entry: Entry, folder: Path, requests: float) -> None:
        """Raise where an entry did other work than it was to be measured at."""
        due = len(self._urls)
        if requests < due:
            raise RuntimeError(f"{entry.name}: {requests} requests for {due} pages")
        if entry.tool.outcomes:
            outcomes, wanted = entry.tool.outcomes(folder), "changed" if entry.mode is Mode.CHANGED else "unchanged"
            if outcomes.get(wanted, 0) < due * _NEARLY_ALL:
                raise RuntimeError(f"{entry.name}: {due} pages were to be {wanted}, and ended {outcomes}")
