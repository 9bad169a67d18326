"""Canonical words: the same for every way to write a text."""

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fetcher.markdown.reading import blocks
from fetcher.page.page import document
from fetcher.page.word_spans import word_spans
from fetcher.page.words import fold, split_with_joins, split_words
from tests.texts import Doc, Style, docs, styles, write

_UNSAFE = 1 << 17  # cmark's option that lets raw HTML through
_OTHER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def shown(html: str) -> list[str]:
    return word_spans(document(html)).words


@given(docs, styles)
def test_markdown_and_its_page_have_the_same_words(doc: Doc, style: Style) -> None:
    """Markdown has the words of the page that it renders to, whichever renderer made it."""
    text = write(doc, style)
    words = blocks.parse(text).words
    assert shown(cmarkgfm.github_flavored_markdown_to_html(text, options=_UNSAFE)) == words
    assert shown(_OTHER.render(text)) == words


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_no_sign_is_lost(text: str) -> None:
    """The pieces, joined, are the folded text without white space."""
    assert "".join(split_words(text)) == "".join(fold(text).split())


@given(st.text(alphabet="aB1é漢 \n-’\u00a0"))
def test_touching_is_having_no_white_space_between(text: str) -> None:
    """The pieces with a space before each that does not touch the one before are the text, white space folded."""
    found, touching = split_with_joins(text)
    again = "".join(piece if touch else f" {piece}" for piece, touch in zip(found, touching, strict=True))
    assert again.split() == fold(text).split()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("it’s “so”", 'it\'s "so"'),
        ("a\u00a0b", "a b"),
        ("zero\u200bwidth", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("ﬁne", "fine"),
        ("e\u0301", "é"),
        ("2–3", "2-3"),
        ("１２", "12"),
        ("\u2067עברית\u2069", "עברית"),
    ],
)
def test_signs_that_look_alike_are_equal(one: str, other: str) -> None:
    """Typographic and invisible signs make no difference."""
    assert split_words(one) == split_words(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025previous", ["2025", "previous"]),
        ("OneTwo", ["One", "Two"]),
        ("HTTPServer", ["HTTP", "Server"]),
        ("ÉtéHiver", ["Été", "Hiver"]),
        ("漢字kana", ["漢", "字", "kana"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("snake_case", ["snake", "_", "case"]),
        ("", []),
    ],
)
def test_words_are_cut_where_markup_may_have_stood(text: str, expected: list[str]) -> None:
    """Words that a converter may have glued are cut: at digits, at capitals, and at every sign of unspaced scripts."""
    assert split_words(text) == expected
