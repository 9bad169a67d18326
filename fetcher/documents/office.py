"""Converts Word files (by mammoth) and OpenDocument texts (from their XML) to HTML, with limits on unpacked sizes."""

from __future__ import annotations

import io
import re
import zlib
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile

from lxml import etree

from fetcher.documents.markup import page
from fetcher.terms.reading_failures import DAMAGED, ENCRYPTED, OVERLONG, DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_UNPACKED = 64 * 1024 * 1024
"""The most bytes of a document's XML: a book of a thousand pages has five million."""

_XML = (".xml", ".rels")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of Office files with a password
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_STYLES = "p[style-name='Title'] => h1:fresh"
_DEEPEST = 200
_NO_LIST = ("", 0)  # style and depth
_MOST_REPEATED = 100  # the most repetitions of a cell or a space
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_UNSEEN = frozenset({f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_TEXT}note-citation"})


def word(data: bytes) -> str:
    """The HTML page of a Word file; raises DocumentError if it cannot be read."""
    import mammoth  # noqa: PLC0415  # slow to import, rarely needed

    with _unpacked(data) as archive:
        title = _title(archive, "docProps/core.xml")
        body = mammoth.convert_to_html(io.BytesIO(data), convert_image=lambda _: [], style_map=_STYLES).value
    return page(body, title)


def opendocument(data: bytes) -> str:
    """The HTML page of an OpenDocument text; raises DocumentError if it cannot be read."""
    with _unpacked(data) as archive:
        if b"encryption-data" in _read(archive, "META-INF/manifest.xml"):
            raise DocumentError(ENCRYPTED)
        content = _parsed(archive.read("content.xml"))
        styles = [content, _parsed(_read(archive, "styles.xml") or b"<none/>")]
        return page(_Text(styles).html(content), _title(archive, "meta.xml"))


@contextmanager
def _unpacked(data: bytes) -> Iterator[ZipFile]:
    """The archive, checked for size; all errors of the block are raised as DocumentError."""
    if data.startswith(_OLE):
        raise DocumentError(ENCRYPTED if _LOCKED in data else DAMAGED)
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            parts = [one for one in archive.infolist() if one.filename.endswith(_XML)]
            if sum(one.file_size for one in parts) > MOST_UNPACKED:
                raise DocumentError(OVERLONG)
            if any(b"<!DOCTYPE" in archive.read(one) for one in parts):  # only attacks on parsers have one
                raise DocumentError(DAMAGED)
            yield archive
    except (BadZipFile, KeyError, NotImplementedError, EOFError, zlib.error, etree.XMLSyntaxError) as error:
        raise DocumentError(DAMAGED) from error
    except (ExpatError, RuntimeError, RecursionError, ValueError, AttributeError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError(ENCRYPTED if "encrypted" in str(error) else DAMAGED) from error


def _read(archive: ZipFile, name: str) -> bytes:
    return archive.read(name) if name in archive.namelist() else b""


def _parsed(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(data, parser)


def _title(archive: ZipFile, name: str) -> str:
    data = _read(archive, name)
    found = _parsed(data).find(f".//{_TITLE}") if data else None
    return " ".join((found.text or "").split()) if found is not None else ""


class _Text:
    """Converts the content of an OpenDocument text to HTML; notes come last."""

    def __init__(self, styles: list[etree._Element]) -> None:
        self._numbered, self._parents = set[tuple[str, int]](), dict[str, str]()
        for one in (style for tree in styles for style in tree.iter(f"{_TEXT}list-style", f"{_STYLE}style")):
            name = one.get(f"{_STYLE}name", "")
            if one.tag == f"{_STYLE}style":
                self._parents[name] = one.get(f"{_STYLE}parent-style-name", "")
            else:
                levels = (level.get(f"{_TEXT}level", "1") for level in one.iter(f"{_TEXT}list-level-style-number"))
                self._numbered |= {(name, _number(level)) for level in levels}
        self._notes: list[str] = []

    def html(self, content: etree._Element) -> str:
        """The content of the page's body."""
        body = content.find(f"{_OFFICE}body/{_OFFICE}text")
        text = self._blocks(body, _NO_LIST, 0) if body is not None else ""
        return text + "".join(self._notes)

    def _blocks(self, holder: etree._Element, style: tuple[str, int], depth: int) -> str:
        return "".join(self._block(one, style, depth + 1) for one in holder) if depth < _DEEPEST else ""

    def _block(self, one: etree._Element, style: tuple[str, int], depth: int) -> str:
        tag = str(one.tag)
        if tag in _UNSEEN:
            return ""
        if tag in (f"{_TEXT}h", f"{_TEXT}p"):
            return self._paragraph(one, depth)
        if tag == f"{_TEXT}list":
            style = one.get(f"{_TEXT}style-name", style[0]), style[1] + 1
            kind = "ol" if style in self._numbered else "ul"
            items = (self._blocks(item, style, depth + 1) for item in one.iterchildren(f"{_TEXT}list-item"))
            return f"<{kind}>{''.join(f'<li>{_alone(item)}</li>' for item in items)}</{kind}>"
        if tag == f"{_TABLE}table":
            rows = [self._row(row, depth + 1) for row in one.iter(f"{_TABLE}table-row")]
            return f"<table>{''.join(rows)}</table>"
        return self._blocks(one, style, depth)

    def _row(self, row: etree._Element, depth: int) -> str:
        is_head = next(row.iterancestors(f"{_TABLE}table-header-rows"), None) is not None
        tag, cells = "th" if is_head else "td", ""
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            times = _number(cell.get(f"{_TABLE}number-columns-repeated", "1"))
            cells += f"<{tag}>{self._blocks(cell, _NO_LIST, depth)}</{tag}>" * times
        return f"<tr>{cells}</tr>"

    def _paragraph(self, one: etree._Element, depth: int) -> str:
        inner, tag = self._inline(one, depth), "p"
        if one.tag == f"{_TEXT}h":
            tag = f"h{min(_number(one.get(f'{_TEXT}outline-level', '1')), 6)}"
        elif "Title" in (style := one.get(f"{_TEXT}style-name", ""), self._parents.get(style, "")):
            tag = "h1"
        return f"<{tag}>{inner}</{tag}>" if inner.strip() else ""

    def _inline(self, holder: etree._Element, depth: int) -> str:
        if depth > _DEEPEST:
            return ""
        parts = [escape(holder.text or "")]
        for one in holder:
            tag = str(one.tag)
            if tag == f"{_TEXT}note":
                body = one.find(f"{_TEXT}note-body")
                self._notes.append(self._blocks(body, _NO_LIST, depth) if body is not None else "")
            elif tag == f"{_TEXT}s":
                parts.append(" " * _number(one.get(f"{_TEXT}c", "1")))
            elif tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
                parts.append("<br>" if tag.endswith("break") else " ")
            elif tag == f"{_TEXT}a":
                parts.append(f'<a href="{escape(one.get(_LINK, ""))}">{self._inline(one, depth + 1)}</a>')
            elif tag not in _UNSEEN:
                parts.append(self._inline(one, depth + 1))
            parts.append(escape(one.tail or ""))
        return "".join(parts)


def _alone(item: str) -> str:
    """The content of a list item; a single paragraph without its `p`."""
    return re.sub("^<p>(.*?)</p>", r"\1", item, flags=re.DOTALL) if item.count("<p>") == 1 else item


def _number(text: str) -> int:
    return min(max(int(text), 1), _MOST_REPEATED) if text.isdecimal() else 1
