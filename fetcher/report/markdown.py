"""Writes `report.md`, which is also the description of a pull request, within a size limit."""

from __future__ import annotations

import os
from bisect import insort
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fetcher.report.digest import course_sentence, needing_attention
from fetcher.report.groups import MEANINGS, MOST_GROUP_PATHS
from fetcher.report.screen import cell, code
from fetcher.report.wording import LAYOUT, contents, in_words
from fetcher.terms.outcomes import Outcome, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fetcher.report.digest import Digest, Page, Table
    from fetcher.report.groups import Group, HeldBack, HeldBackKind, Trouble


LONGEST = 60_000
"""Bytes: GitHub takes 65,536 characters, of which some are left for additions to the pull request."""

_HEADS = {
    Outcome.MOVED: "Moved for good",
    Outcome.GONE: "Gone",
    Outcome.BLOCKED: "Blocked",
    Outcome.BROKEN: "Came back as something else",
    Outcome.FAILED: "Failed",
    Outcome.SKIPPED: "Not visited, or not written",
}


def markdown(digest: Digest) -> str:
    """The report in Markdown, at most `LONGEST` bytes; all text from pages and servers is in code spans."""
    return fit([*_sections(digest)], LONGEST)


def _sections(digest: Digest) -> Iterator[Section]:
    yield _top(digest)
    if digest.groups:
        items = [_group(group) for group in digest.groups]
        yield Section("\n## The same on many pages\n\n", items, len(items), _more_in("report.json"))
    if digest.changed.pages:
        yield _table(
            "Changed", "about | what changed", digest.changed, [_changed(page) for page in digest.changed.rows]
        )
    if digest.filled.pages:
        yield _table(
            "Filled for the first time", "what it holds", digest.filled, [_filled(p) for p in digest.filled.rows]
        )
    for outcome, head in _HEADS.items():
        if troubles := digest.troubles.of(outcome):
            items = [line for trouble in troubles for line in _trouble(trouble)]
            yield Section(f"\n## {head}\n\n", items, len(items), _cut)
    if digest.held.differences:
        yield _held_back(digest.held)
    yield Section(f"\n{_END}", [], 0, _cut)


_END = (
    "`changes.patch` has every changed line, `report.html` shows the pages side by side, and `report.json` is for"
    " programs.\n"
)


def _top(digest: Digest) -> Section:
    """The summary, and what needs a person."""
    notes = [f"{code(note)}\n\n" for note in digest.notes]
    said = [course_sentence(digest), *_further(digest)]
    wanted = [*map(code, digest.alarms), *needing_attention(digest.counts, digest.held)]
    said.append("**This needs a person:**" if wanted else "Nothing needs a person.")
    head = f"# Refresh of {code(digest.seeds)}\n\n{''.join(notes[:_MOST_NOTES])}{' '.join(said)}\n"
    items = [f"- {sentence}\n" for sentence in wanted]
    return Section(head + "\n" * bool(items), items, len(items), _more_in("report.json"))


_MOST_NOTES = 10


def _further(digest: Digest) -> Iterator[str]:
    if digest.changed.shared:
        yield f"{counted(digest.changed.shared, 'page')} changed only in what many pages share."
    if digest.front_only:
        yield f"In {counted(digest.front_only, 'more file')} only the front matter changed."
    if differences := digest.held.differences:
        was = "differences were" if differences > 1 else "difference was"
        yield f"{differences:,} {was} held back as noise."


def _group(group: Group) -> str:
    """A list item: what changed, with the pages folded below."""
    places = f", in {group.places:,} places" if group.places > group.pages else ""
    paths = ", ".join(map(code, group.paths))
    left = group.pages - len(group.paths)
    if left:
        folders = [f"{code(folder + '/')} ({pages:,})" for folder, pages in group.folders.most_common(MOST_GROUP_PATHS)]
        paths += f" and {left:,} more; by folder: {', '.join(folders)}"
    return (
        f"- on **{counted(group.pages, 'page')}**{places}: {in_words(group.edits, code)}\n"
        f"  <details><summary>the pages</summary>\n\n  {paths}\n\n  </details>\n"
    )


def _table(head: str, column: str, found: Table, items: Sequence[str]) -> Section:
    rules = "|---" * (2 + column.count("|"))
    top = f"\n## {head}\n\n| page | {column} | words |\n{rules}|---:|\n"
    return Section(top, items, found.pages, _more_in("report.html"))


def _changed(page: Page) -> str:
    said = in_words(page.edits, cell) or LAYOUT
    if page.shares:
        said += "; and what many pages share"
    if page.announced:
        said += f"; announced: {cell(page.announced.named)}"
    about = ", ".join(page.classes)
    return f"| {cell(page.path)} | {about} | {said} | +{page.words_added:,} −{page.words_removed:,} |\n"


