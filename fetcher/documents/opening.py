"""A document as the HTML of a page: what it is by its bytes, and who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OPEN = "application/vnd.oasis.opendocument.text"
DOCUMENTS = frozenset({PDF, WORD, OPEN})

_ZIP = b"PK\x03\x04"
_BEFORE = 64  # bytes in which a PDF begins
_TYPE = b"mimetype"  # the first file of an OpenDocument holds its type, unpacked


def document_kind(body: bytes) -> str:
    """The media type of the document that some bytes are; empty where they are none.

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
    """The page that a document makes, as HTML, and its text in the orders in which others read it.

    Where lines part words, the HTML holds soft hyphens.
    """

    html: str
    readings: tuple[str, ...] = ()


def read(body: bytes, kind: str) -> Document:
    """What a document says; raises DocumentError where it is none that can be read."""
    return _READERS[kind](body)


def _pdf(body: bytes) -> Document:
    from fetcher.documents import layout, markup, pdf  # noqa: PLC0415  # most runs meet no PDF, and load no library

    found = pdf.read(body)
    return Document(markup.html(layout.blocks(found.sheets), found.title), layout.reading_orders(found.sheets))


def _word(body: bytes) -> Document:
    from fetcher.documents import office  # noqa: PLC0415  # as above

    return Document(office.word(body))


def _open(body: bytes) -> Document:
    from fetcher.documents import office  # noqa: PLC0415  # as above

    return Document(office.opendocument(body))


_READERS: Mapping[str, Callable[[bytes], Document]] = {PDF: _pdf, WORD: _word, OPEN: _open}
