"""Bodies come out of their compression as they were: whole, bounded, or not at all."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import brotli
import pytest
from backports import zstd
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from fetcher.middlewares import CompressionMiddleware
from fetcher.visits import decompression
from fetcher.visits.decompression import PackedError, TooLargeError, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = b"<p>a page</p>" * 1000
WHOLE = gzip.compress(PAGE, mtime=0)
PLENTY = 1 << 20


def without_header(body: bytes) -> bytes:
    return zlib.compress(body)[2:-4]


PACK: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate-raw": ("deflate", without_header),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
    "identity": ("identity", bytes),
}
PACKED = [name for name in PACK if name != "identity"]


@pytest.mark.parametrize("name", PACK)
def test_what_was_packed_comes_out_as_it_was(name: str) -> None:
    coding, pack = PACK[name]
    assert unpacked(pack(PAGE), [coding], len(PAGE)) == PAGE
    assert unpacked(b"", [coding], PLENTY) == b""


@pytest.mark.parametrize("name", PACK)
def test_no_more_is_unpacked_than_is_asked_for(name: str) -> None:
    coding, pack = PACK[name]
    with pytest.raises(TooLargeError):
        unpacked(pack(PAGE), [coding], len(PAGE) - 1)


@pytest.mark.parametrize("name", PACKED)
def test_what_has_no_end_is_not_taken_for_less(name: str) -> None:
    coding, pack = PACK[name]
    body = pack(bytes(range(256)) * 8 + PAGE)
    with pytest.raises(PackedError, match=coding.lower()):
        unpacked(body[: len(body) // 2], [coding], PLENTY)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br", "zstd", "compress", ""])
def test_what_is_packed_in_another_way_is_not_guessed_at(coding: str) -> None:
    with pytest.raises(PackedError):
        unpacked(PAGE, [coding], PLENTY)


@pytest.mark.parametrize(
    "body",
    [
        WHOLE + b"more",
        WHOLE[:-1],  # part of the length
        WHOLE[:-8] + bytes(4) + WHOLE[-4:],  # another checksum
        b"\x1f\x8b\x08\x1e" + WHOLE[4:10] + b"\x03\0abcname\0comment\0hh" + WHOLE[10:],  # all that a header can have
        gzip.compress(PAGE[:5000]) + gzip.compress(PAGE[5000:]),
    ],
)
def test_gzip_is_taken_as_browsers_take_it(body: bytes) -> None:
    assert unpacked(body, ["gzip"], PLENTY) == PAGE


def test_several_codings_are_undone_in_turn() -> None:
    answer = answered(gzip.compress(zlib.compress(PAGE)), "deflate, gzip")
    assert answer.body == PAGE
    assert "Content-Encoding" not in answer.headers


def test_an_answer_that_nobody_reads_is_not_unpacked() -> None:
    assert answered(WHOLE, why_unread="same-bytes").body == WHOLE


def test_all_that_is_asked_for_can_be_unpacked() -> None:
    request = Request("https://example.org/")
    CompressionMiddleware(1).process_request(request)
    accepted = request.headers["Accept-Encoding"]
    assert accepted
    assert {coding.strip() for coding in accepted.decode().split(",")} <= decompression.CODINGS


def answered(body: bytes, coding: str = "gzip", **meta: str) -> Response:
    request = Request("https://example.org/", meta=meta)
    response = Response(request.url, body=body, headers={"Content-Encoding": coding}, request=request)
    return CompressionMiddleware.from_crawler(get_crawler()).process_response(request, response)
