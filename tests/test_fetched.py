"""How the bytes that came are read."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest
from lxml import etree

from fetcher.page.page import document
from fetcher.visits.fetched import Fetched

PAGE = "<html><head><title>Zoë</title></head><body><p>Fünf “Zeilen” – und 100 €.</p></body></html>"


def fetched(body: bytes, kind: str = "text/html") -> Fetched:
    url = "https://example.org/"
    headers = {"content-type": kind}
    return Fetched(
        status=200, url=url, final_url=url, headers=headers, body=body, when=datetime(2026, 1, 1, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PAGE.encode(), "text/html"),
        (PAGE.encode(), "text/html; charset=utf-8"),
        (PAGE.encode("utf-8-sig"), "text/html"),
        (PAGE.encode("cp1252", "replace"), "text/html"),
        (PAGE.encode("utf-16"), "text/html"),
        (PAGE.encode("utf-16-le"), "text/html; charset=utf-16le"),
        (PAGE.encode().replace(b"Z", b"\xff\xfeZ\xe2\x80"), "text/html; charset=utf-8"),
        (PAGE.encode().replace(b"Z", b"\xff"), "text/html"),
        (PAGE.encode("iso-2022-jp", "replace"), "text/html; charset=iso-2022-jp"),
        (PAGE.encode(), "text/plain"),
        (b"", "text/html"),
    ],
)
def test_a_parser_reads_what_people_read(body: bytes, kind: str) -> None:
    """Whatever its encoding, a page's bytes make the tree that its text makes."""
    answer = fetched(body, kind)
    assert etree.tostring(document(answer.markup)) == etree.tostring(document(answer.html))


def test_a_page_in_utf_8_is_not_written_again() -> None:
    """The parser gets the bytes that came."""
    answer = fetched(PAGE.encode())
    assert answer.markup is answer.body


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_answer_is_the_same_when_it_comes_to_another_process(protocol: int) -> None:
    answer = fetched(PAGE.encode())
    assert answer.text  # which is not sent
    copy = pickle.loads(pickle.dumps(answer, protocol))  # noqa: S301  # our own
    assert (copy, type(copy.body), "_decoded" in vars(copy)) == (answer, bytes, False)
    assert copy.text == answer.text
