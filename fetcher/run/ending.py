"""The end of a run: it is remembered, its report is put in place, and it has an exit status."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import starmap
from typing import TYPE_CHECKING

from fetcher.memory import hints
from fetcher.memory.serialization import RunSummary
from fetcher.report.announcements import Announcement
from fetcher.report.digest import miscount
from fetcher.terms.outcomes import TROUBLES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from fetcher.memory.state import State
    from fetcher.report.report import Report
    from fetcher.report.summary import Summary

_HISTORY = 200
"""Runs that the history shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """When a run began and ended, the seeds that it found, and what it has to say; `alarms` need a person.

    Of the changes only those of the classes `only` are announced, all where none is named.
    """

    started: datetime
    finished: datetime
    found: int
    notes: Sequence[str] = ()
    alarms: Sequence[str] = ()
    only: Collection[str] = ()


def close(report: Report, state: State, ending: Ending, *, remembered: bool = True) -> tuple[Summary, int]:
    """What the run came to and its exit status, with the report in place.

    `remembered` tells whether it belongs into the history of runs, as a shard of one does not.
    """
    notes = [*ending.notes, *state.troubles]
    if remembered:  # before the report, which shows the runs up to this one
        counts = {outcome.value: number for outcome, number in report.counts.items()}
        state.keep_run(RunSummary(ending.started, ending.finished, ending.found, counts, (*ending.alarms, *notes)))
    failed = ending.alarms or miscount(ending.found, report.counts) or TROUBLES & set(+report.counts)
    needs_a_person = bool(failed) or report.has_unwritable
    if remembered:
        report.explain(starmap(Announcement, hints.announcements(state)), ending.finished)
    runs = state.runs(_HISTORY) if remembered else ()
    done = report.finish(ending.finished, ending.found, notes, ending.alarms, runs, ending.only)
    return done, int(needs_a_person or not report.is_whole)
