"""Coordinates a run by many workers: hands out shards, writes what they bring back, and makes one report.

Workers fetch and read pages; only the coordinator writes, just as a single run would.
"""

from __future__ import annotations

import signal
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from fetcher.fleet.shard import REPORT, Done, Job, ShardError
from fetcher.memory import fingerprint
from fetcher.memory.freshness import Rates
from fetcher.memory.state import State
from fetcher.report import merging
from fetcher.report.merging import MergeError, ShardReport, StateError, notes_and_alarms
from fetcher.report.report import Report
from fetcher.run import ending
from fetcher.run.circuit_breaker import CircuitBreaker
from fetcher.run.ending import Ending
from fetcher.seeds import folder, lock, writing
from fetcher.seeds.seeds import DEFAULT_KEYS, page_url
from fetcher.terms import failures
from fetcher.terms.arguments import Shard, shard_number
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import Outcome, is_lost
from fetcher.visits.recall import unedited
from fetcher.visits.results import troubled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from fetcher.report.summary import Summary
    from fetcher.seeds.folder import Entry, Found
    from fetcher.seeds.seeds import Keys
    from fetcher.terms.arguments import Arguments
    from fetcher.terms.failures import Trouble

    Results = Callable[[Iterable[Job]], Iterator[tuple[Shard, Done | ShardError]]]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The coordinator's paths of seeds, reports and state."""

    seeds: Path
    reports: Path
    state: Path
    keys: Keys = DEFAULT_KEYS


def refresh(
    places: Places, given: Arguments, orders: Orders, results: Results, tell: Callable[[str], object]
) -> tuple[Summary, int]:
    """Does the run; returns its summary and exit status.

    `results` runs jobs and yields their results in any order; `tell` is called with the progress. Raises LockedError if
    another run uses the seeds, and OSError if no report can be written.
    """
    started = datetime.now(UTC)
    with ExitStack() as held:
        held.enter_context(lock.hold(places.seeds))
        report = Report(places.reports, str(places.seeds), started)
        if not orders.dry_run:
            writing.remove_temporary_files(places.seeds)
        memory = held.enter_context(State(places.state, keeps=not orders.dry_run))
        surveyed = folder.scan(places.seeds, given.path, places.keys)
        gain = Rates.remembered(memory).ranking(started) if given.limit is not None else None
        chosen = list(folder.select_for_run(surveyed, given, memory.verified().get, started, gain=gain))
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
        return ending.finish_run(report, memory, run)


class _StoppedError(Exception):
    """The process was stopped while it waited."""


class _Wait:
    """Iterates over results until the process is stopped (SIGINT, SIGTERM), without losing any that has arrived."""

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
        """Yields the results until the process is stopped."""
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


@dataclass(frozen=True, slots=True)
class Orders:
    """How the shards are run: how many there are, the workers' copy of the seeds, and the words of their command.

    In a `dry_run` nothing is written and nothing remembered. `brake_share` is the share of pages lost above which
    nothing more is written, of those of all shards: each shard heeds its own before that.
    """

    shards: int
    copy: str
    words: tuple[str, ...]
    dry_run: bool
    brake_share: float


