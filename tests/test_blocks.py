"""Blocks: Markdown cut into leaves, each with its exact source."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.markdown.reading.blocks import Text, parse
from fetcher.markdown.reading.commonmark import FOOTNOTES, SOURCE_POSITIONS, to_html
from fetcher.markdown.reading.leaf_blocks import Leaf, leaves_of_tree, read_leaves
from fetcher.markdown.reading.rendering import render
from fetcher.markdown.reading.wording import plain
from fetcher.page.page import document
from fetcher.page.word_spans import word_spans
from tests.texts import Doc, Style, docs, styles, write

# What Markdown is made of, in any order: mostly nonsense, and still a body that a seed may hold.
# fmt: off
SIGNS = [
    "one", "two words", "漢字", "🎉", "مرحبا", " ", "\t", "\u200b", "\x0c", "\u2028",
    "\n", "\n\n", "\r\n", "\r", "\n    ", "- ", "- [ ] task\n", "1. ", "# ", "> ", "---\n", "===\n",
    "|", "| a | b |\n|---|---|\n| c | d |\n", "```\n", "`", "*", "**", "\\", "\\\n", "  \n", "<br>\n",
    "<b>", "<div>\n", "</div>\n", "<!-- c -->", "<ID>", "&amp;",
    "[a](/b)", "[a]: /b\n", "[a]", "![i](/j)", "<http://a.b>", "[^1]", "[^1]: note\n",
]
# fmt: on
SOUP = st.lists(st.sampled_from(SIGNS), max_size=14).map("".join)


def kinds(text: Text) -> list[tuple[str, str]]:
    return [(block.kind, text.source(block)) for block in text.blocks]


def _covers(markdown: str) -> None:
    text = parse(markdown)
    assert "".join(text.lines) == markdown
    at = 0
    for block in text.blocks:
        assert not "".join(text.lines[at : block.start]).strip(" \t>\r\n")
        assert at <= block.start < block.end
        at = block.end
    assert not "".join(text.lines[at:]).strip(" \t>\r\n")


@given(docs, styles)
def test_every_line_belongs_to_one_block(doc: Doc, style: Style) -> None:
    """Blocks follow each other without overlap, and leave only blank lines between them."""
    _covers(write(doc, style))


@given(SOUP)
def test_every_line_of_anything_belongs_to_one_block(markdown: str) -> None:
    """The same of whatever signs a file may hold."""
    _covers(markdown)


@given(SOUP)
def test_blocks_have_all_words(markdown: str) -> None:
    """The words of the blocks are those of the rendered text, each once, in order, but for footnotes."""
    text = markdown.replace("[^1]:", "")  # a renderer puts them last, or leaves them out
    assert plain(parse(text).words) == plain(word_spans(render(text)).words)


def _both_ways(markdown: str) -> tuple[list[Leaf] | None, list[Leaf]]:
    shown = to_html(markdown, SOURCE_POSITIONS | FOOTNOTES)
    return read_leaves(shown), leaves_of_tree(word_spans(document(shown)))


@given(SOUP)
def test_leaves_are_read_like_a_parser_reads_them(markdown: str) -> None:
    """Expressions find in what a renderer makes of a text without tags what a parser finds, or nothing at all."""
    quick, parsed = _both_ways(re.sub("<(?!http)", "", markdown))
    assert quick in (parsed, None)


def test_what_the_expressions_read() -> None:
    """Most of what pages hold needs no parser."""
    quick, parsed = _both_ways(
        '# A *b* &amp; `<c>`\n\n[x](/y?a&b "t") ![i](/j) <http://k.l>\\\nm\n\n1. a\n   - [x] b\n\n     c\n\n'
        "| d | e |\n|---|:-:|\n| [f](g) | |\n\n> ~~~ h\n> i\n> ~~~\n\n***\n"
    )
    assert quick == parsed


@pytest.mark.parametrize(
    "markdown", ["a\x0cb", "para\n| a |\n|---|\n", "- a\n  ```\n  b\n  ```\n  c", "> " * 999 + "a"]
)
def test_what_only_a_parser_can_tell(markdown: str) -> None:
    """The expressions leave alone what they would read in another way."""
    assert _both_ways(markdown)[0] is None


def test_a_tag_is_read_by_a_parser() -> None:
    """Raw HTML is no text, wherever it ends."""
    assert parse("a <b title='x > y'>c</b>\n").words == ["a", "c"]


def test_what_texts_share_is_read_once() -> None:
    """Of two versions of a text, most is the same: what it says is one object as long as both are in use."""
    one, other = parse("- a *b*\n\nold\n"), parse("new\n\n- a *b*\n")
    assert one.blocks[0].content is other.blocks[1].content


LINES = st.lists(
    st.sampled_from(
        [*SIGNS, "\n", "\n\n", "Text\n", "\n\nText\n", "\n# A\n", "- b\n\n", "    c\n", "- ```\n", "  ```\n"]
    )
).map("".join)


@given(st.lists(LINES, min_size=2, max_size=4))
def test_sections_are_read_as_parts_of_the_whole(texts: list[str]) -> None:
    """Whatever sections a text shares with others, its blocks are those that it has if it is read at once."""
    texts = [re.sub("<(?!http)|]:", "", text) for text in [*texts, "\n\n".join(texts)]]
    found = [parse(text) for text in texts]
    parse.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fetcher.markdown.reading.blocks.cuts", lambda _: [])
        assert found == [parse(text) for text in texts]
    parse.cache_clear()


def test_a_section_that_another_text_has_is_not_rendered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a text that differs from another in one section, only that section is rendered."""
    rendered = []

    def counting(markdown: str, options: int) -> str:
        rendered.append(markdown)
        return to_html(markdown, options)

    old, new = "\nWheat\n\n- rye\n\n## Oats\n\nBarley\n\n- corn\n", "Wheat\n\n- rye\n\n## Oats\n\nMillet\n\n- corn"
    one = parse(old)
    monkeypatch.setattr("fetcher.markdown.reading.rendering.to_html", counting)
    other = parse(new)
    assert rendered == ["Millet\n\n- corn"]
    assert [(block.start, block.words) for block in (one.blocks[2], other.blocks[2])] == [(5, ["Oats"]), (4, ["Oats"])]


