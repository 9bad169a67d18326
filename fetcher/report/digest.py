"""Sums up a run as data for the Markdown and HTML reports, and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, NamedTuple

from fetcher.report.changes import rank
from fetcher.terms.outcomes import Noise, Outcome, counted

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from fetcher.report.announcements import Announcement
    from fetcher.report.changes import Edit
    from fetcher.report.groups import Group, HeldBack, Troubles

MOST_ROWS = 300
"""Changed pages that are listed, the most important first: more than a pull request has room for."""

_BECAME = {
    Outcome.CHANGED: "{} changed",
    Outcome.FILLED: "{} had no body and {} one now",
    Outcome.UNCHANGED: "{} {} as before",
    Outcome.MOVED: "{} {} another address",
    Outcome.GONE: "{} {} gone",
    Outcome.BLOCKED: "{} {} blocked",
    Outcome.BROKEN: "{} came back broken",
    Outcome.FAILED: "{} failed",
    Outcome.SKIPPED: "{} {} skipped",
}
_VERBS = {
    Outcome.FILLED: ("has", "have"),
    Outcome.UNCHANGED: ("is", "are"),
    Outcome.MOVED: ("has", "have"),
    Outcome.GONE: ("is", "are"),
    Outcome.BLOCKED: ("was", "were"),
    Outcome.SKIPPED: ("was", "were"),
}
_TROUBLED = {
    Outcome.BLOCKED: "the site refuses us",
    Outcome.BROKEN: "what came is not the page",
    Outcome.FAILED: "no page came",
}


class Page(NamedTuple):
    """A changed page; `edits` are those that it does not share with many others, `shares` tells that it also has such.

    `announced` is where the site announces the change, if anywhere; `classes` are what the change is about.
    """

    path: str
    words_added: int
    words_removed: int
    edits: Sequence[Edit]
    shares: bool = False
    announced: Announcement | None = None
    classes: Sequence[str] = ()


class Table(NamedTuple):
    """The most important of `pages` changed pages; `shared` more have only changes that many pages share."""

    rows: list[Page]
    pages: int
    shared: int


@dataclass(frozen=True, slots=True)
class Digest:
    """The results of a run over the folder `seeds`.

    `notes` are sentences on it, and `alarms` those that need a person. `front_only` counts the files in which only the
    front matter changed.
    """

    seeds: str
    started: datetime
    finished: datetime
    counts: Counter[Outcome]
    words_added: int
    words_removed: int
    notes: Sequence[str]
    alarms: Sequence[str]
    groups: Sequence[Group]
    changed: Table
    filled: Table
    front_only: int
    troubles: Troubles
    held: HeldBack

    @property
    def sentences(self) -> list[str]:
        """All sentences on the run, the alarms first."""
        return [*self.alarms, *self.notes]

    @property
    def attention(self) -> list[str]:
        """Sentences on what needs a person, the alarms first."""
        return [*self.alarms, *needing_attention(self.counts, self.held)]


def changed_pages(pages: Iterable[Page], common: frozenset[str] = frozenset()) -> Table:
    """The pages by importance, then by the number of words, without the edits that have one of the `common` keys."""
    seen = shared = 0

    def own() -> Iterator[Page]:
        nonlocal seen, shared
        for page in pages:
            edits = [edit for edit in page.edits if edit.key not in common]
            if page.edits and not edits:
                shared += 1
            else:
                seen += 1
                shares = len(edits) < len(page.edits)
                yield page._replace(edits=edits, shares=shares, classes=_classes(edits) if shares else page.classes)

    rows = nsmallest(MOST_ROWS, own(), key=_place)
    return Table(rows, seen, shared)


def _classes(edits: Iterable[Edit]) -> list[str]:
    from fetcher.report.classes import classes  # noqa: PLC0415  # its rules take a tenth of a run's start

    return classes(edits)


def _place(page: Page) -> tuple[int, int, str]:
    return rank(page.classes), -page.words_added - page.words_removed, page.path


def needing_attention(counts: Counter[Outcome], held: HeldBack) -> list[str]:
    """A sentence for each kind of seeds that need a person."""
    said = [
        f"{counted(counts[outcome], 'seed')} ended {outcome}: {meaning}."
        for outcome, meaning in _TROUBLED.items()
        if counts[outcome]
    ]
    if conflicts := held[Noise.CONFLICT].pages:
        was = "was" if conflicts == 1 else "were"
        said.append(
            f"{counted(conflicts, 'seed')} {was} edited by hand where the page changed too; the hand's text was kept."
        )
    if unwritable := held[Noise.UNWRITABLE].pages:
        have = "has" if unwritable == 1 else "have"
        said.append(
            f"{counted(unwritable, 'seed')} {have} a change that cannot be written without breaking"
            " what stands around it; the stored text was kept."
        )
    return said


WRITING = ("changes", "unchanged_blocks", "reproduced_blocks")
"""The fields of a record that are summed up to tell how well writing works."""


def writing_figures(sums: Mapping[str, int], held: HeldBack) -> dict[str, int | float | None]:
    """How well writing works: the changes made, and those that could not be made (`unwritable`), with their share.

    `reproduced_share` is the share of the `unchanged_blocks` in changed bodies that the converter would write to the
    byte as they are stored: it shows how well the dialects are known. A share of nothing is None.
    """
    changes, unchanged, exact = (sums[name] for name in WRITING)
    unwritable = held[Noise.UNWRITABLE].differences
    return {
        "changes": changes,
        "unwritable": unwritable,
        "unwritable_share": _share(unwritable, changes + unwritable),
        "unchanged_blocks": unchanged,
        "reproduced_share": _share(exact, unchanged),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def course_sentence(digest: Digest) -> str:
    """What was visited and with which outcomes, in a sentence or two without text from pages.

    >>> from collections import Counter; from datetime import datetime; from fetcher.report.groups import HeldBack
    >>> from fetcher.report.groups import Troubles
    >>> counts, none, when = Counter({Outcome.UNCHANGED: 40, Outcome.CHANGED: 2}), Table([], 0, 0), datetime(2026, 1, 1)
    >>> course_sentence(Digest("seeds", when, when, counts, 9, 4, [], [], [], none, none, 0, Troubles(), HeldBack()))
    'Of 42 seeds, visited on 2026-01-01 in 1 s, 2 changed and 40 are as before. 9 words came, 4 went.'
    """
    if not digest.counts.total():
        return "No seed was found."
    became = [_became(outcome, digest.counts[outcome]) for outcome in Outcome if digest.counts[outcome]]
    last = " and ".join(filter(None, [", ".join(became[:-1]), became[-1]]))
    words = f" {digest.words_added:,} words came, {digest.words_removed:,} went."
    took = duration((digest.finished - digest.started).total_seconds())
    when = f"visited on {digest.finished:%Y-%m-%d} in {took}"
    return f"Of {counted(digest.counts.total(), 'seed')}, {when}, {last}." + words * _has_changed(digest)


def _has_changed(digest: Digest) -> bool:
    return bool(digest.words_added or digest.words_removed)


def _became(outcome: Outcome, count: int) -> str:
    verbs = _VERBS.get(outcome)
    return _BECAME[outcome].format(f"{count:,}", verbs[count != 1] if verbs else "")


def duration(seconds: float) -> str:
    """A duration in a suitable unit.

    >>> duration(59.2), duration(200), duration(9000)
    ('59 s', '3 min', '2.5 h')
    """
    if seconds < 100:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def miscount(found: int, counts: Counter[Outcome]) -> str:
    """A sentence that says that the outcomes do not add up to the number of seeds found; empty if they do."""
    if (ended := counts.total()) == found:
        return ""
    return f"The counts do not add up: {found:,} seeds were found and {ended:,} have an outcome."
