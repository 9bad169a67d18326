"""Recognises a document (PDF, Word, OpenDocument) by its bytes, and reads it as an HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OPEN = "application/vnd.oasis.opendocument.text"
DOCUMENTS = frozenset({PDF, WORD, OPEN})

_ZIP = b"PK\x03\x04"
_BEFORE = 64  # bytes within which a PDF has to begin
_TYPE = b"mimetype"  # the first file in an OpenDocument archive; it holds the media type, uncompressed


def document_kind(body: bytes) -> str:
    """The media type of the document in these bytes; empty if they are not one.

    >>> document_kind(b"%PDF-1.7"), document_kind(b"<p>text</p>")
    ('application/pdf', '')
    """
    if body[:_BEFORE].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return PDF
    if not body.startswith(_ZIP):
        return ""
    if body[30:38] == _TYPE:
        return OPEN if body[38:].startswith(OPEN.encode()) else ""
    return WORD if b"word/document.xml" in body else ""


class Document(NamedTuple):
    """A document as HTML, and its text in the orders in which other converters may read it.

    Words that were hyphenated at the end of a line have a soft hyphen in the HTML.
    """

    html: str
    readings: tuple[str, ...] = ()


def read(body: bytes, kind: str) -> Document:
    """The content of a document; raises DocumentError if it cannot be read."""
    return _READERS[kind](body)


def _pdf(body: bytes) -> Document:
    from fetcher.documents import layout, markup, pdf  # noqa: PLC0415  # slow to import, and few runs meet a PDF

    found = pdf.read(body)
    return Document(markup.html(layout.blocks(found.sheets), found.title), layout.reading_orders(found.sheets))


def _word(body: bytes) -> Document:
    from fetcher.documents import office  # noqa: PLC0415  # as above

    return Document(office.word(body))


def _open(body: bytes) -> Document:
    from fetcher.documents import office  # noqa: PLC0415  # as above

    return Document(office.opendocument(body))


_READERS: Mapping[str, Callable[[bytes], Document]] = {PDF: _pdf, WORD: _word, OPEN: _open}
