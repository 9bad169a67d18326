"""Groups the seeds of a run by what they have in common: a change, a failure, a kind of held-back difference.

A footer that changed on 400 pages is one group to read, not 400. Seeds that failed are grouped by what to do about it,
and held-back differences by their kind, with an example and how to let them through.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from fetcher.report.wording import in_words
from fetcher.terms.outcomes import TROUBLES, Noise, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fetcher.report.changes import Edit

LEAST_PAGES = 3
"""Pages from which on the same edit is a group."""
MOST_GROUPS = 50
MOST_GROUP_PATHS = 20
"""Paths of a group that are listed; the others are counted by folder."""
_MOST_FOLDERS = 1_000
_MOST_KEYS = 100_000
"""Different edits that are counted at a time: some 15 MB."""


class FrequentKeys:
    """Counts on how many pages each key (of an edit, say) occurs, in bounded memory.

    When there are more keys than fit, each count is reduced by one and keys without a count are dropped. Keys that
    occur on more than one in `most` pages are never lost (Misra and Gries, 1982).
    """

    def __init__(self, most: int = _MOST_KEYS) -> None:
        self._most = most
        self.counted: Counter[str] = Counter()
        self._taken_off = 0

    def add(self, keys: Iterable[str]) -> None:
        """Counts the keys of one page; empty ones are ignored."""
        self.counted.update({key for key in keys if key})
        while len(self.counted) > self._most:
            self.counted = Counter({key: pages - 1 for key, pages in self.counted.items() if pages > 1})
            self._taken_off += 1

    def pages(self, key: str) -> int:
        """The largest number of pages on which a key can occur."""
        return self.counted[key] + self._taken_off

    def common(self) -> frozenset[str]:
        """The keys that may occur on enough pages for a group; the most common, if there are too many."""
        best = sorted(self.counted.items(), key=lambda item: (-item[1], item[0]))[: 4 * MOST_GROUPS]
        return frozenset(key for key, pages in best if pages + self._taken_off >= LEAST_PAGES)


@dataclass(slots=True)
class Group:
    """Edits that occur on the same pages.

    `places` is how often the first of them occurs on these; `paths` are the first pages by path.
    """

    edits: list[Edit]
    pages: int = 0
    places: int = 0
    paths: list[str] = field(default_factory=list)
    folders: Counter[str] = field(default_factory=Counter)
    mark: int = 0  # a hash of the set of pages

    def add(self, path: str, times: int) -> None:
        """Counts a page with the edits."""
        self.pages += 1
        self.places += times
        if len(self.paths) < MOST_GROUP_PATHS:
            self.paths.append(path)
        folder = path.rpartition("/")[0]
        self.folders[folder if folder in self.folders or len(self.folders) < _MOST_FOLDERS else "…"] += 1
        self.mark ^= int.from_bytes(blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def group_edits(common: frozenset[str], pages: Iterable[tuple[str, Sequence[Edit]]]) -> list[Group]:
    """Groups the edits with `common` keys by the set of pages they are on, the largest first; `pages` are sorted."""
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
    """The group as in `report.json`."""
    return {
        "summary": in_words(group.edits),
        "pages": group.pages,
        "places": group.places,
        "keys": [edit.key for edit in group.edits],
        "paths": group.paths,
        "folders": dict(group.folders.most_common()),
    }


OPEN = TROUBLES | {Outcome.MOVED, Outcome.GONE, Outcome.SKIPPED}
"""Outcomes of which each seed is listed."""

MOST_PATHS = 50
"""Seeds with the same trouble that are listed."""
_MOST_KINDS = 200


@dataclass(slots=True)
class Trouble:
    """What happened to a number of `seeds`; `details` has a sentence for each of the first of them by path."""

    outcome: Outcome
    reason: str
    mend: str
    seeds: int = 0
    details: dict[str, str] = field(default_factory=dict)

    def add(self, path: str, detail: str) -> None:
        """Counts a seed."""
        self.seeds += 1
        self.details[path] = detail
        if len(self.details) > MOST_PATHS:
            del self.details[max(self.details)]


class Troubles:
    """Groups the seeds that need attention as they end, in bounded memory, whatever servers say."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, ...], Trouble] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Adds a seed, given as in `report.json`, if its outcome is one of `OPEN`."""
        outcome = Outcome(row["outcome"])
        if outcome not in OPEN:
            return
        reason, mend = row["reason"], row["mend"]
        if (outcome, reason, mend) not in self._kinds and len(self._kinds) >= _MOST_KINDS:
            reason = mend = ""
        trouble = self._kinds.setdefault((outcome, reason, mend), Trouble(outcome, reason, mend))
        trouble.add(row["path"], row["detail"])

    def of(self, outcome: Outcome) -> list[Trouble]:
        """The troubles with an outcome, the most common first."""
        found = (trouble for trouble in self._kinds.values() if trouble.outcome is outcome)
        return sorted(found, key=lambda trouble: (-trouble.seeds, trouble.reason, trouble.mend))


