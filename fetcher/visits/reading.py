"""What is done with an answer that has to be read: all that takes time, so that another process can do it.

The main process names these functions to the others, and does without the libraries that they read pages with.
"""

# ruff: noqa: PLC0415  # imports stand in the functions, see above

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fetcher.memory.memory import settled

if TYPE_CHECKING:
    from datetime import datetime

    from fetcher.visits.editing import Manner
    from fetcher.visits.fetched import Fetched
    from fetcher.visits.results import Visited
    from fetcher.visits.stored import Stored


def read(fetched: Fetched, stored: Stored, manner: Manner, began: datetime) -> tuple[Visited, Manner]:
    """What came of a visit, and the manner of it: a doubt that a run before `began` had is none any more."""
    from fetcher.visits.visit import visit

    visited = visit(fetched, stored, manner)
    if not visited.doubt or not settled(stored.memory, visited.doubt, began):
        return visited, manner
    manner = replace(manner, accept=manner.accept | {visited.doubt.reason})
    return visit(fetched, stored, manner), manner


def read_again(first: Visited, again: Fetched, stored: Stored, manner: Manner) -> Visited:
    """What came of a visit whose page was fetched `again`."""
    from fetcher.visits.confirm import confirmed
    from fetcher.visits.visit import visit

    second = visit(again, replace(stored, shown=first.shown), manner)
    return first if second.is_same else confirmed(first, second, again, stored, manner)


def digest(answer: Fetched) -> str:
    """The digest of the text that an answer shows."""
    from fetcher.page import page
    from fetcher.verdict import verdict

    return verdict.digest(page.parse(answer.html, answer.final_url))
