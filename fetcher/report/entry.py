"""What a report tells of a changed seed, made of its text before and after, by whoever has both at hand.

The main process names `describe` to the others, and does without the libraries that it needs.
"""

# ruff: noqa: PLC0415  # imports stand in the function, see above

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetcher.report.changes import Change, Edit
    from fetcher.terms.outcomes import Record


class Description(NamedTuple):
    """What changed in a seed, as plain values.

    `summary` says it in words, `patch` as git does, `edits` as data, None where only the front matter changed. `view`
    is HTML for `report.html`, which takes about `size` characters there. `classes` are what the change is about, none
    where only the front matter changed.
    """

    summary: str
    patch: str
    edits: Sequence[Edit] | None
    view: str
    size: int
    classes: Sequence[str] = ()


def describe(record: Record, old: str, new: str) -> Description:
    """What changed between two texts of a seed that ended as recorded."""
    from fetcher.report.compare import compare

    return describe_change(compare(record.path, old, new), record, old, new)


def describe_change(change: Change, record: Record, old: str, new: str) -> Description:
    """The same where the texts have been compared."""
    from fetcher.report.html.view import view
    from fetcher.report.patch import patch
    from fetcher.report.wording import summary

    return Description(
        summary(change, filled=record.outcome is Outcome.FILLED),
        patch(record.path, old, new),
        change.edits if change.hunks else None,
        *view(change, old, new, record.url),
        change.classes if change.hunks else (),
    )
