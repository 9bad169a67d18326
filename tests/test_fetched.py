"""How the bytes that came are read."""

from __future__ import annotations

import pickle
from dataclasses import replace
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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_what_stands_behind_a_byte_order_mark_is_the_page(encoding: str) -> None:
    assert fetched(PAGE.encode(encoding), "text/html; charset=iso-8859-1").text == PAGE


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


@pytest.mark.parametrize(
    "label", ["hex", "rot13", "undefined", "unicode_escape", "utf-7", "punycode", "none", "latin1"]
)
def test_what_a_label_says_of_bytes_that_are_utf_8_makes_no_difference(label: str) -> None:
    assert fetched(PAGE.encode(), f"text/html; charset={label}").text == PAGE
    meta = PAGE.replace("<title>", f'<meta charset="{label}"><title>')
    assert fetched(meta.encode()).text == meta


def test_utf_16_in_a_meta_means_nothing() -> None:
    """Whoever can read it there knows that it is not so."""
    page = PAGE.replace("<title>", '<meta charset="utf-16"><title>')
    assert fetched(page.encode()).text == page


@pytest.mark.parametrize("encoding", ["cp1251", "iso-8859-2", "shift_jis", "gb18030", "koi8-r", "big5"])
def test_other_encodings_are_read_as_declared(encoding: str) -> None:
    page = {"cp1251": "Бассейн", "koi8-r": "Бассейн", "iso-8859-2": "źródło"}.get(encoding, "泳池")
    assert fetched(page.encode(encoding), f"text/html; charset={encoding}").text == page
    assert page in fetched(f'<meta charset="{encoding}">{page}'.encode(encoding)).text
    assert fetched(page.encode(encoding), f"text/html; charset={encoding}").text == page


def test_utf_8_with_a_few_broken_bytes_is_utf_8() -> None:
    body = (PAGE * 5).encode().replace(b"\x80", b"", 1)
    assert fetched(body, "text/html; charset=iso-8859-1").text.count("Zoë") == 5
    assert fetched("Zoë Fünf".encode("latin1"), "text/html; charset=utf-8").text == "Zoë Fünf"


@pytest.mark.parametrize("kind", ["text/vnd.daringfireball.markdown", "application/markdown", "text/markdown;x=y"])
def test_every_type_that_is_called_markdown_is(kind: str) -> None:
    assert fetched(b"# Berths", kind).kind == "text/markdown"


@pytest.mark.parametrize("kind", ["binary/octet-stream", "application/octet-stream", "text/html"])
def test_a_type_that_says_nothing_of_a_markdown_file_is_not_believed(kind: str) -> None:
    """Servers that do not know the suffix send it so; with a tag in it, it may be what it is sent as."""
    file = fetched(b"# Berths\n\n* north", kind)
    assert replace(file, final_url="https://example.org/berths.md").kind == "text/markdown"
    assert file.kind == kind
    page = replace(file, body=b"<p>Berths</p>", final_url="https://example.org/berths.md")
    assert page.kind == kind


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"%PDF-1.7\n1 0 obj", "application/pdf"),
        (b"\n%PDF-1.4", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
        (b"PK\x03\x04\x14\0", "application/zip"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"\0\0\0 ftypisom", "video/mp4"),
    ],
)
def test_a_file_that_is_sent_as_a_page_is_none(start: bytes, kind: str) -> None:
    assert fetched(start).kind == fetched(start, "text/plain").kind == kind
    assert fetched(b"<p>" + start).kind == "text/html"
