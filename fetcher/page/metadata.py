"""What a page says of itself: its address, what it is about, its language, when it was published and modified.

It says so in its elements and in JSON-LD; its Markdown in front matter and in the first heading.
"""

from __future__ import annotations

import json
import re
from collections import deque
from datetime import time
from itertools import chain, islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin, urlsplit

from fetcher.seeds import stamps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml import html

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
    things = json_ld_things(page.root)
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
    yield iso(agreed_value(things, "datePublished"))
    yield from map(iso, _named(metas, _PUBLISHED))
    yield _only(text for words, text in times if words & _OF_PUBLISHING)
    yield _only(text for words, text in times if not words & _OF_CHANGES)


def _modified(things: Sequence[Thing], metas: Mapping[str, str], times: Sequence[Time]) -> Iterator[str]:
    yield iso(agreed_value(things, "dateModified"))
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


Thing = dict[str, Any]

_LONGEST_DATA = 512 * 1024  # characters of all blocks that are read; articles that state their whole text have a tenth
_MOST_THINGS = 200  # a product's page states a few dozen at the top
_LEADS_ON = ("@graph", "mainEntity", "mainEntityOfPage")  # whatever else a thing holds is another thing's: a comment's

# The likeliest kind first: the page of an article states dates of its own too, and those of its place on the site.
_KINDS = (("Article", "Posting", "Report"), ("Page",), ("",))


def json_ld_things(root: html.HtmlElement) -> list[Thing]:
    """The things that a page is about, in its order; blocks that are no JSON, too long or too deep state none."""
    found: list[Thing] = []
    for data in _blocks(root):
        found += _at_the_top(data)
    return found[:_MOST_THINGS]


def agreed_value(found: Iterable[Thing], name: str) -> str:
    """The text of a property, of the likeliest kind of thing of which all that have it agree; empty without any.

    >>> agreed_value([{"@type": "WebPage", "name": "a"}, {"@type": "NewsArticle", "name": "b"}], "name")
    'b'
    """
    having = [thing for thing in found if isinstance(thing.get(name), str)]
    for endings in _KINDS:
        texts = {thing[name] for thing in having if _is_a(thing, endings)}
        if len(texts) == 1:
            return str(texts.pop())
    return ""


def _blocks(root: html.HtmlElement) -> Iterator[object]:
    room = _LONGEST_DATA
    for script in root.iter("script"):
        if "ld+json" not in script.get("type", "").lower():
            continue
        text = script.text or ""
        room -= len(text)
        if room < 0:
            return
        try:
            yield json.loads(text, strict=False)  # line breaks within strings are common
        except (ValueError, RecursionError):
            continue


def _at_the_top(data: object) -> Iterator[Thing]:
    waiting = deque([data])
    for _ in range(_MOST_THINGS):
        if not waiting:
            return
        value = waiting.popleft()
        if isinstance(value, list):
            waiting.extend(value[:_MOST_THINGS])
        elif isinstance(value, dict):
            yield value
            waiting.extend(value[key] for key in _LEADS_ON if key in value)


def _is_a(thing: Mapping[str, object], endings: tuple[str, ...]) -> bool:
    kinds = thing.get("@type", "")
    return any(
        isinstance(kind, str) and kind.endswith(endings) for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


# Keys as generators and hosts write them, without regard to case, hyphens and underscores; the most precise first.
_KEYS = {
    "title": ("title",),
    "description": ("description", "summary", "excerpt"),
    "language": ("language", "lang", "locale"),
    "published": ("published", "publishedat", "datepublished", "date", "created"),
    "modified": ("modified", "lastmodified", "updated", "updatedat", "lastupdated", "lastmod", "datemodified"),
}
_HEADING = re.compile(r"# +(.*?)(?:[ ]+#+)?[ ]*")
_MARKUP = re.compile(r"[*`]|(?<!\w)_|_(?!\w)|!?\[([^\]]*)\]\([^)]*\)|[ ]*(?:\{#[^}]*\}|<a [^>]*></a>)")
_NEAR = 60  # lines of a text in which its title stands


def front_metadata(fields: Mapping[str, object]) -> Metadata:
    """What the front matter of an answer says, by the names of `metadata`; its title too.

    >>> front_metadata({"title": "Harbour", "Last-Updated": "2026-05-01", "layout": "page"})
    {'title': 'Harbour', 'modified': '2026-05-01'}
    """
    known = {re.sub(r"[-_ ]", "", key).lower(): value for key, value in fields.items() if isinstance(key, str)}
    found = {name: next((_text(known[key]) for key in keys if key in known), "") for name, keys in _KEYS.items()}
    return {name: iso(text) if name in DATES else text for name, text in found.items() if text}


def markdown_title(markdown: str) -> str | None:
    """The text of a Markdown's title, its first heading of the first level; None where it has none near its start.

    >>> markdown_title("> Quote\\n\\n# The `open` [call](/x)\\n")
    'The open call'
    """
    lines = islice(markdown.split("\n", _NEAR), _NEAR)
    title = next((found[1] for line in lines if (found := _HEADING.fullmatch(line.rstrip()))), "")
    return _MARKUP.sub(lambda mark: mark[1] or "", title).strip() or None


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else " ".join(str(value).split())
