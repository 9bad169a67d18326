"""Decompresses the body of an answer (gzip, deflate, Brotli, Zstandard) within a size limit, faster than Scrapy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import brotli
from isal import isal_zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_RAW = -15  # what zlib calls a stream without a header and a checksum
_GZIP = b"\x1f\x8b\x08"
_TRAILER = 8  # bytes of checksum and length after each member of gzip


class PackedError(ValueError):
    """A body that is not a complete stream in its `coding`."""

    def __init__(self, coding: str) -> None:
        super().__init__(coding)
        self.coding = coding


class TooLargeError(ValueError):
    """A body that is too large when decompressed."""


def unpacked(body: bytes, codings: Iterable[str], most: int) -> bytes:
    """The decompressed content of a body to which `codings` were applied in turn.

    As in browsers, checksums and data after the end are ignored. Raises TooLargeError if the content has more than
    `most` bytes, and PackedError if a coding is unknown or the stream is invalid or truncated: otherwise a page that
    was cut off would look like one that lost its second half.

    >>> import gzip
    >>> unpacked(gzip.compress(b"text"), ["gzip"], 4)
    b'text'
    """
    for coding in reversed([*codings]):
        body = _content(body, coding.strip().lower(), most) if body else body
    return body


def _content(body: bytes, coding: str, most: int) -> bytes:
    try:
        content, is_whole = _UNPACK[coding](body, most + 1)
    except (KeyError, IndexError, ValueError, isal_zlib.error, brotli.error, zstd.ZstdError) as error:  # type: ignore[misc]  # the stub of isal has an exception where the class is
        raise PackedError(coding) from error
    if len(content) > most:
        raise TooLargeError
    if not is_whole:
        raise PackedError(coding)
    return content


def _gzip(body: bytes, most: int) -> tuple[bytes, bool]:
    """The content, cut off soon after `most` bytes, and whether the stream is complete; likewise for each coding."""
    content, rest, is_whole = _inflated(body[_gzip_header(body) :], most)
    while is_whole and len(content) < most and (rest := rest[_TRAILER:]).startswith(_GZIP):
        more, rest, is_whole = _inflated(rest[_gzip_header(rest) :], most)
        content += more
    return content, is_whole


def _gzip_header(body: bytes) -> int:
    """The length of the header (RFC 1952); raises ValueError or IndexError if it is incomplete."""
    if not body.startswith(_GZIP):
        raise ValueError("no gzip")
    flags, end = body[3], 10
    if flags & 4:  # extra fields
        end += 2 + int.from_bytes(body[end : end + 2], "little")
    for flag in (8, 16):  # a name, a comment
        if flags & flag:
            end = body.index(b"\0", end) + 1
    return end + (2 if flags & 2 else 0)


def _deflate(body: bytes, most: int) -> tuple[bytes, bool]:
    # By the standard, deflate has a zlib header; some servers leave it out.
    has_header = body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    content, _, is_whole = _inflated(body[2:] if has_header else body, most)
    return content, is_whole


def _inflated(body: bytes, most: int) -> tuple[bytes, bytes, bool]:
    stream = isal_zlib.decompressobj(_RAW)
    content = stream.decompress(body, most)
    return content, stream.unused_data, stream.eof


def _brotli(body: bytes, most: int) -> tuple[bytes, bool]:
    stream = brotli.Decompressor()
    parts = [stream.process(body, output_buffer_limit=most)]
    size = len(parts[0])
    while parts[-1] and size < most and not stream.is_finished():
        parts.append(stream.process(b"", output_buffer_limit=most - size))
        size += len(parts[-1])
    return b"".join(parts), stream.is_finished()


def _zstd(body: bytes, most: int) -> tuple[bytes, bool]:
    stream = zstd.ZstdDecompressor()
    content = stream.decompress(body, most)
    return content, stream.eof


_UNPACK: Mapping[str, Callable[[bytes, int], tuple[bytes, bool]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
    "identity": lambda body, _: (body, True),
}
CODINGS = frozenset(_UNPACK)
"""The content codings that can be decompressed."""
