"""Writes `report.html`: one file that loads no other, in which a person reads and filters what a run found."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from markupsafe import Markup

from fetcher.report.changes import CLASSES
from fetcher.report.digest import course_sentence
from fetcher.report.groups import MEANINGS
from fetcher.report.html import templates
from fetcher.report.markdown import MOST_ENTRIES, ROOM
from fetcher.report.wording import in_words
from fetcher.terms.outcomes import Outcome, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from fetcher.report.changes import Edit
    from fetcher.report.digest import Digest

    Seeds = Callable[[], Iterator[tuple[Mapping[str, Any], bool]]]
    Changes = Callable[[str], tuple[Sequence[Edit], str, int]]

_OPEN = 200_000  # characters of changes that are unfolded from the start: as many as a person reads in one sitting


def report(digest: Digest, seeds: Seeds, changes: Changes, *, has_history: bool = False) -> Iterator[str]:
    """The page, piece by piece. `seeds` gives the seeds to list, each with whether it changed.

    `changes` gives, for the path of a changed seed, its edits, its view (see `view.view`) and the size of that. The
    memory used does not grow with the number of seeds.
    """
    overview = Overview(seeds())
    values = {
        "digest": digest,
        "headline": _headline(digest, overview),
        "course": course_sentence(digest),
        "shares": shares({outcome.value: digest.counts[outcome] for outcome in Outcome}),
        "overview": overview,
        "nothing": _nothing(digest),
        "groups": [(number, in_words(group.edits), group) for number, group in enumerate(digest.groups, 1)],
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
    """The changed pages, with their changes as long as there is room for them."""
    groups = {edit.key: number for number, group in enumerate(digest.groups, 1) for edit in group.edits}
    used = opened = 0
    for record in islice((record for record, has_changed in seeds() if has_changed), MOST_ENTRIES):
        edits, view, size = changes(record["path"])
        parts = [groups.get(edit.key) for edit in edits]
        common = sorted({part for part in parts if part})
        # A page with only changes that many pages share is folded: they are listed once.
        is_open = used < ROOM and opened + size < _OPEN and (not parts or None in parts)
        opened += size if is_open else 0
        used += size
        html = Markup(view) if used < ROOM else None  # noqa: S704  # made by `view`, which escapes
        yield Entry(record, html, common, is_open=is_open)


def _troubled(seeds: Seeds) -> Iterator[Entry]:
    return islice((Entry(record) for record, has_changed in seeds() if not has_changed), MOST_ENTRIES)


def _headline(digest: Digest, overview: Overview) -> str:
    """The result of the run in one line."""
    parts = [f"{counted(overview.changed, 'page')} changed" if overview.changed else "Nothing changed"]
    if overview.troubled:
        parts.append(f"{overview.troubled:,}" if overview.changed else counted(overview.troubled, "page"))
        parts[-1] += " to look at"
    if skipped := digest.counts[Outcome.SKIPPED]:
        parts.append(f"{skipped:,} skipped")
    return ", ".join(parts)


def _nothing(digest: Digest) -> tuple[str, str]:
    """The title and the text to show if there is no page to list."""
    if digest.counts[Outcome.SKIPPED] or digest.alarms:
        return "Nothing to show", "Not every page was visited; what is said above tells why."
    return "Every page reads as it did", "No seed was written, and nothing needs a person."


_CHOICES = 200
"""Sites, and folders, that a filter offers; the search finds the others."""
_MOST = 10_000
"""Sites, and folders, that are counted."""
_NARROWEST = 0.5  # percent of a bar: less would not be seen


class Overview:
    """Counts the seeds that the report lists, `changed` and `troubled` ones, by what they can be filtered by."""

    def __init__(self, seeds: Iterable[tuple[Mapping[str, Any], bool]]) -> None:
        self.changed = 0
        self.troubled = 0
        self._outcomes: Counter[str] = Counter()
        self._sites: Counter[str] = Counter()
        self._folders: Counter[str] = Counter()
        self._classes: Counter[str] = Counter()
        for record, has_changed in seeds:
            self._add(Entry(record))
            self.changed += has_changed
            self.troubled += not has_changed

    @property
    def listed(self) -> int:
        """How many seeds the report lists."""
        return self.changed + self.troubled

    @property
    def outcomes(self) -> list[tuple[str, int]]:
        """The outcomes, each with the number of seeds."""
        return [(outcome.value, count) for outcome in Outcome if (count := self._outcomes[outcome])]

    @property
    def sites(self) -> list[tuple[str, int]]:
        """The sites with the most seeds, by name, each with their number."""
        return sorted(self._sites.most_common(_CHOICES))

    @property
    def folders(self) -> list[tuple[str, int]]:
        """The folders with the most seeds, by name, each with their number."""
        return sorted(self._folders.most_common(_CHOICES))

    @property
    def classes(self) -> list[tuple[str, int]]:
        """The classes of the changes, the most important first, each with the number of seeds."""
        return [(name, count) for name in CLASSES if (count := self._classes[name])]

    def _add(self, entry: Entry) -> None:
        self._outcomes[entry.record["outcome"]] += 1
        self._classes.update(entry.classes)
        for counts, name in ((self._sites, entry.site), (self._folders, entry.folder)):
            if name in counts or len(counts) < _MOST:
                counts[name] += 1


class Share(NamedTuple):
    """A part of a bar, in percent of its width."""

    name: str
    start: float
    width: float


def shares(counts: Mapping[str, int]) -> Iterator[Share]:
    """The counts as parts of one bar, each wide enough to be visible.

    >>> list(shares({"a": 3, "b": 0, "c": 1}))
    [Share(name='a', start=0.0, width=75.0), Share(name='c', start=75.0, width=25.0)]
    """
    total = sum(counts.values())
    widths = {name: max(_NARROWEST, 100 * count / total) for name, count in counts.items() if count}
    start = 0.0
    for name, width in widths.items():
        part = 100 * width / sum(widths.values())
        yield Share(name, round(start, 2), round(part, 2))
        start += part


_HELD = 20
_SHORT = 160


class Held(NamedTuple):
    """A held-back difference."""

    reason: str
    removed: str
    added: str
    id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A seed that the report lists; `view` is the HTML of its change, None if it is listed without that.

    `groups` are the numbers of the groups of shared changes that it belongs to.
    """

    record: Mapping[str, Any]
    view: Markup | None = None
    groups: Sequence[int] = ()
    is_open: bool = False

    @property
    def classes(self) -> Sequence[str]:
        """The classes of its change, the most important first."""
        return list(self.record.get("classes", ()))

    @property
    def folder(self) -> str:
        """The path of its folder, without a slash at the end."""
        return str(self.record["path"]).rpartition("/")[0]

    @property
    def name(self) -> str:
        """The name of its file."""
        return str(self.record["path"]).rpartition("/")[2]

    @property
    def site(self) -> str:
        """The host of its page; empty if the address has none."""
        try:
            return urlsplit(self.record["url"]).hostname or ""
        except ValueError:
            return ""


def anchor(path: str) -> str:
    """The fragment for links to a seed's entry, the same in every report."""
    return f"seed-{hashlib.sha256(path.encode(errors='surrogatepass')).hexdigest()[:12]}"


def held(record: Mapping[str, Any]) -> list[Held]:
    """The first of the held-back differences, shortened."""
    return [
        Held(one["reason"], _short(one["removed"]), _short(one["added"]), one.get("id", ""))
        for one in record["held_back"][:_HELD]
    ]


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else text[:_SHORT] + "…"
