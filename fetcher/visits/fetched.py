"""The answer to one request: its media type, its encoding and its text, told by the bytes before the headers."""

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

from fetcher.documents.reading import DOCUMENTS, document_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from fetcher.documents.reading import Document
    from fetcher.sites.rules import Use

HTML = frozenset({"text/html", "application/xhtml+xml"})
TEXT = frozenset({"text/markdown", "text/x-markdown", "text/plain"})
_HEAVY = 1_000_000  # bytes of HTML that take as long to read as the smallest document
_UNKNOWN = "application/octet-stream"
# What servers send for files whose suffix they do not know.
_UNKNOWNS = frozenset({_UNKNOWN, "binary/octet-stream", "text/html"})

MOST_TAGS = 200_000
"""Pages with more start tags are not parsed; the largest real pages have a tenth of it."""

_MARKUP = (b"<!", b"<html", b"<head", b"<body", b"<?xml")
_TAG = re.compile(rb"<[a-zA-Z!?]")
_START_TAG = re.compile("<[a-zA-Z]")


class Rendering(NamedTuple):
    """What the browser did to render a page, as a sentence, and which of the user's steps it could do."""

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
        # Cached properties are left out; the body is passed without a copy (PEP 574).
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        body = PickleBuffer(self.body) if operator.index(protocol) >= 5 else self.body
        return _restored, ({**values, "body": body},)

    @cached_property
    def kind(self) -> str:
        """The media type: of documents (PDF, Word, OpenDocument) always by their bytes, else as the server says.

        The bytes decide too where the server names no type, or sends some other kind of file as a page.
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
        """The size of the body as a measure of the work to read it; documents are small but slow."""
        return len(self.body) + (_HEAVY if self.kind in DOCUMENTS else 0)

    @property
    def text(self) -> str:
        """The decoded body."""
        return self._decoded[1]

    @property
    def front(self) -> Mapping[str, object]:
        """The front matter of a text answer; empty for HTML."""
        return self._parts[0]

    @property
    def markdown(self) -> str:
        """A text answer without its front matter."""
        return self._parts[1]

    @cached_property
    def _parts(self) -> tuple[Mapping[str, object], str]:
        if self.kind in HTML:
            return {}, self.text
        from fetcher.seeds import frontmatter  # noqa: PLC0415  # slow to import, and few answers are no HTML

        try:
            front = frontmatter.read(self.text)
        except frontmatter.FrontMatterError:  # two thematic breaks
            front = None
        span = frontmatter.find(self.text) if front and front.fields else None
        return front.fields if front else {}, self.text[span.body :] if span else self.text

    @cached_property
    def html(self) -> str:
        """The body as HTML; any other text is wrapped in `<pre>`, without its front matter."""
        return self.text if self.kind in HTML else f"<html><body><pre>{escape(self.markdown)}</pre></body></html>"

    @cached_property
    def markup(self) -> str | bytes:
        """`html` for a parser: the original bytes where they are valid UTF-8, which saves decoding and encoding."""
        encoding, text = self._decoded
        is_utf8 = encoding == "utf-8" and "\ufffd" not in text and not self.body.startswith(BOM_UTF8)
        return self.body if is_utf8 and self.kind in HTML else self.html

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        """The body's encoding, and its text."""
        return decoded(self.body, self.headers.get("content-type"))

    @property
    def is_overgrown(self) -> bool:
        """Whether the body has more than `MOST_TAGS` start tags; counted without parsing."""
        markup = self.markup
        if len(markup) <= 2 * MOST_TAGS:  # bytes or characters: no tag is shorter than two
            return False
        most = markup.count(b"<") if isinstance(markup, bytes) else markup.count("<")
        return most > MOST_TAGS < sum(1 for _ in _START_TAG.finditer(self.html))

    def shows_the_same_as(self, other: Fetched) -> bool:
        """Whether reading both would give the same result."""
        return self._read() == other._read()

    def _read(self) -> tuple[object, ...]:
        return self.status, self.final_url, self.redirected_to, self.headers.get("content-type"), self.body


