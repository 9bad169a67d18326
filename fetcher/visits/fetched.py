"""What came back for one request, and how it is read as text."""

from __future__ import annotations

import operator
import re
from codecs import BOM_UTF8
from dataclasses import dataclass, field, fields
from functools import cached_property
from html import escape
from pickle import PickleBuffer
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsIndex

from fetcher.documents.opening import DOCUMENTS, document_kind
from fetcher.seeds import frontmatter
from fetcher.seeds.frontmatter import FrontMatterError
from fetcher.visits.encoding import decoded, file_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from fetcher.documents.opening import Document
    from fetcher.sites.rules import Use

HTML = frozenset({"text/html", "application/xhtml+xml"})
TEXT = frozenset({"text/markdown", "text/x-markdown", "text/plain"})
_HEAVY = 1_000_000  # bytes of HTML that are read in the time of the smallest document
_UNKNOWN = "application/octet-stream"
# What servers call a file whose suffix they do not know.
_UNKNOWNS = frozenset({_UNKNOWN, "binary/octet-stream", "text/html"})

MOST_TAGS = 200_000
"""Start tags of the largest page that is read: ten times those of the largest real ones."""

_MARKUP = (b"<!", b"<html", b"<head", b"<body", b"<?xml")
_TAG = re.compile(rb"<[a-zA-Z!?]")
_START_TAG = re.compile("<[a-zA-Z]")


class Rendering(NamedTuple):
    """What a browser did that rendered a page, in a sentence, and which of a user's steps could be done."""

    said: str
    used: frozenset[Use] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What came back for one request: plain values, so that another process can look at it.

    `headers` has lower-case names; `body` is unpacked, unless nobody needs to read it (`recall.spared`), and `digest`
    is that of what was sent (`validators.digest`); `shown` is that of what it shows, where somebody has looked
    (`page.shown`); `redirected_to` is the address that permanent redirects gave. Where a browser has `rendered` the
    page, `body` is what it shows, and `digest` is empty unless the page that came shows the same each time. `made_of`
    is the document that the body was made of, if it was (`seeing.opened`).
    """

    status: int
    url: str
    final_url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    when: datetime
    redirected_to: str | None = None
    seconds: float = 0.0
    digest: bytes = b""
    shown: bytes = b""
    rendered: Rendering | None = None
    made_of: Document | None = None

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Callable[..., Fetched], tuple[dict[str, Any]]]:
        # What is in the dictionary beside the fields can be had from them; the body need not be copied (PEP 574).
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        body = PickleBuffer(self.body) if operator.index(protocol) >= 5 else self.body
        return _restored, ({**values, "body": body},)

    @property
    def kind(self) -> str:
        """The media type; told by the bytes where the server names none, or sends another file as a page.

        Documents are told by them whatever they are called.
        """
        if document := document_kind(self.body):
            return document
        named = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        start = self.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
        if not named or named in HTML | TEXT:
            named = file_kind(start) or named
        if "markdown" in named:
            return "text/markdown"
        if named in _UNKNOWNS and names_markdown(self.final_url) and _is_plain(start):
            return "text/markdown"
        if named:
            return named
        if start.lower().startswith(_MARKUP):
            return "text/html"
        return _UNKNOWN if b"\0" in start else "text/plain"

    @property
    def work(self) -> int:
        """The size that the body has for who reads it: a document is small, and may hold much."""
        return len(self.body) + (_HEAVY if self.kind in DOCUMENTS else 0)

    @property
    def text(self) -> str:
        """The body as text."""
        return self._decoded[1]

    @cached_property
    def front(self) -> Mapping[str, object]:
        """The front matter of an answer that is text."""
        try:
            front = None if self.kind in HTML else frontmatter.read(self.text)
        except FrontMatterError:  # a thematic break, and one more
            front = None
        return front.fields if front else {}

    @cached_property
    def markdown(self) -> str:
        """An answer that is text, without its front matter."""
        span = frontmatter.find(self.text) if self.front else None
        return self.text[span.body :] if span else self.text

    @cached_property
    def html(self) -> str:
        """The body as HTML; text that is none is shown as it is, without front matter."""
        return self.text if self.kind in HTML else f"<html><body><pre>{escape(self.markdown)}</pre></body></html>"

    @cached_property
    def markup(self) -> str | bytes:
        """`html`, for a parser: as the very bytes that came, where they are UTF-8, as those of most pages are."""
        encoding, text = self._decoded
        is_utf8 = encoding == "utf-8" and "\ufffd" not in text and not self.body.startswith(BOM_UTF8)
        return self.body if is_utf8 and self.kind in HTML else self.html

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        """The body's encoding, and its text."""
        return decoded(self.body, self.headers.get("content-type"))

    @property
    def is_overgrown(self) -> bool:
        """Whether the body has more than `MOST_TAGS` start tags: counted before the parser makes elements of them."""
        markup = self.markup
        most = markup.count(b"<") if isinstance(markup, bytes) else markup.count("<")
        return most > MOST_TAGS < sum(1 for _ in _START_TAG.finditer(self.html))

    def shows_the_same_as(self, other: Fetched) -> bool:
        """Whether both are read in the same way."""
        return self._read() == other._read()

    def _read(self) -> tuple[object, ...]:
        return self.status, self.final_url, self.redirected_to, self.headers.get("content-type"), self.body


def _is_plain(start: bytes) -> bool:
    """Whether what an answer begins with is text without a tag."""
    return b"\0" not in start and not file_kind(start) and not _TAG.search(start)


def _restored(values: dict[str, Any]) -> Fetched:
    return Fetched(**values)


def new_address(hops: Sequence[tuple[int, str]]) -> str | None:
    """The address that a chain of redirects gives for good: where its first run of permanent ones leads.

    A hop is a status and the address that it leads to. After a temporary hop nothing is said for good any more.

    >>> new_address([(301, "https://b/"), (302, "https://b/login")])
    'https://b/'
    """
    address = None
    for status, target in hops:
        if status not in (301, 308):
            break
        address = target
    return address


def names_markdown(url: str) -> bool:
    """Whether an address names a file of Markdown.

    >>> names_markdown("https://example.org/docs/page.md?plain=1"), names_markdown("https://example.org/docs/page")
    (True, False)
    """
    return url.partition("#")[0].partition("?")[0].lower().endswith((".md", ".mdx", ".markdown"))
