"""A run by a fleet: from the seeds to the report, as one run would do it."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TypeVar

from fetcher.fleet.coordinator import Coordinator
from fetcher.memory.freshness import Rates
from fetcher.memory.packing import unpack_course
from fetcher.memory.state import State
from fetcher.report.report import Report
from fetcher.run import ending
from fetcher.run.ending import Ending
from fetcher.seeds import folder, lock, writing
from fetcher.seeds.keys import USUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from fetcher.fleet.coordinator import Orders
    from fetcher.fleet.shard import Done, Job, ShardError
    from fetcher.report.summary import Summary
    from fetcher.seeds.keys import Keys
    from fetcher.terms.arguments import Arguments
    from fetcher.terms.shards import Shard

    Results = Callable[[Iterable[Job]], Iterator[tuple[Shard, Done | ShardError]]]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the coordinator has its seeds, its reports and what it remembers."""

    seeds: Path
    reports: Path
    state: Path
    keys: Keys = USUAL


def refresh(
    places: Places, given: Arguments, orders: Orders, results: Results, tell: Callable[[str], object]
) -> tuple[Summary, int]:
    """What the run came to, and its exit status.

    `results` has the jobs done, in whatever order, and `tell` hears how far the run is. Raises LockedError where
    another run is at work on the seeds, and OSError where no report can be written.
    """
    started = datetime.now(UTC)
    with ExitStack() as held:
        held.enter_context(lock.hold(places.seeds))
        report = Report(places.reports, str(places.seeds), started)
        if not orders.dry_run:
            writing.clean(places.seeds)
        memory = held.enter_context(State(places.state, keeps=not orders.dry_run))
        surveyed = folder.survey(places.seeds, given.path, places.keys)
        gain = Rates.of(memory.each(unpack_course)).ranking(started) if given.limit is not None else None
        chosen = list(folder.chosen(surveyed, given, memory.verified().get, started, gain=gain))
        found = len(chosen)
        coordinator = Coordinator(places.seeds, places.state, report, orders, places.keys)
        count = coordinator.begin(chosen)
        with _Wait() as wait:
            for done, (shard, came) in enumerate(wait.each(results(coordinator.jobs())), 1):
                coordinator.take(shard, came)
                tell(f"{done:,} of {count:,} shards, {report.counts.total():,} of {found:,} seeds")
        missing = coordinator.stop()
        notes, alarms = coordinator.said()
        if missing:
            alarms = [f"The run ended early (shutdown): {missing} seeds were not visited.", *alarms]
        run = Ending(started=started, finished=datetime.now(UTC), found=found, notes=notes, alarms=alarms)
        return ending.close(report, memory, run)


class _StoppedError(Exception):
    """The process was told to end while it waited."""


class _Wait:
    """Waits for what comes next until the process is told to end (SIGINT, SIGTERM); what has come is never given up."""

    def __init__(self) -> None:
        self._told = False
        self._waiting = False

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._hear) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def each(self, results: Iterator[T]) -> Iterator[T]:
        """The results until then."""
        while not self._told:
            try:
                self._waiting = True
                result = next(results)
                self._waiting = False
            except (StopIteration, _StoppedError):
                return
            yield result

    def _hear(self, number: int, _: object) -> None:
        self._told = True
        signal.signal(number, signal.SIG_DFL)  # a second one ends the process on the spot, which harms no text
        if self._waiting:
            raise _StoppedError
