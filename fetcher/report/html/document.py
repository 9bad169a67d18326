"""`report.html`: what a run found, for a person to read, filter and walk through, in one file that loads no other."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from fetcher.report.digest import course
from fetcher.report.facts import told
from fetcher.report.html import templates
from fetcher.report.html.entries import Entry, anchor, held
from fetcher.report.html.overview import Overview, shares
from fetcher.report.noise import MEANINGS
from fetcher.report.room import MOST_ENTRIES, ROOM
from fetcher.terms.outcomes import Outcome, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fetcher.report.changes import Edit
    from fetcher.report.digest import Digest

    Seeds = Callable[[], Iterator[tuple[Mapping[str, Any], bool]]]
    Changes = Callable[[str], tuple[Sequence[Edit], str, int]]

_OPEN = 200_000  # characters of changes that are open from the start: as many as a person reads in one sitting


def report(digest: Digest, seeds: Seeds, changes: Changes, *, has_history: bool = False) -> Iterator[str]:
    """The page piece by piece, of the seeds to list: by path, each with whether it changed.

    `changes` gives the edits of one that did, its view (`view.view`) and the size of that. What is held in memory does
    not grow with the number of seeds.
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
        "pages": _changed(digest, seeds, changes),
        "troubles": _troubled(seeds),
        "kinds": [(kind, MEANINGS[kind.kind], kind.remedy) for kind in digest.held.kinds()],
        "most": MOST_ENTRIES,
        "has_history": has_history,
        "anchor": anchor,
        "held": held,
    }
    return templates.page("report", values)


def _changed(digest: Digest, seeds: Seeds, changes: Changes) -> Iterator[Entry]:
    """The changed pages, with their changes as long as there is room for these."""
    groups = {edit.key: number for number, group in enumerate(digest.groups, 1) for edit in group.edits}
    used = opened = 0
    for record in islice((record for record, has_changed in seeds() if has_changed), MOST_ENTRIES):
        edits, view, size = changes(record["path"])
        parts = [groups.get(edit.key) for edit in edits]
        common = sorted({part for part in parts if part})
        # What many pages share is told once.
        is_open = used < ROOM and opened + size < _OPEN and (not parts or None in parts)
        opened += size if is_open else 0
        used += size
        html = Markup(view) if used < ROOM else None  # noqa: S704  # harmless as it was made
        yield Entry(record, html, common, is_open=is_open)


def _troubled(seeds: Seeds) -> Iterator[Entry]:
    return islice((Entry(record) for record, has_changed in seeds() if not has_changed), MOST_ENTRIES)


def _headline(digest: Digest, overview: Overview) -> str:
    """The run in a line."""
    parts = [f"{counted(overview.changed, 'page')} changed" if overview.changed else "Nothing changed"]
    if overview.troubled:
        parts.append(f"{overview.troubled:,}" if overview.changed else counted(overview.troubled, "page"))
        parts[-1] += " to look at"
    if skipped := digest.counts[Outcome.SKIPPED]:
        parts.append(f"{skipped:,} skipped")
    return ", ".join(parts)


def _nothing(digest: Digest) -> tuple[str, str]:
    """What is said where there is no page to list."""
    if digest.counts[Outcome.SKIPPED] or digest.alarms:
        return "Nothing to show", "Not every page was visited; what is said above tells why."
    return "Every page reads as it did", "No seed was written, and nothing needs a person."
