"""Markdown reads like the page: golden cases, and laws over them and over generated pages."""

import os
import re
from pathlib import Path
from urllib.parse import unquote, urljoin

import cmarkgfm
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import html

from fetcher.markdown.convert import to_markdown
from fetcher.markdown.dialect import DEFAULT, Dialect
from fetcher.markdown.grid import COMPACT, PADDED
from fetcher.markdown.links import link_target
from fetcher.page.page import document
from fetcher.page.word_spans import word_spans

BASE = "https://example.org/guide/page"
# A case of a golden file: title, HTML, expected Markdown. "signs" says that signs come out which the page's text has
# not (quotation marks, a formula's source, the name of a film), or the other way round.
CASE = re.compile(
    r"^## ([^\n]+)\n\n~~~~~ html( signs)?\n(.*?)~~~~~\n\n~~~~~ markdown\n(.*?)~~~~~$", re.MULTILINE | re.DOTALL
)
FILES = sorted((Path(__file__).parent / "golden").glob("*.md"))
GOLDEN = [
    pytest.param(*case.groups(), id=f"{path.stem}: {case[1]}")
    for path in FILES
    for case in CASE.finditer(path.read_text(encoding="utf-8"))
]
each_golden = pytest.mark.parametrize(("title", "signs", "page", "expected"), GOLDEN)
# The CommonMark or GFM specification (CC BY-SA, so not kept here): its examples are pages too.
SPEC = os.environ.get("COMMONMARK_SPEC", "")
EXAMPLE = re.compile(r"^`{32} example[^\n]*\n.*?^\.\n(.*?)^`{32}$", re.MULTILINE | re.DOTALL)
EXAMPLES = EXAMPLE.findall(Path(SPEC).read_text(encoding="utf-8")) if SPEC else []


def markdown(page: str, dialect: Dialect = DEFAULT) -> str:
    return to_markdown(document(page), base=BASE, dialect=dialect)


def shown(text: str) -> html.HtmlElement:
    """What a reader of Markdown shows that knows tables, tasks and strikethrough, and links no bare address."""
    return document(cmarkgfm.markdown_to_html_with_extensions(text, 0, ["table", "strikethrough", "tasklist"]))


def words(root: html.HtmlElement) -> str:
    return "".join(word_spans(root).words)


def links(root: html.HtmlElement) -> list[str]:
    """The addresses that links with a text of their own lead to, in order, each once in a row."""
    found = [
        link for link in root.iter("a") if words(link) and not re.match(r"https?://|www\.", "".join(link.itertext()))
    ]
    addresses = [unquote(urljoin(BASE, link.get("href"))) for link in found if link.get("href")]
    return [address for place, address in enumerate(addresses) if not place or addresses[place - 1] != address]


def codes(root: html.HtmlElement) -> str:
    """The text of all code; where it begins and ends is a matter of markup."""
    kinds = ("pre", "code", "kbd", "samp")
    outer = [code for code in root.iter(*kinds) if next(code.iterancestors(*kinds), None) is None]
    return "".join(map(words, outer))


# --- golden cases ---


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_files_hold_nothing_but_their_title_and_cases_that_are_read(path: Path) -> None:
    rest = CASE.sub("", path.read_text(encoding="utf-8")).split("\n")
    assert [line for line in rest if line.strip()] == rest[:1]


@each_golden
def test_golden_page(title: str, signs: str | None, page: str, expected: str) -> None:  # noqa: ARG001
    """The page of the case becomes the Markdown of the case."""
    assert markdown(page) == expected


@each_golden
def test_golden_words(title: str, signs: str | None, page: str, expected: str) -> None:  # noqa: ARG001
    """The expected Markdown shows the words of the page, all of them, in order, and no others."""
    if not signs:
        assert words(shown(expected)) == words(document(page))


