"""Bodies without their compression: the fast way takes what is whole, and leaves all else to the one that fetches."""

from __future__ import annotations

import gzip
import zlib

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from fetcher.middlewares import CompressionMiddleware
from fetcher.visits.unpacking import gunzipped

PAGE = b"<p>a page</p>" * 1000
WHOLE = gzip.compress(PAGE, mtime=0)
PLENTY = 1 << 20


def unpacked(body: bytes, coding: str = "gzip", **meta: str) -> Response:
    request = Request("https://example.org/", meta=meta)
    response = Response(request.url, body=body, headers={"Content-Encoding": coding}, request=request)
    came = CompressionMiddleware(crawler=get_crawler()).process_response(request, response)
    assert isinstance(came, Response)
    return came


@pytest.mark.parametrize("level", range(10))
def test_what_zlib_packs_comes_out_as_it_was(level: int) -> None:
    assert gunzipped(gzip.compress(PAGE, level), PLENTY) == PAGE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        PAGE,
        zlib.compress(PAGE),
        WHOLE[:-1],
        WHOLE[: len(WHOLE) // 2],
        WHOLE + b"more",
        WHOLE + WHOLE,
        WHOLE[:-8] + bytes(4) + WHOLE[-4:],  # another checksum
    ],
)
def test_what_is_not_one_whole_stream_is_left_to_the_slow_way(body: bytes) -> None:
    assert gunzipped(body, PLENTY) is None


def test_no_more_is_unpacked_than_is_asked_for() -> None:
    assert gunzipped(WHOLE, len(PAGE)) == PAGE
    assert gunzipped(WHOLE, len(PAGE) - 1) is None


@pytest.mark.parametrize("body", [WHOLE, WHOLE[:-1], WHOLE + b"more", WHOLE[:-8] + bytes(4) + WHOLE[-4:]])
def test_both_ways_lead_to_the_same_answer(body: bytes) -> None:
    answer = unpacked(body)
    assert answer.body == PAGE
    assert "Content-Encoding" not in answer.headers


def test_several_codings_are_undone_in_turn() -> None:
    assert unpacked(gzip.compress(zlib.compress(PAGE)), "deflate, gzip").body == PAGE


def test_an_answer_that_nobody_reads_is_not_unpacked() -> None:
    assert unpacked(WHOLE, spared="same-bytes").body == WHOLE