MEANINGS: dict[str, str] = {
    Noise.TIME: "relative times, and dates in their place",
    Noise.COUNTER: "numbers of views, likes and comments",
    Noise.LETTERS: "capitals and punctuation alone",
    Noise.EDGES: "menus before the text, lists of other pages after it",
    Noise.CHURN: "what changes by itself from visit to visit",
    Noise.CONFLICT: "what a person edited where the page changed too",
    Noise.LINK: "links that lead elsewhere and could not be found in the stored text",
    Noise.IMPORTER: "what the importer of a body wrote otherwise than the page has it",
    Noise.UNWRITABLE: "what cannot be written without breaking what stands around it in the body",
    Noise.UNCONFIRMED: "what only one of two fetches showed",
    Noise.REPRESENTATION: "what only one of a page's HTML and its Markdown showed",
    Noise.AGENT_NOTE: "text that instructs programs which read the page, and so whoever reads the seeds",
    Noise.WAVE: "what changed alike on many pages of a host at once, until the next run finds it so again",
    Noise.RULE: "what a rule of sites.yaml ignores",
}

_OTHERS: dict[str, str] = {
    Noise.CONFLICT: "-a conflicts=theirs",
    Noise.UNWRITABLE: "an edit by hand",
    Noise.UNCONFIRMED: "-s REFRESH_CONFIRM=False",
    Noise.REPRESENTATION: "-s REFRESH_PREFER=",
}
_LONGEST = 60
_MOST = 200  # kinds, and blocks of waves, that are listed one by one


def remedy(kind: str) -> str:
    """What lets a kind of differences through: an argument or a setting of a run, or an edit by a person.

    >>> remedy(Noise.TIME), remedy(Noise.CONFLICT)
    ('-a accept=time', '-a conflicts=theirs')
    """
    return _OTHERS.get(kind, f"-a accept={kind}")


@dataclass(slots=True)
class HeldBackKind:
    """How often a kind of difference was held back, with an `example`: old and new text, on the first page by path."""

    kind: str
    differences: int = 0
    pages: int = 0
    example: tuple[str, str] = ("", "")
    id: str = ""
    path: str | None = field(default=None, repr=False)

    @property
    def remedy(self) -> str:
        """What lets it through; for a wave, which is one decision, the command that accepts it."""
        return f"scrapy accept {self.id}" if self.kind == Noise.WAVE else remedy(self.kind)

    @property
    def alone(self) -> str:
        """What lets only the example through; empty if nothing does."""
        is_alone = self.id and self.path and self.kind not in (Noise.WAVE, Noise.UNWRITABLE)
        return f"scrapy accept {self.path} {self.id}" if is_alone else ""


class HeldBack:
    """Counts the held-back differences by kind as seeds end; each block of a wave is a kind of its own."""

    def __init__(self) -> None:
        self._kinds: dict[str, HeldBackKind] = {}

    def add(self, path: str, held: Iterable[Mapping[str, Any]]) -> None:
        """Adds the held-back differences of a seed, given as in `report.json`."""
        seen = set()
        for one in held:
            name = self._name(one)
            kind = self._kinds.setdefault(name, HeldBackKind(one["reason"]))
            kind.differences += 1
            if name not in seen:
                seen.add(name)
                kind.pages += 1
                if kind.path is None or path < kind.path:
                    kind.path, kind.id = path, one.get("id", "")
                    kind.example = one["removed"][:_LONGEST], one["added"][:_LONGEST]

    def _name(self, one: Mapping[str, Any]) -> str:
        """The key under which a difference is counted: its kind, or for a wave also its block."""
        name = f"{one['reason']} {one.get('id', '')}" if one["reason"] == Noise.WAVE else one["reason"]
        return name if name in self._kinds or len(self._kinds) < _MOST else one["reason"]

    @property
    def differences(self) -> int:
        """The number of all held-back differences."""
        return sum(kind.differences for kind in self._kinds.values())

    def kinds(self) -> list[HeldBackKind]:
        """The kinds that occurred, the most common first."""
        return sorted(self._kinds.values(), key=lambda kind: (-kind.differences, kind.kind, kind.id))

    def __getitem__(self, kind: str) -> HeldBackKind:
        return self._kinds.get(kind, HeldBackKind(kind))
