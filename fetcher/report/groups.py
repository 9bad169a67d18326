"""Changes that many pages share: one footer's new year on 400 pages is one thing to read, not 400."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from fetcher.report.facts import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fetcher.report.changes import Edit

LEAST_PAGES = 3
"""Pages on which the same edit is told once for all of them."""
MOST_GROUPS = 50
MOST_PATHS = 20
"""Paths of a group that are named; folders are counted for the others."""
_MOST_FOLDERS = 1_000
_MOST_KEYS = 100_000
"""Different edits of a run that are counted at a time: some 15 MB."""


class Tally:
    """Counts on how many pages each key (of an edit, say) stands, in bounded memory.

    When there are more different keys than fit, one page is taken off each count and what is left without goes: a
    key that stands on more than one of `most` pages is never lost so (Misra and Gries, 1982).
    """

    def __init__(self, most: int = _MOST_KEYS) -> None:
        self._most = most
        self.counted: Counter[str] = Counter()
        self._taken_off = 0

    def add(self, keys: Iterable[str]) -> None:
        """Takes in the keys of one page; empty ones are none."""
        self.counted.update({key for key in keys if key})
        while len(self.counted) > self._most:
            self.counted = Counter({key: pages - 1 for key, pages in self.counted.items() if pages > 1})
            self._taken_off += 1

    def pages(self, key: str) -> int:
        """On how many pages a key stands at most."""
        return self.counted[key] + self._taken_off

    def common(self) -> frozenset[str]:
        """The keys of edits that may stand on enough pages to be a group, the commonest if there are too many."""
        best = sorted(self.counted.items(), key=lambda item: (-item[1], item[0]))[: 4 * MOST_GROUPS]
        return frozenset(key for key, pages in best if pages + self._taken_off >= LEAST_PAGES)


@dataclass(slots=True)
class Group:
    """Edits that stand on the same pages.

    `places` is the number of times that the first of them stands there; `paths` are the first pages by path.
    """

    edits: list[Edit]
    pages: int = 0
    places: int = 0
    paths: list[str] = field(default_factory=list)
    folders: Counter[str] = field(default_factory=Counter)
    mark: int = 0  # the same for groups of the same pages

    def add(self, path: str, times: int) -> None:
        """Counts a page on which the edits stand."""
        self.pages += 1
        self.places += times
        if len(self.paths) < MOST_PATHS:
            self.paths.append(path)
        folder = path.rpartition("/")[0]
        self.folders[folder if folder in self.folders or len(self.folders) < _MOST_FOLDERS else "…"] += 1
        self.mark ^= int.from_bytes(blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def grouped(common: frozenset[str], pages: Iterable[tuple[str, Sequence[Edit]]]) -> list[Group]:
    """The edits that pages (given by path, in order) share, in groups by pages, the largest first."""
    groups: dict[str, Group] = {}
    for path, edits in pages:
        times = Counter(edit.key for edit in edits if edit.key in common)
        for edit in edits:
            if edit.key in times:
                groups.setdefault(edit.key, Group([edit])).add(path, times.pop(edit.key))
    joined: dict[tuple[int, int], Group] = {}
    for group in groups.values():
        if group.pages >= LEAST_PAGES:
            same = joined.setdefault((group.pages, group.mark), group)
            if same is not group:
                same.edits += group.edits
    return sorted(joined.values(), key=lambda group: (-group.pages, group.paths))[:MOST_GROUPS]


def as_json(group: Group) -> dict[str, Any]:
    """The group as `report.json` holds it."""
    return {
        "summary": told(group.edits),
        "pages": group.pages,
        "places": group.places,
        "keys": [edit.key for edit in group.edits],
        "paths": group.paths,
        "folders": dict(group.folders.most_common()),
    }
