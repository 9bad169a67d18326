"""Differences that were held back: how many of each kind, an example, and how to let them through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fetcher.terms.outcomes import Noise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
class Kind:
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
        self._kinds: dict[str, Kind] = {}

    def add(self, path: str, held: Iterable[Mapping[str, Any]]) -> None:
        """Takes in what was held back of a seed, as `report.json` has it."""
        seen = set()
        for one in held:
            name = self._name(one)
            kind = self._kinds.setdefault(name, Kind(one["reason"]))
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

    def kinds(self) -> list[Kind]:
        """The kinds that there were, the commonest first."""
        return sorted(self._kinds.values(), key=lambda kind: (-kind.differences, kind.kind, kind.id))

    def __getitem__(self, kind: str) -> Kind:
        return self._kinds.get(kind, Kind(kind))
