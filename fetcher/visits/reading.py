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
    from fetcher.visits.results import Result, Visited, VisitOptions


def read(fetched: Fetched, stored: Stored, options: VisitOptions, began: datetime) -> tuple[Visited, VisitOptions]:
    """What came of a visit, and the manner of it: a doubt that a run before `began` had is none any more."""
    from fetcher.visits.visit import visit

    visited = visit(fetched, stored, options)
    is_whole = fetched.rendered or options.rules.render != "auto"  # else scripts may bring what it lacks
    if is_whole and visited.doubt and recall.is_doubt_settled(stored.memory, visited.doubt, began):
        options = replace(options, accept=options.accept | {visited.doubt.reason})
        visited = visit(fetched, stored, options)
    return _with_report_entries(visited, fetched, stored, options), options


def confirm(first: Visited, again: Fetched, stored: Stored, options: VisitOptions) -> Visited:
    """What came of a visit whose page showed something else when it was fetched `again`."""
    from fetcher.visits.confirm import confirmed
    from fetcher.visits.visit import visit

    return _with_report_entries(
        confirmed(first, visit(again, stored, options), again, stored, options), again, stored, options
    )


def read_both(
    html: Fetched, markdown: Fetched, stored: Stored, options: VisitOptions, began: datetime
) -> tuple[Visited, VisitOptions]:
    """As `read`, of a page that is to be read from its Markdown once that agrees with its HTML."""
    from fetcher.visits.confirm import agreed_representation
    from fetcher.visits.visit import visit

    by_html, options = read(html, stored, options, began)
    by_markdown = visit(markdown, stored, options)
    visited = agreed_representation(by_html, by_markdown, markdown, stored, options)
    # What the page's own address shows is remembered of it.
    shown = by_markdown.shown if markdown.url == html.url else by_html.shown
    return _with_report_entries(replace(visited, shown=shown), markdown, stored, options), options


def content_digest(fetched: Fetched, rules: PageRules) -> bytes:
    """As `seeing.shows`."""
    from fetcher.visits import first_look

    return first_look.content_digest(fetched, rules)


def _with_report_entries(visited: Visited, fetched: Fetched, stored: Stored, options: VisitOptions) -> Visited:
    """The visit, with what the report says of each text that it changes."""
    results = (
        _with_report_entry(result, fetched, stored, options) if result.writes else result for result in visited.results
    )
    return replace(visited, results=tuple(results))


def _with_report_entry(result: Result, fetched: Fetched, stored: Stored, options: VisitOptions) -> Result:
    from fetcher.terms.outcomes import Noise
    from fetcher.visits.results import edited
    from fetcher.visits.waves import with_report_entry

    path = result.record.path
    seed = stored.seeds[path]
    still = edited(seed, seed.body, fetched, options) if options.edits_front_matter else ""
    return with_report_entry(result, stored.bases.get(path), still, waits=Noise.WAVE not in options.accept)


def text_digest(answer: Fetched) -> str:
    """The digest of the text that an answer shows."""
    from fetcher.verdict import verdict
    from fetcher.visits.first_look import parsed

    return verdict.digest(parsed(answer))
