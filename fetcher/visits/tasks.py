"""The slow work on an answer, as functions that worker processes run.

The main process only refers to these functions: they import the libraries that read pages when they are called.
"""

# ruff: noqa: PLC0415  # imports stand in the functions, see above

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from fetcher.sites.rules import PageRules
    from fetcher.visits.fetched import Fetched
    from fetcher.visits.recall import Stored
    from fetcher.visits.results import Result, Visited, VisitOptions


def read(fetched: Fetched, stored: Stored, options: VisitOptions, began: datetime) -> tuple[Visited, VisitOptions]:
    """The results of a visit, and the options used.

    A doubt that an earlier run had too (`began` is when this one started) is settled: the page is read again with its
    reason accepted.
    """
    from fetcher.visits import recall
    from fetcher.visits.visit import visit

    visited = visit(fetched, stored, options)
    is_whole = fetched.rendered or options.rules.render != "auto"  # otherwise scripts may add what is missing
    if is_whole and visited.doubt and recall.is_doubt_settled(stored.memory, visited.doubt, began):
        options = replace(options, accept=options.accept | {visited.doubt.reason})
        visited = visit(fetched, stored, options)
    return _with_report_entries(visited, fetched, stored, options), options


def confirm(first: Visited, again: Fetched, stored: Stored, options: VisitOptions) -> Visited:
    """The results of a visit whose page showed something else when it was fetched `again`: what both fetches show."""
    from fetcher.visits.confirm import confirmed
    from fetcher.visits.visit import visit

    return _with_report_entries(
        confirmed(first, visit(again, stored, options), again, stored, options), again, stored, options
    )


def read_both(
    html: Fetched, markdown: Fetched, stored: Stored, options: VisitOptions, began: datetime
) -> tuple[Visited, VisitOptions]:
    """As `read`, for a page that has both HTML and Markdown: the Markdown is used where it agrees with the HTML."""
    from fetcher.visits.confirm import agreed_representation
    from fetcher.visits.visit import visit

    by_html, options = read(html, stored, options, began)
    by_markdown = visit(markdown, stored, options)
    visited = agreed_representation(by_html, by_markdown, markdown, stored, options)
    # The digest that is remembered is that of the page's own address.
    shown = by_markdown.shown if markdown.url == html.url else by_html.shown
    return _with_report_entries(replace(visited, shown=shown), markdown, stored, options), options


def content_digest(fetched: Fetched, rules: PageRules) -> bytes:
    """As `first_look.content_digest`."""
    from fetcher.visits import first_look

    return first_look.content_digest(fetched, rules)


def _with_report_entries(visited: Visited, fetched: Fetched, stored: Stored, options: VisitOptions) -> Visited:
    """The visit with a report entry for each text that it changes."""
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
    """The digest of the words of an answer (`verdict.digest`), for comparing error pages."""
    from fetcher.verdict import verdict
    from fetcher.visits.first_look import parsed

    return verdict.digest(parsed(answer))