def _filled(page: Page) -> str:
    return f"| {cell(page.path)} | {contents(page.edits)} | +{page.words_added:,} |\n"


def _trouble(trouble: Trouble) -> Iterator[str]:
    """List items on a trouble: what happened, if it is the same for all seeds, and what to do; then each seed."""
    mend = f" → {code(trouble.mend)}" if trouble.mend else ""
    if trouble.seeds == 1:
        ((path, detail),) = trouble.details.items()
        yield f"- {_seed(path, detail)}{mend}\n"
        return
    details = set(trouble.details.values())
    same = details.pop() if len(details) == 1 else ""
    yield f"- **{counted(trouble.seeds, 'page')}**{f': {code(same)}' if same else ''}{mend}\n"
    for path, detail in sorted(trouble.details.items()):
        yield f"  - {_seed(path, '' if same else detail)}\n"
    if trouble.seeds > len(trouble.details):
        yield f"  - and {trouble.seeds - len(trouble.details):,} more, which `report.json` lists\n"


def _seed(path: str, detail: str) -> str:
    return f"{code(path)}: {code(detail)}" if detail else code(path)


def _held_back(held: HeldBack) -> Section:
    top = (
        "\n## Held back as noise\n\n| differences | pages | what | such as | to let it through |\n"
        "|---:|---:|---|---|---|\n"
    )
    kinds = held.kinds()
    return Section(top, [_kind(kind) for kind in kinds], len(kinds), _more_in("report.json"))


def _kind(kind: HeldBackKind) -> str:
    old, new = map(cell, kind.example)
    example = f"{old} → {new}" if old and new else f"+{new}" if new else f"−{old}" if old else ""
    meaning = MEANINGS.get(kind.kind, "")
    alone = f"; this one: {cell(kind.alone)}" if kind.alone else ""
    return f"| {kind.differences:,} | {kind.pages:,} | {meaning} | {example} | {cell(kind.remedy)}{alone} |\n"


def _more_in(file: str) -> Callable[[int], str]:
    return lambda left: f"\n… and {left:,} more: see `{file}`.\n"


def _cut(_: int) -> str:
    return "\n… and more: see `report.json`.\n"


ROOM = 13_000_000
"""Characters of changes that `report.html` shows; further pages are listed without theirs."""

MOST_ENTRIES = 5_000
"""Changed seeds that `report.html` lists, and troubled ones: 5 MB of each."""


class SizeBudget:
    """Picks the changes that fit into the size of the report, the first by name, in whatever order they arrive."""

    def __init__(self, most: int = ROOM, names: int = MOST_ENTRIES) -> None:
        self._most = most
        self._names = names
        self._first: list[tuple[bytes, int]] = []
        self._taken = 0

    def takes(self, name: str, size: int) -> bool:
        """Adds a change; returns whether it may be shown, given those that have arrived so far.

        >>> budget = SizeBudget(100)
        >>> [budget.takes(name, 60) for name in "bdca"]
        [True, True, True, True]
        >>> [budget.takes(name, 60) for name in "ef"]
        [False, False]
        """
        entry = os.fsencode(name), size
        insort(self._first, entry)
        self._taken += size
        while len(self._first) > self._names or self._taken - self._first[-1][1] >= self._most:
            self._taken -= self._first.pop()[1]
        return entry <= self._first[-1]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a text: `head`, then items of whole lines, then `foot`.

    There may be more items than are given, `total` of them; `more` makes a line on how many are left out.
    """

    head: str
    items: Sequence[str]
    total: int
    more: Callable[[int], str]
    foot: str = ""

    @property
    def size(self) -> int:
        """Bytes of the whole section."""
        return _size(self.cut(len(self.items)))

    def within(self, room: int) -> str:
        """The section with as many items as fit into so many bytes; the head is always there."""
        if self.size <= room:
            return self.cut(len(self.items))
        left = room - _size(self.cut(0))
        shown = 0
        for item in self.items:
            left -= _size(item)
            if left < 0:
                break
            shown += 1
        return self.cut(shown)

    def cut(self, shown: int) -> str:
        """The section with only the first `shown` items."""
        more = [self.more(self.total - shown)] if shown < self.total else []
        return "".join([self.head, *self.items[:shown], self.foot, *more])


def fit(sections: Sequence[Section], room: int) -> str:
    """The sections in at most `room` bytes: equal shares, but what short ones do not need goes to long ones."""
    shares: dict[int, int] = {}
    left = room
    by_size = sorted(range(len(sections)), key=lambda number: sections[number].size)
    for rank, number in enumerate(by_size):
        shares[number] = min(sections[number].size, left // (len(by_size) - rank))
        left -= shares[number]
    return "".join(section.within(shares[number]) for number, section in enumerate(sections))


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
