"""Reads a page's metadata: canonical URL, description, language, dates of publication and modification.

For HTML it is in elements and JSON-LD; for Markdown in front matter and the first heading.
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
from fetcher.terms.outcomes import METADATA_DATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml import html

    from fetcher.page.page import Page
    from fetcher.terms.outcomes import Metadata

Time = tuple[frozenset[str], str]
"""A `<time>` element: words of its attributes that say what it dates, and its `datetime`."""

_LONGEST = 2048  # characters of an address, or of a description
_MOST_TIMES = 100
_NO_ADDRESS = re.compile(r"[\s\x00-\x20\x7f-\x9f\\]")
_LANGUAGE = re.compile(r"(?!und\b)[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,3}", re.IGNORECASE)

# Ambiguous dates: 03/04/2026 is in March or in April, and a long number may count seconds.
_OPEN = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b.* | \d{9,}", re.VERBOSE | re.DOTALL)
_CLOCKS_ZERO = 1970  # the year of timestamp 0, which often stands for "no date"

# Names of <meta>, the most precise first.
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

# Words in the class or itemprop of a <time>.
_OF_PUBLISHING = frozenset(["datepublished", "published", "dt-published", "pubdate"])
_OF_CHANGES = frozenset(["datemodified", "updated", "modified", "dt-updated"])


def metadata(page: Page, headers: Mapping[str, str]) -> Metadata:
    """The metadata in a page and the headers (lower-case names) of its answer, by `METADATA_NAMES`.

    `canonical` is an http(s) URL without fragment; `language` a tag such as `en` or `pt-BR`; `published` and `modified`
    are days, or moments in UTC, in ISO 8601. JSON-LD counts first, then `<meta>`, then `<time>`; the header
    Last-Modified, which often is the time of the answer, only if nothing else is given.
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
    """The date of all these texts; empty if they have more than one, as in a list of pages or comments."""
    dates = set(filter(None, map(iso, texts)))
    return dates.pop() if len(dates) == 1 else ""


def _metas(root: html.HtmlElement) -> dict[str, str]:
    """The contents of `<meta>` elements by name; the first of each that is not empty."""
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
    # A list of languages names the audience, not the language of the page.
    tag = text.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""


def _times(root: html.HtmlElement) -> Iterator[Time]:
    """The first `<time>` elements; a page with more than these is a list, or hostile."""
    for element in islice(root.iter("time"), _MOST_TIMES):
        words = [element.get("class", ""), element.get("itemprop", ""), *element.keys()]  # "pubdate" is an attribute
        yield frozenset(" ".join(words).lower().split()), element.get("datetime", "")


def iso(text: str) -> str:
    """A date as `2026-05-01`, or with a time as a moment in UTC; empty if the day is ambiguous."""
    moment = None if _OPEN.fullmatch(text.strip()) else stamps.read(text)
    if moment is None or moment.year <= _CLOCKS_ZERO:
        return ""
    is_day = moment.time() == time() and ":" not in text
    return stamps.write(moment, like="2000-01-01" if is_day else "")


Thing = dict[str, Any]

_LONGEST_DATA = 512 * 1024  # characters of all JSON-LD; pages with the whole article in it have a tenth
_MOST_THINGS = 200  # a product page has a few dozen at the top level
_LEADS_ON = ("@graph", "mainEntity", "mainEntityOfPage")  # other nested things, such as comments, are not the page

# Types by likelihood: besides the article, its page and the site may have dates, too.
_KINDS = (("Article", "Posting", "Report"), ("Page",), ("",))


def json_ld_things(root: html.HtmlElement) -> list[Thing]:
    """The JSON-LD objects that describe a page, in order; blocks that are invalid, too long or too deep are skipped."""
    found: list[Thing] = []
    for data in _blocks(root):
        found += _at_the_top(data)
    return found[:_MOST_THINGS]


def agreed_value(found: Iterable[Thing], name: str) -> str:
    """A property's text, from the likeliest type of object whose objects all agree on it; empty if there is none.

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


# Keys of front matter, without case, hyphens and underscores; the most precise first.
_KEYS = {
    "title": ("title",),
    "description": ("description", "summary", "excerpt"),
    "language": ("language", "lang", "locale"),
    "published": ("published", "publishedat", "datepublished", "date", "created"),
    "modified": ("modified", "lastmodified", "updated", "updatedat", "lastupdated", "lastmod", "datemodified"),
}
_HEADING = re.compile(r"# +(.*?)(?:[ ]+#+)?[ ]*")
_MARKUP = re.compile(r"[*`]|(?<!\w)_|_(?!\w)|!?\[([^\]]*)\]\([^)]*\)|[ ]*(?:\{#[^}]*\}|<a [^>]*></a>)")
_NEAR = 60  # lines in which to look for the title


def front_metadata(fields: Mapping[str, object]) -> Metadata:
    """The metadata in the front matter of a Markdown answer, by the names of `metadata`, and its title.

    >>> front_metadata({"title": "Harbour", "Last-Updated": "2026-05-01", "layout": "page"})
    {'title': 'Harbour', 'modified': '2026-05-01'}
    """
    known = {re.sub(r"[-_ ]", "", key).lower(): value for key, value in fields.items() if isinstance(key, str)}
    found = {name: next((_text(known[key]) for key in keys if key in known), "") for name, keys in _KEYS.items()}
    return {name: iso(text) if name in METADATA_DATES else text for name, text in found.items() if text}


def markdown_title(markdown: str) -> str | None:
    """The title of a Markdown text: its first heading of level 1, as plain text; None if there is none near the start.

    >>> markdown_title("> Quote\\n\\n# The `open` [call](/x)\\n")
    'The open call'
    """
    lines = islice(markdown.split("\n", _NEAR), _NEAR)
    title = next((found[1] for line in lines if (found := _HEADING.fullmatch(line.rstrip()))), "")
    return _MARKUP.sub(lambda mark: mark[1] or "", title).strip() or None


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else " ".join(str(value).split())
