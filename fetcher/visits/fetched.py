"""What came back for one request, and how it is read as text, in the encoding that the bytes show or else declare."""

from __future__ import annotations

import operator
import re
from codecs import BOM_UTF8
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from html import escape
from pickle import PickleBuffer
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsIndex

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, to_unicode

from fetcher.documents.opening import DOCUMENTS, document_kind
from fetcher.seeds import frontmatter
from fetcher.seeds.frontmatter import FrontMatterError

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
    """The answer to one request, as plain values that can be sent to another process.

    Header names are in lower case. `body` is decompressed, unless nothing needs to read it (`recall.why_unread`).
    `digest` is the digest of the bytes as sent (`fingerprint.digest`), `shown` that of the content
    (`word_spans.digest`), empty until it is computed. `redirected_to` is where permanent redirects lead. For a page
    `rendered` by a browser, `body` is what the browser shows, and `digest` is empty unless the page as sent shows the
    same text each time. `made_of` is the document that `body` was converted from, if any (`first_look.open_answer`).
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


_ASCII = bytes(range(0x20, 0x7F)).replace(b"\\", b"\\x41")  # which some codecs read as "A"
_WIDE = ("utf-16", "utf-32")
_FALLBACK = "cp1252"  # what browsers take where nothing is declared
_ESCAPE = b"\x1b"  # begins what is not ASCII in ISO-2022
# Of text in another encoding hardly a sequence is UTF-8 by chance; of a page in UTF-8 few are broken.
_MOSTLY = 10

# What files begin with that are no text, whatever they are sent as (https://mimesniff.spec.whatwg.org/).
_MAGIC = {
    "application/pdf": rb"%PDF-",
    "application/postscript": rb"%!PS-Adobe-",
    "application/zip": rb"PK\x03\x04|PK\x05\x06",
    "application/gzip": rb"\x1f\x8b\x08",
    "application/x-compressed": rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|BZh\d1AY|\xfd7zXZ\x00|\x28\xb5\x2f\xfd",
    "application/x-ole-storage": rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "application/vnd.sqlite3": rb"SQLite format 3\x00",
    "application/octet-stream": rb"\x7fELF|MZ[\x00-\xff]\x00|\x00asm",
    "audio/mpeg": rb"OggS\x00|ID3[\x02-\x04]|\xff[\xfb\xf3\xf2]|fLaC",
    "audio/wave": rb"RIFF....(?:WAVE|AVI )",
    "font/woff": rb"wOF[F2]|OTTO\x00|\x00\x01\x00\x00\x00",
    "image/gif": rb"GIF8[79]a",
    "image/jpeg": rb"\xff\xd8\xff",
    "image/png": rb"\x89PNG\r\n\x1a\n",
    "image/tiff": rb"II\*\x00|MM\x00\*",
    "image/webp": rb"RIFF....WEBPVP",
    "image/x-icon": rb"\x00\x00[\x01\x02]\x00",
    "video/mp4": rb"....ftyp|\x1a\x45\xdf\xa3",
}
_FILES = re.compile(b"|".join(b"(%s)" % magic for magic in _MAGIC.values()), re.DOTALL)


def file_kind(start: bytes) -> str:
    """The media type of the file that begins so; empty where it may be text.

    >>> file_kind(b"%PDF-1.7"), file_kind(b"<!doctype html><p>%PDF-1.7 is a format")
    ('application/pdf', '')
    """
    found = _FILES.match(start)
    return [*_MAGIC][(found.lastindex or 1) - 1] if found else ""


def decoded(body: bytes, content_type: str | None) -> tuple[str, str]:
    """The encoding of an answer's body, and its text.

    Bytes that are UTF-8 are read as such whatever is declared, so that a label which comes, goes or is wrong makes no
    difference. Names of codecs that are no encoding of pages (`hex`, `rot13`, `undefined`) are passed over, and UTF-16
    in a `meta`, which could not be read if it were true, means nothing.

    >>> decoded("é".encode(), "text/html; charset=iso-8859-1")
    ('utf-8', 'é')
    """
    name, mark = read_bom(body)
    if name and mark:
        return name, to_unicode(body[len(mark) :], name)
    header, meta = http_content_type_encoding(content_type), html_body_declared_encoding(body)
    if header and header.startswith(_WIDE) and b"\0" in body:
        return header, to_unicode(body, header)
    declared = [name for name in (header, meta) if name and is_of_pages(name)]
    shifted = next((name for name in declared if name.startswith("iso2022") and _ESCAPE in body), None)
    if shifted:
        return shifted, to_unicode(body, shifted)
    try:
        return "utf-8", body.decode()
    except UnicodeDecodeError:
        return _not_utf8(body, [name for name in declared if name != "utf-8"], is_declared="utf-8" in declared)


def _not_utf8(body: bytes, declared: list[str], *, is_declared: bool) -> tuple[str, str]:
    """The encoding and the text of a body that is not all UTF-8."""
    text = body.decode(errors="replace")
    broken = text.count("\ufffd")
    whole = sum(not sign.isascii() for sign in text) - broken
    if whole > broken * (1 if is_declared and not declared else _MOSTLY):
        return "utf-8", text
    name = next((name for name in declared if _fits(body, name)), declared[0] if declared else _FALLBACK)
    return name, to_unicode(body, name)


def _fits(body: bytes, name: str) -> bool:
    try:
        body.decode(name)
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=64)
def is_of_pages(name: str) -> bool:
    """Whether a codec can be that of a page: all encodings of the web but UTF-16 write ASCII as it is.

    >>> [name for name in ("cp1251", "utf-8", "hex", "undefined", "utf-16") if is_of_pages(name)]
    ['cp1251', 'utf-8']
    """
    try:
        return _ASCII.decode(name) == _ASCII.decode()
    except (LookupError, UnicodeError, ValueError):
        return False
