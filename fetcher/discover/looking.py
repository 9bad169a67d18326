"""What a page that was fetched says for a comparison: whether it is one, where it belongs, and what it is like."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetcher.discover.published import absolute, llms
from fetcher.page.metadata import front_metadata, markdown_title, metadata
from fetcher.page.page import title
from fetcher.terms import failures
from fetcher.terms.outcomes import ABSENT
from fetcher.verdict.embedded import find
from fetcher.verdict.kept import letters, texts
from fetcher.visits.fetched import HTML
from fetcher.visits.seeing import parsed, unreadable
from fetcher.visits.visit import answer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import html

    from fetcher.page.page import Page
    from fetcher.visits.fetched import Fetched

_MOST_LINKS = 5000
_LONGEST = 100_000  # letters by which a page is compared with what is stored
_FEEDS = ("application/rss+xml", "application/atom+xml")
_LONGEST_TITLE = 300
_MARKDOWN = frozenset({"markdown"})

# Pages made of one template have this share of the elements in common that they have between them, compared with what
# stored pages have: a page of a shop shares a docs page's frame, and little else.
_LIKE = 0.8
_LEAST = 0.5


class Looked(NamedTuple):
    """A page at a look: `trouble` is why it is none, or empty; `form` are the kinds of elements that it is made of."""

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
        """Whether the server gave its text as it is."""
        return self.form == _MARKDOWN


def looked(fetched: Fetched) -> Looked:
    """The page in an answer, as far as a comparison asks."""
    if trouble := failures.of_status(fetched.status) or unreadable(fetched):
        return Looked(fetched.final_url, trouble.detail, fetched.status in ABSENT)
    whole = parsed(fetched)
    found = find(answer_of(fetched), whole, whole, "")
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
        letters=letters(" ".join(texts(found.page.root)))[:_LONGEST],
        digest=found.verdict.digest,
    )


def is_like(form: frozenset[str], stored: list[frozenset[str]]) -> bool:
    """Whether a page is made as one of those that are stored is, about as alike as these are among each other."""
    if not stored:
        return False
    usual = sorted(max((_common(one, other) for other in stored if other is not one), default=1.0) for one in stored)
    return max(_common(form, one) for one in stored) >= max(_LEAST, _LIKE * usual[len(usual) // 2])


def _common(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _form(root: html.HtmlElement) -> frozenset[str]:
    """The kinds of elements of a page: tags with their classes, but for numbers in these, as those of a page are."""
    found = set()
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag not in ("script", "style", "meta", "link"):
            names = sorted(name for name in element.get("class", "").split() if not any(map(str.isdigit, name)))
            found.add(" ".join([element.tag, *names]))
    return frozenset(found)


def _title(page: Page) -> str:
    """The page's first heading, where there is one of its own; else its title."""
    heading = next((" ".join(" ".join(texts(one)).split()) for one in page.root.iter("h1")), "")
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