def test_kinds_of_blocks() -> None:
    """Headings, paragraphs, items, rows with the rule of their head, fences, rules and raw HTML are blocks."""
    text = parse("# T\n\np\nq\n\n- i\n  - j\n\n| a |\n|---|\n| b |\n\n```\nx\n```\n\n***\n\n<div>z</div>\n")
    assert kinds(text) == [
        ("h1", "# T\n"),
        ("p", "p\nq\n"),
        ("li", "- i\n"),
        ("li", "  - j\n"),
        ("tr", "| a |\n|---|\n"),
        ("tr", "| b |\n"),
        ("pre", "```\nx\n```\n"),
        ("hr", "***\n"),
        ("raw", "<div>z</div>\n"),
    ]


@pytest.mark.parametrize("raw", ["", "<p>raw</p>\n\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_definitions_are_boxes_with_all_that_is_below_their_sign(raw: str, end: str) -> None:
    """In code, and where no term stands before it, the sign is one."""
    terms = "Hopper\n:   Takes grain\n:   And oats\n\nStone\n\n:   Grinds\n\n    - it\n\n"
    text = f"{terms}End\n\n```\na\n:   b\n```\n\n\n:   c\n"
    blocks = parse((raw + text).replace("\n", end)).blocks[bool(raw) :]
    assert [(block.boxes, " ".join(block.words)) for block in blocks] == [
        ((), "Hopper"),
        (("dl",), "Takes grain"),
        (("dl",), "And oats"),
        ((), "Stone"),
        (("dl",), "Grinds"),
        (("dl", "ul"), "it"),
        ((), "End"),
        ((), "a : b"),
        ((), ": c"),
    ]


def test_hard_breaks_part_a_paragraph() -> None:
    """The lines of a paragraph with hard breaks are blocks of their own, joined to the one before."""
    text = parse("one\\\ntwo  \nthree<br>\nfour\nfive\n")
    assert [(text.source(block), block.joined) for block in text.blocks] == [
        ("one\\\n", False),
        ("two  \n", True),
        ("three<br>\n", True),
        ("four\nfive\n", True),
    ]


def test_a_paragraph_right_above_a_table() -> None:
    """A table needs no blank line before it; the paragraph above keeps its own lines."""
    text = parse("text\nmore\n| a |\n|---|\n| b |\n")
    assert kinds(text) == [("p", "text\nmore\n"), ("tr", "| a |\n|---|\n"), ("tr", "| b |\n")]


def test_a_table_of_a_head_alone() -> None:
    """The rule under the head is the head's, rows or not."""
    assert kinds(parse("| a |\n|---|\n")) == [("tr", "| a |\n|---|\n")]


def test_a_box_tag_inside_of_a_line_ends_nothing() -> None:
    """The words after a `<div>` in the middle of a paragraph are the paragraph's."""
    assert [block.words for block in parse("one <div>two</div> three").blocks] == [["one", "two", "three"]]


def test_line_ends_are_kept() -> None:
    """Only line feeds end lines: carriage returns, form feeds and U+2028 stay where they are."""
    assert parse("a\r\nb\x0cc\u2028d\re").lines == ["a\r\n", "b\x0cc\u2028d\re"]


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("use <ID> here", ["use", "<", "ID", ">", "here"]),
        ("use \\<ID> here", ["use", "<", "ID", ">", "here"]),
        ("see <The Title of a Play> there", ["see", "<", "The", "Title", "of", "a", "Play", ">", "there"]),
        ("the <div> element", ["the", "<", "div", ">", "element"]),
        ("a <div>box</div> of\nthe <br>same", ["a", "box", "of", "the", "same"]),
        ('<Note to="x">a note', ["a", "note"]),
        ("<Note>see</Note>", ["see"]),
        ("<b>bold</b>", ["bold"]),
        ("a\\_b \\$4 &lt;x&gt;", ["a", "_", "b", "$", "4", "<", "x", ">"]),
        ("note[^1]\n\n[^1]: text", ["note", "1", "text"]),
    ],
)
def test_words_are_what_a_reader_sees(markdown: str, words: list[str]) -> None:
    """Escapes, entities and tags are markup; a placeholder that nobody escaped is text."""
    assert parse(markdown).words == words


def test_boxes_and_anchors() -> None:
    """A block knows the lists and quotes around it; a text knows the places on its page that it links to."""
    text = parse("> - a\n>   1. b\n\n[up](#top) [out](/x#y) [none](#)\n")
    assert [block.boxes for block in text.blocks] == [("blockquote", "ul"), ("blockquote", "ul", "ol"), ()]
    assert text.anchors == {"top"}


def test_blocks_are_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many blocks there are, the text is rendered once."""
    rendered = []

    def counting(markdown: str, options: int) -> str:
        rendered.append(markdown)
        return to_html(markdown, options)

    monkeypatch.setattr("fetcher.markdown.reading.rendering.to_html", counting)
    text = "- item\n\npara\n\n" * 500
    parse(text)
    assert rendered == [text]
