"""Finds the Markdown version of an HTML page, by content negotiation, links and sibling addresses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from fetcher.visits.fetched import HTML, Fetched, names_markdown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from fetcher.terms.failures import Trouble
    from fetcher.visits.recall import Stored

    Ask = Callable[..., Awaitable[Fetched | Trouble]]

PREFERENCES = ("", "markdown")
"""The values of the setting REFRESH_PREFER."""

_MARKDOWN = frozenset({"text/markdown", "text/x-markdown"})
_ONLY_HTML = "text/html,application/xhtml+xml"
_LONGEST = 10_000  # characters of a header, or of a tag
_MOST = 3  # addresses that are tried
_LINK_HEADER = re.compile(r"<([^<>]*)>([^<]*)")
_LINK_TAG = re.compile(rb"<link\s[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"',;<>]+))""")
_SUFFIX = re.compile(r"(?:/|/index\.html?|\.html?)?$")


class Representation(NamedTuple):
    """The answer that a page is read from, and its `html` where the two have to be compared first."""

    answer: Fetched
    html: Fetched | None = None


def accept_header(prefer: str) -> str:
    """The Accept header of a request for a page; empty where nothing is preferred.

    >>> accept_header("markdown")
    'text/markdown, text/html;q=0.9, */*;q=0.1'
    """
    return "text/markdown, text/html;q=0.9, */*;q=0.1" if prefer == "markdown" else ""


async def choose_representation(fetched: Fetched, stored: Stored, ask: Ask) -> Representation:
    """The Markdown of a page that answered, and its HTML too, unless all its seeds were last read from Markdown.

    If there is no Markdown, or only Markdown, it is the answer itself.
    """
    is_switched = bool(stored.seeds) and all(
        path in stored.bases and stored.bases[path].is_source for path in stored.seeds
    )
    if fetched.status != 200 or names_markdown(fetched.url):
        return Representation(fetched)
    if fetched.kind in _MARKDOWN:
        html = None if is_switched else await ask(fetched.url, _ONLY_HTML)
        return Representation(fetched, html if isinstance(html, Fetched) and _is_page(html) else None)
    if fetched.kind not in HTML:
        return Representation(fetched)
    for address in markdown_addresses(fetched):
        markdown = await ask(address, accept_header("markdown"))
        if isinstance(markdown, Fetched) and markdown.status == 200 and markdown.kind in _MARKDOWN:
            # The address of the page is that of its HTML: redirects and relative links are its own.
            markdown = replace(markdown, final_url=fetched.final_url, redirected_to=fetched.redirected_to)
            return Representation(markdown, None if is_switched else fetched)
    return Representation(fetched)


def markdown_addresses(fetched: Fetched) -> list[str]:
    """Addresses on the same host that may have the Markdown of an HTML page.

    These are the alternates that its Link header and its link tags name, and the address with the suffix `.md`, if the
    page mentions it.
    """
    page = urlsplit(fetched.final_url)
    named = (urljoin(fetched.final_url, href) for href in (*_in_header(fetched), *_in_tags(fetched)))
    sibling = urlunsplit(page._replace(path=_SUFFIX.sub(".md", page.path, count=1), query="", fragment=""))
    known = page.path.strip("/") and sibling.rpartition("/")[2].encode() in fetched.body
    every = dict.fromkeys([*named, *([sibling] if known else [])])
    return [address for address in every if urlsplit(address)[:2] == page[:2]][:_MOST]


def _in_header(fetched: Fetched) -> Iterator[str]:
    for target, rest in _LINK_HEADER.findall(fetched.headers.get("link", "")[:_LONGEST]):
        if _is_alternate(_attributes(rest)):
            yield target.strip()


def _in_tags(fetched: Fetched) -> Iterator[str]:
    if b"text/markdown" not in fetched.body and b"text/x-markdown" not in fetched.body:
        return
    for tag in _LINK_TAG.findall(fetched.body):
        attributes = _attributes(tag[:_LONGEST].decode(errors="replace"))
        if _is_alternate(attributes) and attributes.get("href"):
            yield attributes["href"].replace("&amp;", "&").strip()


def _attributes(text: str) -> dict[str, str]:
    return {name.lower(): one or other or third for name, one, other, third in _ATTRIBUTE.findall(text)}


def _is_alternate(attributes: dict[str, str]) -> bool:
    return "alternate" in attributes.get("rel", "").lower().split() and attributes.get("type", "").lower() in _MARKDOWN


def _is_page(answer: Fetched) -> bool:
    return answer.status == 200 and answer.kind in HTML
