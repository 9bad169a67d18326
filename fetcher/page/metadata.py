"""What a page says of itself: its address, what it is about, its language, when it was published and modified."""

from __future__ import annotations

import re
from datetime import time
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

from fetcher.page import jsonld
from fetcher.seeds import stamps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml import html

    from fetcher.page.jsonld import Thing
    from fetcher.page.page import Page
    from fetcher.terms.outcomes import Metadata

Time = tuple[frozenset[str], str]
"""A `<time>`: the words that say what it is the time of, and its form for machines."""

DATES = ("published", "modified")
NAMES = ("canonical", "description", "language", *DATES)

_LONGEST = 2048  # characters of an address, or of a description
_MOST_TIMES = 100
_NO_ADDRESS = re.compile(r"[\s\x00-\x20\x7f-\x9f\\]")
_LANGUAGE = re.compile(r"(?!und\b)[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,3}", re.IGNORECASE)

# Both stand for a day that cannot be told: 03/04/2026 is in March or in April, and a long number counts seconds.
_OPEN = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b.* | \d{9,}", re.VERBOSE | re.DOTALL)
_CLOCKS_ZERO = 1970  # the year in which machines' clocks begin: what "no date" turns into

# Names of <meta> as pages have them, the most precise first.
_PUBLISHED = """
    article:published_time og:published_time datepublished citation_publication_date citation_online_date
    dcterms.issued dc.date.issued dcterms.created dc.date.created parsely-pub-date sailthru.date pubdate publishdate
    publish-date publish_date dcterms.date dc.date date
"""
_MODIFIED = """
    article:modified_time og:modified_time og:updated_time datemodified dcterms.modified dc.date.modified
    last-modified last_modified lastmod revised
"""
_DESCRIPTIONS = "description og:description dcterms.description twitter:description"
_LANGUAGES = "content-language language dcterms.language dc.language og:locale"

# Words in the class or itemprop of a <time> that say what it is the time of.
_OF_PUBLISHING = frozenset(["datepublished", "published", "dt-published", "pubdate"])
_OF_CHANGES = frozenset(["datemodified", "updated", "modified", "dt-updated"])


def metadata(page: Page, headers: Mapping[str, str]) -> Metadata:
    """What the page and the headers of its answer (in lower case) say of it, by `NAMES`.

    `canonical` is an http(s) address without fragment; `language` a tag such as `en` or `pt-BR`; `published` and
    `modified` are days or moments in ISO 8601, the latter in UTC. JSON-LD is believed first, then `<meta>`, then
    `<time>`; the header Last-Modified, which often names the moment of the answer, where nothing else is said.
    """
    metas = _metas(page.root)
    things = jsonld.things(page.root)
    times = list(_times(page.root))
    found = {
        "canonical": _first(_address(href, page.base) for href in _canonical(page.root, metas)),
        "description": _first(" ".join(text.split())[:_LONGEST] for text in _named(metas, _DESCRIPTIONS)),
        "language": _first(_tag(text) for text in _languages(page.root, metas, headers)),
        "published": _first(_published(things, metas, times)),
        "modified": _first(_modified(things, metas, times)) or iso(headers.get("last-modified", "")),
    }
    return {name: text for name, text in found.items() if text}


def _published(things: Sequence[Thing], metas: Mapping[str, str], times: Sequence[Time]) -> Iterator[str]:
    yield iso(jsonld.stated(things, "datePublished"))
    yield from map(iso, _named(metas, _PUBLISHED))
    yield _only(text for words, text in times if words & _OF_PUBLISHING)
    yield _only(text for words, text in times if not words & _OF_CHANGES)


def _modified(things: Sequence[Thing], metas: Mapping[str, str], times: Sequence[Time]) -> Iterator[str]:
    yield iso(jsonld.stated(things, "dateModified"))
    yield from map(iso, _named(metas, _MODIFIED))
    yield _only(text for words, text in times if words & _OF_CHANGES)


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")


def _only(texts: Iterable[str]) -> str:
    """The date that the texts name; empty where they name more than one: a list of pages, or comments."""
    dates = set(filter(None, map(iso, texts)))
    return dates.pop() if len(dates) == 1 else ""


def _metas(root: html.HtmlElement) -> dict[str, str]:
    """The contents of the page's `<meta>`, by name; the first of each that is not empty."""
    metas: dict[str, str] = {}
    for meta in root.iter("meta"):
        content = meta.get("content", "").strip()
        for attribute in ("name", "property", "itemprop", "http-equiv"):
            if content and (name := meta.get(attribute)):
                metas.setdefault(name.strip().lower(), content)
    return metas


def _named(metas: Mapping[str, str], names: str) -> Iterator[str]:
    return (metas[name] for name in names.split() if name in metas)


def _canonical(root: html.HtmlElement, metas: Mapping[str, str]) -> Iterator[str]:
    links = (link.get("href", "") for link in root.iter("link") if "canonical" in link.get("rel", "").lower().split())
    return chain(links, _named(metas, "og:url"))


def _address(href: str, base: str) -> str:
    href = href.strip()
    if not href or len(href) > _LONGEST or _NO_ADDRESS.search(href):
        return ""
    try:
        address = urldefrag(urljoin(base, href)).url
        parts = urlsplit(address)
    except ValueError:  # an address such as "http://["
        return ""
    return address if parts.scheme in ("http", "https") and parts.hostname else ""


def _languages(root: html.HtmlElement, metas: Mapping[str, str], headers: Mapping[str, str]) -> Iterator[str]:
    yield root.get("lang", "")
    yield root.get("xml:lang", "")
    yield from _named(metas, _LANGUAGES)
    yield headers.get("content-language", "")


def _tag(text: str) -> str:
    # A list of languages tells whom a page is for, not how it is written.
    tag = text.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""


def _times(root: html.HtmlElement) -> Iterator[Time]:
    """The first times of the page: one that has more than these is a list, or made to cost time."""
    for element in islice(root.iter("time"), _MOST_TIMES):
        words = [element.get("class", ""), element.get("itemprop", ""), *element.keys()]  # "pubdate" is an attribute
        yield frozenset(" ".join(words).lower().split()), element.get("datetime", "")


def iso(text: str) -> str:
    """The day that a text names, or the moment in UTC where it has a time; empty where it leaves the day open."""
    moment = None if _OPEN.fullmatch(text.strip()) else stamps.read(text)
    if moment is None or moment.year <= _CLOCKS_ZERO:
        return ""
    is_day = moment.time() == time() and ":" not in text
    return stamps.write(moment, like="2000-01-01" if is_day else "")
