"""What bytes are: a file that is no text, or text in an encoding; told by the bytes, then by what is declared."""

import re
from functools import lru_cache

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, to_unicode

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