class Coordinator:
    """Processes the results of shards: writes the seeds, the state and the report."""

    def __init__(self, seeds: Path, state: Path, report: Report, orders: Orders, keys: Keys = DEFAULT_KEYS) -> None:
        self._seeds = seeds
        self._keys = keys
        self._state = state
        self._report = report
        self._orders = orders
        self._entries: dict[Shard, dict[str, Entry]] = {}
        self._parts: list[ShardReport] = []
        self._notes: list[str] = []
        self._breaker = CircuitBreaker(1)

    def begin(self, found: Iterable[Found]) -> int:
        """Assigns the seeds to shards, and returns the number of shards; unusable seeds get their outcome at once."""
        by_shard: defaultdict[Shard, dict[str, Entry]] = defaultdict(dict)
        pages = set()
        for path, seed in found:
            if isinstance(seed, SeedError):
                self._report.add(troubled(path, "", failures.of_seed_error(seed)).record)
                continue
            pages.add(page_url(seed.url))
            number = shard_number(path, seed.url, self._orders.shards)
            by_shard[Shard(number, self._orders.shards)][path] = seed
        self._entries = dict(by_shard)
        self._breaker = CircuitBreaker(self._orders.brake_share, len(pages))
        return len(self._entries)

    def jobs(self) -> Iterator[Job]:
        """Yields a job for each shard with seeds, the largest first."""
        for shard in sorted(self._entries, key=lambda shard: (-len(self._entries[shard]), shard)):
            entries = self._entries[shard].values()
            files = {entry.path: entry.digest for entry in entries}
            known = self._remembered({page_url(entry.url) for entry in entries})
            yield Job(shard, self._orders.copy, files, self._orders.words, known, fingerprint.of_code())

    def take(self, shard: Shard, came: Done | ShardError) -> None:
        """Processes the result of a shard; after that, each of its seeds has an outcome."""
        entries = self._entries.pop(shard)
        why = failures.LOST
        if isinstance(came, ShardError):
            why = failures.of_shard(came)
        else:
            try:
                self._take(shard, entries, came)
            except (MergeError, OSError) as error:
                why = failures.of_shard(error)
        self._give_up(entries, why)

    def stop(self) -> int:
        """Skips the seeds of shards without a result, and returns their number."""
        return sum(self._give_up(entries, failures.STOPPED) for entries in self._entries.values())

    def said(self) -> tuple[Sequence[str], Sequence[str]]:
        """The notes and alarms of all shards."""
        notes, alarms = notes_and_alarms(sorted(self._parts, key=lambda part: part.shard))
        stop = [f"Writing stopped for the whole run, as {self._breaker.run}."] if self._breaker.run else []
        return [*notes, *dict.fromkeys(self._notes)], [*stop, *alarms]

    def _take(self, shard: Shard, entries: dict[str, Entry], done: Done) -> None:
        with tempfile.TemporaryDirectory(prefix="fetcher-") as name:
            place = Path(name)
            for file in REPORT:
                place.joinpath(file).write_bytes(done.report.get(file, b""))
            part = ShardReport.open(place)
            if part.shard != shard:
                raise MergeError(f"a worker has sent the report of {part.shard} for {shard}")
            self._parts.append(part)
            for path in done.stale:
                if entry := entries.pop(path, None):
                    self._fail(entry, failures.STALE)
            for row, *_ in part.seeds():
                self._count(row)
            refused = list(self._refused(part, entries, done.texts))
            self._remember(done.state, place / "state.sqlite", refused)

    def _refused(self, part: ShardReport, entries: dict[str, Entry], texts: Mapping[str, str]) -> Iterator[str]:
        """Records the outcomes of a shard's seeds and writes them; yields the paths whose new text was not written."""
        for row, told in part.seeds():
            entry = entries.pop(row["path"], None)
            if entry is None:
                raise MergeError(f"a worker has sent an outcome for {row['path']}, which was not asked for")
            if row["after"] and self._breaker.run:
                self._report.take(row | _braked(self._breaker.run))
                yield entry.path
            elif trouble := self._written(entry, texts.get(entry.path)):
                self._fail(entry, trouble)
                yield entry.path
            else:
                self._report.take(row, told)

    def _count(self, row: dict[str, Any]) -> None:
        if all(row["path"] < other for other in row["shares_page_with"]):  # a page once, however many seeds it has
            self._breaker.record("", lost=is_lost(Outcome(row["outcome"]), row["status"]))

    def _written(self, entry: Entry, text: str | None) -> Trouble | None:
        """Writes the new text of a seed, if there is one; returns why that failed, if it did."""
        if text is None or self._orders.dry_run:
            return None
        seed = unedited(self._seeds, entry, self._keys)
        if isinstance(seed, failures.Trouble):
            return seed
        try:
            writing.write(self._seeds, entry.path, seed.text, text)
        except SeedError as error:
            return failures.of_seed_error(error)
        return None

    def _remembered(self, urls: Iterable[str]) -> bytes:
        with tempfile.TemporaryDirectory(prefix="fetcher-") as name:
            place = Path(name, "state.sqlite")
            try:
                merging.extract_state(self._state, urls, place)
                return place.read_bytes()
            except (StateError, OSError) as error:
                self._notes.append(f"{error}: shards ran without memory.")
                return b""

    def _remember(self, data: bytes, place: Path, refused: Iterable[str]) -> None:
        # Only now, as a base that is newer than its file makes the page's change look like a person's.
        if self._orders.dry_run:
            return
        place.write_bytes(data)
        try:
            merging.merge_states([place], self._state, without=set(refused))
        except StateError as error:
            self._notes.append(f"{error}: what shards have seen is not remembered.")

    def _give_up(self, entries: Mapping[str, Entry], why: Trouble) -> int:
        for entry in entries.values():
            self._fail(entry, why)
        return len(entries)

    def _fail(self, entry: Entry, why: Trouble) -> None:
        self._report.add(troubled(entry.path, entry.url, why).record)


def _braked(why: str) -> dict[str, str]:
    """What replaces the fields of a report row if the new text was not written, for the reason `why`."""
    trouble = failures.breaker_tripped(why)
    said = {"outcome": trouble.outcome.value, "reason": trouble.reason, "detail": trouble.detail, "mend": trouble.mend}
    return said | {"before": "", "after": "", "summary": ""}
