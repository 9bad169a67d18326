"""Analyses a fetched page for the survey: title, canonical address, links, structure, text; and the survey's data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from fetcher.discover.published import absolute, llms
from fetcher.page.metadata import front_metadata, markdown_title, metadata
from fetcher.page.page import title
from fetcher.terms import failures
from fetcher.terms.outcomes import ABSENT
from fetcher.verdict.coverage import letters, text_nodes
from fetcher.verdict.embedded import judge_with_data
from fetcher.visits.fetched import HTML
from fetcher.visits.first_look import parsed, unreadable
from fetcher.visits.visit import answer_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml import html

    from fetcher.discover.places import Place, Section
    from fetcher.discover.published import Listed
    from fetcher.page.page import Page
    from fetcher.visits.fetched import Fetched


_MOST_LINKS = 5000
_LONGEST = 100_000  # letters of a page that are compared with stored text
_FEEDS = ("application/rss+xml", "application/atom+xml")
_LONGEST_TITLE = 300
_MARKDOWN = frozenset({"markdown"})

# A page is like stored ones if it shares this fraction of the elements that these share among each other. A shop page
# shares the frame of a docs page, and little else.
_LIKE = 0.8
_LEAST = 0.5


class Looked(NamedTuple):
    """An analysed page; `trouble` says why it cannot be used, if so, and `form` has the kinds of elements in it."""

    url: str
    trouble: str = ""
    is_absent: bool = False
    title: str = ""
    canonical: str = ""
    redirected_to: str = ""
    alternates: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    form: frozenset[str] = frozenset()
    letters: str = ""
    digest: str = ""

    @property
    def is_markdown(self) -> bool:
        """Whether the server sent Markdown or plain text."""
        return self.form == _MARKDOWN


def looked(fetched: Fetched) -> Looked:
    """The analysed page of an answer."""
    if trouble := failures.of_status(fetched.status) or unreadable(fetched):
        return Looked(fetched.final_url, trouble.detail, fetched.status in ABSENT)
    whole = parsed(fetched)
    found = judge_with_data(answer_of(fetched), whole, whole, "")
    is_html = fetched.kind in HTML
    about = {**metadata(whole, fetched.headers), **front_metadata(fetched.front)}
    return Looked(
        url=fetched.final_url,
        trouble=str(found.verdict.evidence or found.verdict.reason) if found.verdict.outcome else "",
        title=(_title(whole) if is_html else about.get("title") or markdown_title(fetched.markdown) or "")[
            :_LONGEST_TITLE
        ],
        canonical=absolute(about["canonical"], whole.base) if "canonical" in about else "",
        redirected_to=fetched.redirected_to or "",
        alternates=tuple(_alternates(whole, "hreflang")),
        links=tuple(_links(whole)) if is_html else tuple(page.url for page in llms(fetched, _MOST_LINKS).pages),
        feeds=tuple(_alternates(whole, "type", _FEEDS)),
        form=_form(whole.root) if is_html else _MARKDOWN,
        letters=letters(" ".join(text_nodes(found.page.root)))[:_LONGEST],
        digest=found.verdict.digest,
    )


def is_like(form: frozenset[str], stored: list[frozenset[str]]) -> bool:
    """Whether a page has a structure like that of a stored one, about as similar as stored ones are to each other."""
    if not stored:
        return False
    usual = sorted(max((_common(one, other) for other in stored if other is not one), default=1.0) for one in stored)
    return max(_common(form, one) for one in stored) >= max(_LEAST, _LIKE * usual[len(usual) // 2])


def _common(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _form(root: html.HtmlElement) -> frozenset[str]:
    """The kinds of elements of a page: tags with their classes, without classes that contain digits."""
    found = set()
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag not in ("script", "style", "meta", "link"):
            names = sorted(name for name in element.get("class", "").split() if not any(map(str.isdigit, name)))
            found.add(" ".join([element.tag, *names]))
    return frozenset(found)


def _title(page: Page) -> str:
    """The page's first `h1`, or else its title."""
    heading = next((" ".join(" ".join(text_nodes(one)).split()) for one in page.root.iter("h1")), "")
    return (heading or title(page.root) or "").strip("¶#⚓🔗 ")


def _alternates(page: Page, attribute: str, values: tuple[str, ...] = ()) -> Iterator[str]:
    for link in page.root.iter("link"):
        said = link.get(attribute, "").strip().lower()
        is_meant = said in values if values else bool(said)
        if is_meant and "alternate" in link.get("rel", "").lower().split():
            yield from filter(None, [absolute(link.get("href", ""), page.base)])


def _links(page: Page) -> Iterator[str]:
    seen: dict[str, None] = {}
    for link in page.root.iter("a"):
        href = link.get("href", "")
        if href and "nofollow" not in link.get("rel", "").lower().split() and (url := absolute(href, page.base)):
            seen[url] = None
            if len(seen) >= _MOST_LINKS:
                break
    return iter(seen)


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
    FOREIGN: "of other sites",
    FILE: "files, not pages",
    QUERY: "with parameters in the address, of which none is stored",
    LANGUAGE: "stored or new pages in another language",
    VERSION: "other versions of pages",
    FEW: "of parts of the site of which few pages are stored",
    UNLIKE: "built differently from all that is stored",
    LEADS: "leading to pages that have a seed",
    MISSING: "listed, but missing",
    UNREADABLE: "unreadable, or refused by the site",
    TWICE: "showing the same as another one",
    REFUSED: "proposed before, and removed by you",
    OPEN: "proposed before, and still among the proposals",
    UNSEEN: "not looked at yet",
}
"""Why published pages are not proposed, in the words that follow their number."""


@dataclass(frozen=True, slots=True)
class Held:
    """The pages of a site that have seeds: by place, the paths of the files and the addresses."""

    site: str
    pages: dict[Place, str]
    urls: dict[Place, str]


class Past(NamedTuple):
    """The results of earlier surveys: stored pages in sitemaps, and the states of proposals, `open` or `refused`.

    `looked` are pages that the last survey fetched and left out; others are fetched first.
    """

    listed: frozenset[Place]
    proposed: Mapping[Place, str]
    looked: frozenset[Place] = frozenset()


class Moved(NamedTuple):
    """A stored page found at another address: the path of its seed, both addresses, and how it was recognised."""

    path: str
    url: str
    to: str
    by: str


class New(NamedTuple):
    """A page that exists and has no seed."""

    url: str
    title: str
    section: Section
    letters: str = ""


class Left(NamedTuple):
    """A stored page missing from the sitemap: the path of its seed, its address, and whether it still exists."""

    path: str
    url: str
    is_there: bool


@dataclass(slots=True)
class Found:
    """The result of a survey; `trouble` says why it failed, if so.

    `looked` are the addresses of pages that were fetched and left out, with the reasons. `listed` are the stored pages
    in the sitemap, each with its address and the sitemap's date of its last change ("" if none); `is_whole` tells
    whether all of the sitemap was read.
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