@each_golden
def test_golden_second_pass(title: str, signs: str | None, page: str, expected: str) -> None:  # noqa: ARG001
    """The expected Markdown, rendered and converted again, is the same Markdown."""
    assert to_markdown(shown(expected), base=BASE) == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_files_are_read(path: Path) -> None:
    """Every case is read: one with a slip in its form would be left out in silence."""
    text = path.read_text(encoding="utf-8")
    titles = re.sub(r"^~~~~~.*?^~~~~~$", "", text, flags=re.MULTILINE | re.DOTALL).count("\n## ")
    assert len(CASE.findall(text)) == titles > 0


@pytest.mark.skipif(not SPEC, reason="COMMONMARK_SPEC names no specification")
def test_specification() -> None:
    """The pages of the specification's examples read the same in Markdown, and a second pass changes nothing."""
    pages = [page for page in EXAMPLES if not re.search(r"<(?:!|\?|script|style|textarea|iframe|title)", page)]
    assert pages
    wrong = [page for page in pages if words(shown(markdown(page))) != words(document(page))]
    unstable = [page for page in pages if to_markdown(shown(markdown(page)), base=BASE) != markdown(page)]
    assert (wrong, unstable) == ([], [])


# --- laws ---

SIGNS = st.text(alphabet="ab1 é漢.,()*_`[]<>&!#-+=|~\\:/$\"'\n\u00a0\u200b«€", max_size=8)
WORDS = st.sampled_from(
    [
        "a",
        "word",
        "two words",
        " ",
        "1.",
        "- ",
        "# ",
        "x_y",
        "*",
        "**",
        "`",
        "](",
        "[x]",
        "&amp;",
        "http://a.b/c",
        "www.a.b",
        "|",
        "~~",
        "\\",
    ]
)
TEXT = (
    st.lists(SIGNS | WORDS, max_size=3).map("".join).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;"))
)
INLINE_TAGS = [
    "b",
    "i",
    "em",
    "strong",
    "code",
    "del",
    "s",
    "span",
    "a href='/x_y?b=1&amp;c=(2'",
    "a href='?q'",
    "kbd",
    "mark",
    "sup",
    "font",
]
BLOCK_TAGS = ["p", "div", "blockquote", "h2", "h5", "section", "pre", "dl", "dt", "dd", "details", "summary", "figure"]


def element(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag.split(maxsplit=1)[0]}>"


