"""The work on an answer that takes time, as functions that another process can call.

The main process names these functions to the others, and does without the libraries that they read pages with.
"""

# ruff: noqa: PLC0415  # imports stand in the functions, see above

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fetcher.visits import recall

if TYPE_CHECKING:
    from datetime import datetime

    from fetcher.sites.rules import PageRules
    from fetcher.visits.fetched import Fetched
    from fetcher.visits.recall import Stored
    from fetcher.visits.results import Manner, Result, Visited


def read(fetched: Fetched, stored: Stored, manner: Manner, began: datetime) -> tuple[Visited, Manner]:
    """What came of a visit, and the manner of it: a doubt that a run before `began` had is none any more."""
    from fetcher.visits.visit import visit

    visited = visit(fetched, stored, manner)
    is_whole = fetched.rendered or manner.rules.render != "auto"  # else scripts may bring what it lacks
    if is_whole and visited.doubt and recall.settled(stored.memory, visited.doubt, began):
        manner = replace(manner, accept=manner.accept | {visited.doubt.reason})
        visited = visit(fetched, stored, manner)
    return _told(visited, fetched, stored, manner), manner


def read_again(first: Visited, again: Fetched, stored: Stored, manner: Manner) -> Visited:
    """What came of a visit whose page showed something else when it was fetched `again`."""
    from fetcher.visits.confirm import confirmed
    from fetcher.visits.visit import visit

    return _told(confirmed(first, visit(again, stored, manner), again, stored, manner), again, stored, manner)


def read_both(
    html: Fetched, markdown: Fetched, stored: Stored, manner: Manner, began: datetime
) -> tuple[Visited, Manner]:
    """As `read`, of a page that is to be read from its Markdown once that agrees with its HTML."""
    from fetcher.visits.confirm import represented
    from fetcher.visits.visit import visit

    by_html, manner = read(html, stored, manner, began)
    by_markdown = visit(markdown, stored, manner)
    visited = represented(by_html, by_markdown, markdown, stored, manner)
    # What the page's own address shows is remembered of it.
    shown = by_markdown.shown if markdown.url == html.url else by_html.shown
    return _told(replace(visited, shown=shown), markdown, stored, manner), manner


def shows(fetched: Fetched, rules: PageRules) -> bytes:
    """As `seeing.shows`."""
    from fetcher.visits import first_look

    return first_look.shows(fetched, rules)


def _told(visited: Visited, fetched: Fetched, stored: Stored, manner: Manner) -> Visited:
    """The visit, with what the report says of each text that it changes."""
    results = (_told_of(result, fetched, stored, manner) if result.writes else result for result in visited.results)
    return replace(visited, results=tuple(results))


def _told_of(result: Result, fetched: Fetched, stored: Stored, manner: Manner) -> Result:
    from fetcher.terms.outcomes import Noise
    from fetcher.visits.results import edited
    from fetcher.visits.waves import told

    path = result.record.path
    seed = stored.seeds[path]
    still = edited(seed, seed.body, fetched, manner) if manner.edits_front_matter else ""
    return told(result, stored.bases.get(path), still, waits=Noise.WAVE not in manner.accept)


def digest(answer: Fetched) -> str:
    """The digest of the text that an answer shows."""
    from fetcher.verdict import verdict
    from fetcher.visits.first_look import parsed

    return verdict.digest(parsed(answer))
