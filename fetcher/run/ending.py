"""Finishes a run: adds it to the history, puts its report in place, and determines the exit status."""

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
"""The number of runs in `history.html`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """When a run started and finished, how many seeds it found, its notes, and its `alarms`, which need a person.

    `only` are the classes of changes to announce; all if it is empty.
    """

    started: datetime
    finished: datetime
    found: int
    notes: Sequence[str] = ()
    alarms: Sequence[str] = ()
    only: Collection[str] = ()


def finish_run(report: Report, state: State, ending: Ending, *, remembered: bool = True) -> tuple[Summary, int]:
    """Puts the report in place; returns the run's summary and its exit status.

    `remembered` tells whether the run belongs in the history; a shard of a run does not.
    """
    notes = [*ending.notes, *state.troubles]
    if remembered:  # before the report, whose history includes this run
        counts = {outcome.value: number for outcome, number in report.counts.items()}
        state.keep_run(RunSummary(ending.started, ending.finished, ending.found, counts, (*ending.alarms, *notes)))
    failed = ending.alarms or miscount(ending.found, report.counts) or TROUBLES & set(+report.counts)
    needs_a_person = bool(failed) or report.has_unwritable
    if remembered:
        report.explain(starmap(Announcement, hints.announcements(state)), ending.finished)
    runs = state.runs(_HISTORY) if remembered else ()
    done = report.finish(ending.finished, ending.found, notes, ending.alarms, runs, ending.only)
    return done, int(needs_a_person or not report.is_whole)