def elements(tags: list[str], children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(element, st.sampled_from(tags), st.lists(children, max_size=4).map("".join))


INLINE = st.recursive(
    TEXT | st.just("<br>") | st.just("<img src=i.png alt='a]b'>"),
    lambda inner: elements(INLINE_TAGS, inner),
    max_leaves=12,
)


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    content = st.lists(inner, min_size=1, max_size=3).map("".join)
    items = st.lists(content.map(lambda text: f"<li>{text}</li>"), min_size=1, max_size=4).map("".join)
    cell = st.builds(element, st.sampled_from(["td", "th", "td colspan=2", "td rowspan=2"]), INLINE)
    rows = st.lists(
        st.lists(cell, min_size=1, max_size=3).map("".join).map(lambda row: f"<tr>{row}</tr>"), min_size=1, max_size=3
    )
    return (
        elements(BLOCK_TAGS, inner)
        | st.builds(element, st.sampled_from(["ul", "ol", "ol start=3"]), items)
        | rows.map(lambda found: f"<table>{''.join(found)}</table>")
        | st.just("<hr>")
    )


PAGES = st.lists(st.recursive(INLINE, blocks, max_leaves=8), min_size=1, max_size=4).map("".join)


@given(PAGES)
def test_the_words_of_the_page_are_the_words_of_its_markdown(page: str) -> None:
    """No word is lost, none is added, and none changes its place."""
    assert words(shown(markdown(page))) == words(document(page))


@given(PAGES)
def test_a_second_pass_changes_nothing(page: str) -> None:
    """Markdown that is rendered and converted again is the same Markdown."""
    once = markdown(page)
    assert to_markdown(shown(once), base=BASE) == once


@given(st.lists(INLINE, max_size=4).map("".join))
def test_links_lead_where_the_page_leads(page: str) -> None:
    """Every link with a text is a link to the same address, in order."""
    assume(not re.search(r"<a [^>]*>\s*(https?://|www\.)", page))  # which `links` leaves out, but not its second line
    assert links(shown(markdown(page))) == links(document(page))


@pytest.mark.parametrize("base", ["http://a.org:8/b/c?d", "HTTPS://A.org", "custom://a.org/b", "//a.org/b", "b"])
@pytest.mark.parametrize("href", ["/e/f.html?g=h#i", "/e/../f", "/e//f", "/e?", "/e#", "/./e", "/e;f", "//e/f", "e/f"])
def test_links_are_joined_with_the_base(base: str, href: str) -> None:
    """The quick way for plain addresses leads where the long one does."""
    assert link_target(href, base, DEFAULT) == urljoin(base, href)


@given(PAGES)
def test_code_is_code(page: str) -> None:
    """What is code on the page, and nothing else, is code in Markdown."""
    assert codes(shown(markdown(page))) == codes(document(page))


@given(
    st.lists(
        SIGNS
        | WORDS
        | st.sampled_from(
            ["<b>", "<script>", "<a href='javascript:x'>", "<img src='data:x' onerror=x>", "</p>", "<!--"]
        )
    ).map("".join)
)
def test_no_html_and_no_script_comes_out(page: str) -> None:
    """Whatever is fed in, Markdown holds no raw HTML and no address that runs code."""
    rendered = cmarkgfm.github_flavored_markdown_to_html(markdown(page))
    assert "raw HTML omitted" not in rendered
    assert not re.search(r"(?:href|src)=\"(?:javascript|data|vbscript):", rendered)


DIALECTS = st.builds(
    Dialect,
    bullet=st.sampled_from("-*+"),
    bullet_width=st.sampled_from([2, 4]),
    number_end=st.sampled_from(".)"),
    number_width=st.sampled_from([0, 4]),
    emphasis=st.sampled_from("*_"),
    strong=st.sampled_from(["**", "__"]),
    hard_break=st.sampled_from(["\\", "  "]),
    heading=st.sampled_from(["atx", "atx_closed", "underlined"]),
    code=st.sampled_from(["fenced", "indented"]),
    fence=st.sampled_from(["```", "~~~"]),
    tables=st.sampled_from([COMPACT, PADDED]),
    escapes=st.frozensets(st.sampled_from(["$", "'", '"', "<", ">", "#", "@", "~", "^", "|", "[", "]", "..."])),
    wrap=st.sampled_from([0, 0, 40]),
)


@given(PAGES, DIALECTS)
def test_every_dialect_reads_like_the_page(page: str, dialect: Dialect) -> None:
    """A dialect changes how Markdown is written, never what it shows."""
    assert words(shown(markdown(page, dialect))) == words(document(page))


@pytest.mark.parametrize(
    "tag", ["div", "b", "span", "ul><li", "blockquote", "table><tr><td", "a href=x", "q", "dl><dt", "h2"]
)
def test_deep_pages(tag: str) -> None:
    """As many nested elements as a parsed page can have are no trouble, and their text is not lost."""
    depth = 1800 // (tag.count("><") + 1)
    assert markdown(f"<{tag}>word " * depth).count("word") == depth


@pytest.mark.parametrize(
    "page",
    [
        "<table>" + "<tr><td>a<td>b</tr>" * 20_000 + "</table>",
        "<p>" + "<b>a</b> <i>b</i> " * 25_000,
        "<ol>" + "<li>a</li>" * 8_000 + "</ol>",
        "<p>" + "a<br>" * 20_000,
        "<p>" + "*_`[<&~!" * 20_000,
        "<p>" + "http://a.b/c_*" * 20_000,
        "<pre>" + "<div>a</div>" * 20_000 + "</pre>",
    ],
    ids=lambda page: page[:24],
)
def test_long_pages(page: str) -> None:
    """Time grows with the page, not with its square: each of these would take hours."""
    assert markdown(page)
