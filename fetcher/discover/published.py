"""Reads what sites publish about their pages: sitemaps, sitemap indexes, feeds, plain lists of URLs, llms.txt."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from lxml import etree

from fetcher.page.metadata import iso
from fetcher.page.words import fold
from fetcher.terms import addresses
from fetcher.visits.decompression import PackedError, TooLargeError, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetcher.visits.fetched import Fetched

LARGEST = 50_000_000
"""Maximum bytes of a decompressed file, and `MOST` of its addresses, as the sitemap protocol says."""
MOST = 50_000

_GZIP = b"\x1f\x8b"
_ITEMS = frozenset({"url", "sitemap", "entry", "item"})
_ROOTS = frozenset({"urlset", "sitemapindex", "feed", "rss", "RDF"})
_LONGEST_TEXT = 2000  # characters of what a feed says of an entry
_HREF = re.compile(r"""\shref=["']([^"'<>\s]{1,2000})["']""", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]*>")
# An ampersand that does not start an entity of XML: careless generators leave it unescaped.
_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_PAGE = re.compile(r"[\s\ufeff]*<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_IN_ITS_PLACE = "a web page comes in its place"
_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\(\s*<?([^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)>?[^()\n]{0,200}\)")
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Listed(NamedTuple):
    """A page that a site publishes: its address, those of its other languages, and when it last changed.

    For a feed entry, it also has the title, the text and the addresses of its links.
    """

    url: str
    alternates: tuple[str, ...] = ()
    title: str = ""
    when: str = ""
    text: str = ""
    links: tuple[str, ...] = ()


class Published(NamedTuple):
    """The content of one file: pages and further sitemaps; `fault` says what is wrong with it, if anything."""

    pages: tuple[Listed, ...] = ()
    sitemaps: tuple[str, ...] = ()
    fault: str = ""
    is_feed: bool = False


def read(fetched: Fetched, most: int = MOST) -> Published:
    """The content of a sitemap, a sitemap index, a feed or a list of addresses, told apart by their bytes."""
    body = fetched.body
    if body.startswith(_GZIP):
        try:
            body = unpacked(body, ["gzip"], LARGEST)
        except TooLargeError:
            return Published(fault=f"it has more than {LARGEST // 1_000_000} MB when it is unpacked")
        except PackedError:
            return Published(fault="it cannot be unpacked, or has no end")
    body = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not body:
        return Published(fault="it is empty")
    if not body.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return _listed(body, fetched.final_url, most)
    return _of_xml(body, fetched.final_url, most)


def llms(fetched: Fetched, most: int = MOST) -> Published:
    """The pages that an llms.txt links to."""
    if _PAGE.match(fetched.text[:1000]):
        return Published(fault=_IN_ITS_PLACE)
    pages = (
        Listed(url, title=fold(found[1]).strip())
        for found in _LINK.finditer(fetched.text)
        if (url := absolute(found[2], fetched.final_url))
    )
    listed = tuple(islice(pages, most))
    return Published(listed, fault="" if listed else "it has no links")


def named_in(robots: str) -> list[str]:
    """The sitemaps named in a robots.txt.

    >>> named_in("User-agent: *\\nDisallow:\\nSitemap: https://example.org/sitemap.xml # all")
    ['https://example.org/sitemap.xml']
    """
    return _SITEMAP_LINE.findall(robots)


def absolute(link: str, base: str) -> str:
    """The absolute address of a link, without its fragment; empty if it is not a valid web address.

    >>> absolute("../b?x=1#y", "https://example.org/a/c"), absolute("mailto:me@example.org", "https://example.org/")
    ('https://example.org/b?x=1', '')
    """
    try:
        url = urljoin(base, link.strip()).partition("#")[0] if link.strip() else ""
    except ValueError:
        return ""
    return "" if addresses.fault(url) or addresses.has_credentials(url) else url


def _listed(body: bytes, base: str, most: int) -> Published:
    """The pages of a file that has one address a line."""
    lines = body[:LARGEST].decode("utf-8", "replace").split()
    pages = tuple(Listed(url) for line in islice(lines, most) if "://" in line and (url := absolute(line, base)))
    if len(pages) * 2 < min(len(lines), most):
        return Published(fault="it is no sitemap")
    return Published(pages)


def _of_xml(body: bytes, base: str, most: int) -> Published:
    found = _Reading(base, most)
    try:
        found.take(body)
    except etree.XMLSyntaxError:
        if not found.root or found.root in _ROOTS:
            whole, found = found, _Reading(base, most)
            mended = _AMPERSAND.sub(b"&amp;", body)
            try:
                found.take(mended)
            except etree.XMLSyntaxError:  # keep the entries up to the error: the rest may be anything
                found = max(whole, found, key=lambda one: one.number)
                found.fault = f"it is no XML from entry {found.number + 1:,} on"
    if found.root not in _ROOTS:
        is_page = found.root.lower() == "html" or b"<html" in body[:2000].lower()
        return Published(fault=_IN_ITS_PLACE if is_page else "it is no sitemap")
    return found.published()


class _Reading:
    """Reads an XML file entry by entry, so that a large file needs no large tree."""

    def __init__(self, base: str, most: int) -> None:
        self.root = ""
        self.number = 0
        self.fault = ""
        self._base = base
        self._most = most
        self._pages: list[Listed] = []
        self._sitemaps: list[str] = []

    def take(self, body: bytes) -> None:
        """Reads a file; raises XMLSyntaxError. Entities are not expanded, and no other file is loaded."""
        events = etree.iterparse(
            BytesIO(body),
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        for event, element in events:
            name = _name(element)
            if event == "start":
                self.root = self.root or name
                if self.root not in _ROOTS:
                    return
            elif name in _ITEMS:
                if self.number >= self._most:
                    self.fault = f"it has more than {self._most:,} entries"
                    return
                self._take(name, element)

    def published(self) -> Published:
        return Published(tuple(self._pages), tuple(self._sitemaps), self.fault, self.root in ("feed", "rss", "RDF"))

    def _take(self, name: str, element: etree._Element) -> None:
        self.number += 1
        if name == "sitemap":
            self._sitemaps += filter(None, [absolute(_text(element, "loc"), self._base)])
        elif page := _page(element, self._base) if name == "url" else _entry(element, self._base):
            self._pages.append(page)
        element.clear()
        while (before := element.getprevious()) is not None and (above := element.getparent()) is not None:
            above.remove(before)


def _page(element: etree._Element, base: str) -> Listed | None:
    url = absolute(_text(element, "loc"), base)
    links = (child.get("href", "") for child in _children(element, "link") if child.get("hreflang"))
    alternates = tuple(filter(None, (absolute(link, base) for link in links)))
    return Listed(url, alternates, when=iso(_text(element, "lastmod"))) if url else None


def _entry(element: etree._Element, base: str) -> Listed | None:
    """An entry of a feed: Atom, RSS 2.0 or RSS 1.0."""
    links = [child for child in _children(element, "link") if child.get("rel", "alternate") == "alternate"]
    said = [(child.get("href") or child.text or "").strip() for child in links]
    guid = next((child.text or "" for child in _children(element, "guid") if child.get("isPermaLink") != "false"), "")
    url = next(filter(None, (absolute(link, base) for link in [*said, guid] if link.strip())), "")
    if not url:
        return None
    when = next(filter(None, (iso(_text(element, name)) for name in ("published", "pubDate", "date", "updated"))), "")
    text = next(filter(None, (_text(element, name) for name in ("encoded", "content", "description", "summary"))), "")
    hrefs = (absolute(unescape(href), url) for href in _HREF.findall(text[: 4 * _LONGEST_TEXT]))
    return Listed(url, (), _plain(_text(element, "title")), when, _plain(text), tuple(filter(None, hrefs)))


def _text(element: etree._Element, name: str) -> str:
    """The text of the child with a name; empty if it contains an entity, as these are not expanded."""
    child = next(_children(element, name), None)
    if child is None:
        return ""
    if any(not isinstance(inner.tag, str) for inner in child.iter()):
        return ""
    return "".join(map(str, child.itertext())).strip()


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in element if _name(child) == name)


def _name(element: etree._Element) -> str:
    """The name of an element without its namespace, which generators often get wrong."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _plain(text: str) -> str:
    return " ".join(fold(_MARKUP.sub(" ", text[: 4 * _LONGEST_TEXT])).split())[:_LONGEST_TEXT]
