"""What seeds of a run have in common, gathered as they end: a change, a trouble, a kind of difference held back.

Of a change of one footer on 400 pages there is one thing to read, not 400. Seeds in trouble are together by what is to
be done about them; differences that were held back by their kind, with an example and how to let them through.
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
"""Pages on which the same edit is told once for all of them."""
MOST_GROUPS = 50
MOST_GROUP_PATHS = 20
"""Paths of a group that are named; folders are counted for the others."""
_MOST_FOLDERS = 1_000
_MOST_KEYS = 100_000
"""Different edits of a run that are counted at a time: some 15 MB."""


class FrequentKeys:
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
        if len(self.paths) < MOST_GROUP_PATHS:
            self.paths.append(path)
        folder = path.rpartition("/")[0]
        self.folders[folder if folder in self.folders or len(self.folders) < _MOST_FOLDERS else "…"] += 1
        self.mark ^= int.from_bytes(blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def group_edits(common: frozenset[str], pages: Iterable[tuple[str, Sequence[Edit]]]) -> list[Group]:
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
        "summary": in_words(group.edits),
        "pages": group.pages,
        "places": group.places,
        "keys": [edit.key for edit in group.edits],
        "paths": group.paths,
        "folders": dict(group.folders.most_common()),
    }


OPEN = TROUBLES | {Outcome.MOVED, Outcome.GONE, Outcome.SKIPPED}
"""Outcomes that have something to be told of each seed."""

MOST_PATHS = 50
"""Seeds of one trouble that are listed."""
_MOST_KINDS = 200


@dataclass(slots=True)
class Trouble:
    """What happened to `seeds` seeds: `details` has the first of them by path, each with its sentence."""

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
    """Gathers the seeds in question as they end; memory is bounded, whatever servers say."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, ...], Trouble] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Takes in a seed as `report.json` holds it, if it concerns a person."""
        outcome = Outcome(row["outcome"])
        if outcome not in OPEN:
            return
        reason, mend = row["reason"], row["mend"]
        if (outcome, reason, mend) not in self._kinds and len(self._kinds) >= _MOST_KINDS:
            reason = mend = ""
        trouble = self._kinds.setdefault((outcome, reason, mend), Trouble(outcome, reason, mend))
        trouble.add(row["path"], row["detail"])

    def of(self, outcome: Outcome) -> list[Trouble]:
        """The troubles that ended so, the commonest first."""
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
_MOST = 200  # kinds, and parts of waves, that are told one by one


def remedy(kind: str) -> str:
    """What lets a kind of differences through: an argument or a setting of a run, or a person.

    >>> remedy(Noise.TIME), remedy(Noise.CONFLICT)
    ('-a accept=time', '-a conflicts=theirs')
    """
    return _OTHERS.get(kind, f"-a accept={kind}")


@dataclass(slots=True)
class HeldBackKind:
    """How often a kind of differences was held back; `example` is the one on the first page by path."""

    kind: str
    differences: int = 0
    pages: int = 0
    example: tuple[str, str] = ("", "")
    id: str = ""
    path: str | None = field(default=None, repr=False)

    @property
    def remedy(self) -> str:
        """What lets it through: of a wave, which is one decision, that."""
        return f"scrapy accept {self.id}" if self.kind == Noise.WAVE else remedy(self.kind)

    @property
    def alone(self) -> str:
        """What lets the example alone through; empty where nothing does."""
        is_alone = self.id and self.path and self.kind not in (Noise.WAVE, Noise.UNWRITABLE)
        return f"scrapy accept {self.path} {self.id}" if is_alone else ""


class HeldBack:
    """Gathers what was held back as seeds end; each block of a wave is a kind of its own."""

    def __init__(self) -> None:
        self._kinds: dict[str, HeldBackKind] = {}

    def add(self, path: str, held: Iterable[Mapping[str, Any]]) -> None:
        """Takes in what was held back of a seed, as `report.json` has it."""
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
        """What a difference is counted as: its kind, and each block of a wave by itself."""
        name = f"{one['reason']} {one.get('id', '')}" if one["reason"] == Noise.WAVE else one["reason"]
        return name if name in self._kinds or len(self._kinds) < _MOST else one["reason"]

    @property
    def differences(self) -> int:
        """All of them."""
        return sum(kind.differences for kind in self._kinds.values())

    def kinds(self) -> list[HeldBackKind]:
        """The kinds that there were, the commonest first."""
        return sorted(self._kinds.values(), key=lambda kind: (-kind.differences, kind.kind, kind.id))

    def __getitem__(self, kind: str) -> HeldBackKind:
        return self._kinds.get(kind, HeldBackKind(kind))