def _is_plain(start: bytes) -> bool:
    """Whether the start of an answer is text without a tag."""
    return b"\0" not in start and not file_kind(start) and not _TAG.search(start)


def _restored(values: dict[str, Any]) -> Fetched:
    return Fetched(**values)


def new_address(hops: Sequence[tuple[int, str]]) -> str | None:
    """The permanent new address of a page: where the permanent redirects at the start of a chain lead; None if none.

    A hop is a status and the address that it leads to. Hops after a temporary one do not count.

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


_ASCII = bytes(range(0x20, 0x7F)).replace(b"\\", b"\\x41")  # an escape that some codecs decode to "A"
_WIDE = ("utf-16", "utf-32")
_FALLBACK = "cp1252"  # what browsers assume where nothing is declared
_ESCAPE = b"\x1b"  # starts text that is not ASCII in ISO-2022
# Text in another encoding has hardly a valid UTF-8 sequence by chance; a page in UTF-8 has few broken ones.
_MOSTLY = 10

# Signatures of binary files, whatever type they are sent as (https://mimesniff.spec.whatwg.org/).
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
    """The media type of a file that starts with these bytes; empty if it may be text.

    >>> file_kind(b"%PDF-1.7"), file_kind(b"<!doctype html><p>%PDF-1.7 is a format")
    ('application/pdf', '')
    """
    found = _FILES.match(start)
    return [*_MAGIC][(found.lastindex or 1) - 1] if found else ""


def decoded(body: bytes, content_type: str | None) -> tuple[str, str]:
    """The encoding of an answer's body, and its text.

    Valid UTF-8 is read as UTF-8 whatever is declared, so that a missing or wrong label makes no difference. Declared
    names of Python codecs that no page uses (`hex`, `rot13`, `undefined`) are ignored, and so is UTF-16 in a `meta`
    tag, which could not be read if it were true.

    >>> decoded("é".encode(), "text/html; charset=iso-8859-1")
    ('utf-8', 'é')
    """
    name, mark = read_bom(body)
    if name and mark:
        return name, to_unicode(body[len(mark) :], name)
    header = http_content_type_encoding(content_type)
    if header and header.startswith(_WIDE) and b"\0" in body:
        return header, to_unicode(body, header)
    if _ESCAPE in body and (shifted := [name for name in _declared(body, header) if name.startswith("iso2022")]):
        return shifted[0], to_unicode(body, shifted[0])
    try:
        return "utf-8", body.decode()
    except UnicodeDecodeError:
        return _not_utf8(body, _declared(body, header))


def _declared(body: bytes, header: str | None) -> list[str]:
    """The encodings that a page may have by its header and its `meta` tag."""
    return [name for name in (header, html_body_declared_encoding(body)) if name and is_of_pages(name)]


def _not_utf8(body: bytes, declared: list[str]) -> tuple[str, str]:
    """The encoding and the text of a body that is not valid UTF-8 throughout."""
    others = [name for name in declared if name != "utf-8"]
    text = body.decode(errors="replace")
    broken = text.count("\ufffd")
    whole = sum(not sign.isascii() for sign in text) - broken
    if whole > broken * (1 if declared and not others else _MOSTLY):
        return "utf-8", text
    name = next((name for name in others if _fits(body, name)), others[0] if others else _FALLBACK)
    return name, to_unicode(body, name)


def _fits(body: bytes, name: str) -> bool:
    try:
        body.decode(name)
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=64)
def is_of_pages(name: str) -> bool:
    """Whether a codec may be the encoding of a page: all encodings of the web but UTF-16 keep ASCII as it is.

    >>> [name for name in ("cp1251", "utf-8", "hex", "undefined", "utf-16") if is_of_pages(name)]
    ['cp1251', 'utf-8']
    """
    try:
        return _ASCII.decode(name) == _ASCII.decode()
    except (LookupError, UnicodeError, ValueError):
        return False
