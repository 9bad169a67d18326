"""What a survey of a site starts from and comes to, as data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetcher.discover.places import Place, Section
    from fetcher.discover.published import Listed

FOREIGN = "foreign"
FILE = "file"
QUERY = "query"
LANGUAGE = "language"
VERSION = "version"
FEW = "few"
UNLIKE = "unlike"
LEADS = "leads-to-held"
MISSING = "missing"
UNREADABLE = "unreadable"
TWICE = "twice"
REFUSED = "refused"
OPEN = "open"
UNSEEN = "unseen"

REASONS: Mapping[str, str] = {
    FOREIGN: "are of other sites",
    FILE: "are no pages but files",
    QUERY: "are pages with parameters, of which none is stored",
    LANGUAGE: "are stored pages, or new ones, in another language",
    VERSION: "are other versions of pages",
    FEW: "are of parts of which few pages are stored",
    UNLIKE: "are unlike all that is stored",
    LEADS: "lead to pages that have a seed",
    MISSING: "are listed, and not there",
    UNREADABLE: "are no readable pages, or are refused",
    TWICE: "show the same as another one",
    REFUSED: "were proposed before, and removed by you",
    OPEN: "were proposed before, and are still among the proposals",
    UNSEEN: "are yet to be looked at",
}
"""Why a page that is published is not proposed, as a sentence about several goes on."""


@dataclass(frozen=True, slots=True)
class Held:
    """The pages of a site that have seeds, by place, with the paths of the files."""

    site: str
    pages: dict[Place, str]
    urls: dict[Place, str]


class Past(NamedTuple):
    """What earlier surveys found: stored pages that sitemaps had, and proposals by place, `open` or `refused`.

    `looked` are pages that the last one looked at and left out: others are looked at before them.
    """

    listed: frozenset[Place]
    proposed: Mapping[Place, str]
    looked: frozenset[Place] = frozenset()


class Moved(NamedTuple):
    """A stored page at another address: the path of its seed, both addresses, and by what it is known."""

    path: str
    url: str
    to: str
    by: str


class New(NamedTuple):
    """A page that is there and has no seed."""

    url: str
    title: str
    section: Section
    letters: str = ""


class Left(NamedTuple):
    """A stored page that the sitemap does not list: the path of its seed, its address, and whether it is there."""

    path: str
    url: str
    is_there: bool


@dataclass(slots=True)
class Found:
    """What came of a survey; `trouble` is why nothing did.

    `looked` are the addresses of pages that were looked at and left out, with the reason; `listed` are the stored pages
    that the sitemap has, with their addresses and its date of the last change, "" for none; it `is_whole` where all of
    it was read.
    """

    site: str
    new: list[New] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    looked: dict[str, str] = field(default_factory=dict)
    few: dict[Section, tuple[int, int]] = field(default_factory=dict)
    unlike: dict[Section, int] = field(default_factory=dict)
    entries: list[Listed] = field(default_factory=list)
    listed: dict[Place, tuple[str, str]] = field(default_factory=dict)
    is_whole: bool = False
    notes: list[str] = field(default_factory=list)
    requests: int = 0
    trouble: str = ""
