"""`report.html`: what a run found, for a person to read, filter and walk through, in one file that loads no other."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from fetcher.report.digest import course
from fetcher.report.facts import told
from fetcher.report.html import templates
from fetcher.report.html.entries import Entry, anchor, held, shown
from fetcher.report.html.overview import Overview
from fetcher.report.html.wording import number, shares
from fetcher.report.noise import MEANINGS, remedy
from fetcher.report.summary import OPEN
from fetcher.run.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fetcher.report.changes import Change
    from fetcher.report.digest import Digest

    Seeds = Callable[[], Iterator[tuple[Mapping[str, Any], Change | None]]]
    Texts = Callable[[str], tuple[str, str]]

MOST_ENTRIES = 5_000
"""Changed seeds that are listed, and troubled ones: 5 MB of each."""

ROOM = 13_000_000
"""Characters of changes that are shown; the pages after are listed without theirs."""

_OPEN = 200_000  # characters of changes that are open from the start: as many as a person reads in one sitting


def report(digest: Digest, seeds: Seeds, texts: Texts, *, has_history: bool = False) -> Iterator[str]:
    """The page piece by piece; `seeds` are by path, each with its change if it has one, and `texts` gives both texts.

    What is held in memory does not grow with the number of seeds.
    """
    overview = Overview(seeds())
    values = {
        "digest": digest,
        "headline": _headline(digest, overview),
        "course": course(digest),
        "shares": shares({outcome.value: digest.counts[outcome] for outcome in Outcome}),
        "overview": overview,
        "nothing": _nothing(digest),
        "groups": [(number, told(group.edits), group) for number, group in enumerate(digest.groups, 1)],
        "pages": _changed(digest, seeds, texts),
        "troubles": _troubled(seeds),
        "kinds": [(kind, MEANINGS[kind.kind], remedy(kind.kind)) for kind in digest.held.kinds()],
        "most": MOST_ENTRIES,
        "has_history": has_history,
        "anchor": anchor,
        "held": held,
    }
    return templates.page("report", values)


def _changed(digest: Digest, seeds: Seeds, texts: Texts) -> Iterator[Entry]:
    """The changed pages, with their changes as long as there is room for these."""
    groups = {edit.key: number for number, group in enumerate(digest.groups, 1) for edit in group.edits}
    used = opened = 0
    for record, change in islice(((record, change) for record, change in seeds() if change), MOST_ENTRIES):
        page = shown(change, *texts(record["path"]), record["url"]) if used < ROOM else None
        size = page.size if page else 0
        used += size
        parts = [groups.get(edit.key) for edit in change.edits]
        is_open = (
            page is not None and opened + size < _OPEN and (not parts or None in parts)
        )  # what many pages share is told once
        opened += size if is_open else 0
        common = sorted({part for part in parts if part})
        yield Entry(record, page if used < ROOM else None, common, is_open=is_open)


def _troubled(seeds: Seeds) -> Iterator[Entry]:
    found = (Entry(record) for record, change in seeds() if not change and record["outcome"] in OPEN)
    return islice(found, MOST_ENTRIES)


def _headline(digest: Digest, overview: Overview) -> str:
    """The run in a line."""
    parts = [f"{number(overview.changed, 'page')} changed" if overview.changed else "Nothing changed"]
    if overview.troubled:
        parts.append(f"{overview.troubled:,}" if overview.changed else number(overview.troubled, "page"))
        parts[-1] += " to look at"
    if skipped := digest.counts[Outcome.SKIPPED]:
        parts.append(f"{skipped:,} skipped")
    return ", ".join(parts)


def _nothing(digest: Digest) -> tuple[str, str]:
    """What is said where there is no page to list."""
    if digest.counts[Outcome.SKIPPED] or digest.alarms:
        return "Nothing to show", "Not every page was visited; what is said above tells why."
    return "Every page reads as it did", "No seed was written, and nothing needs a person."
