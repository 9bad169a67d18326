"""A body's habits are read from the body, and what is written in them shows them again."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.markdown import code_blocks
from fetcher.markdown.convert import to_markdown
from fetcher.markdown.detection import detect
from fetcher.markdown.dialect import DEFAULT, Dialect
from fetcher.markdown.grid import PADDED, UP_TO_72, Grid, draw_table
from fetcher.markdown.page_habits import PageTraits, adapt_to_page
from fetcher.page.page import document, parse
from fetcher.page.word_spans import word_spans
from fetcher.region.to_markdown import as_markdown

# Enough of everything for every habit to show.
PAGE = """
<h1>Title</h1><h2>Part</h2>
<p>A <b>bold</b> word, an <i>italic</i> one, <code>code</code> and <a href="/x">a link</a>.</p>
<p>One<br>two</p><p>Costs $5 or $6, "so to say" ...</p>
<ul><li>one</li><li>two</li><li>three</li></ul><p>and</p><ol><li>one</li><li>two</li></ol>
<hr><p>Text</p>
<pre class="shiki"><code class="language-python">x = 1</code></pre><pre>plain</pre>
<table><tr><th>Name</th><th>Value</th></tr><tr><td>a</td><td>long enough to pad</td></tr></table>
"""


@pytest.mark.parametrize(
    ("habit", "value"),
    [
        ("bullet", "*"),
        ("bullet", "+"),
        ("bullet_width", 4),
        ("number_end", ")"),
        ("number_width", 4),
        ("emphasis", "_"),
        ("strong", "__"),
        ("hard_break", "  "),
        ("hard_break", "<br>"),
        ("heading", "underlined"),
        ("heading", "atx_closed"),
        ("rule", "------"),
        ("rule", "* * *"),
        ("fence", "~~~"),
        ("info_space", True),
        ("info", "class"),
        ("links", "relative"),
        ("tables", PADDED),
        ("escapes", frozenset("$")),
        ("escapes", frozenset(["$", '"', "..."])),
    ],
)
def test_what_is_written_in_a_dialect_shows_it(habit: str, value: object) -> None:
    """A page written in a dialect is detected as that dialect: detection and writing mean the same by every habit."""
    dialect = Dialect(**{habit: value})  # type: ignore[arg-type]
    written = to_markdown(document(PAGE), base="https://example.org/", dialect=dialect)
    assert getattr(detect(written), habit) == value


_PANDOC = {
    "by the rule under a part": "One\\\ntwo\n\n" + "-" * 72 + "\n\nend\n",
    "by a sign that few escape": "One costs \\$4.\n",
    "by the width of numbers": "1.  one\n2.  two\n\n- three\n",
    "by the space before a language": "``` python\nx = 1\n```\n",
}


@pytest.mark.parametrize("body", _PANDOC.values(), ids=_PANDOC)
def test_what_a_body_does_not_show_is_as_its_importer_has_it(body: str) -> None:
    """One telling habit, and none that is another's: the others are known."""
    found = to_markdown(document(PAGE), base="https://example.org/", dialect=detect(body))
    assert "\n1.  one\n2.  two\n" in found
    assert "\n" + "-" * 72 + "\n" in found
    assert "\n``` shiki\n" in found
    assert "\n    plain\n" in found
    assert "| Name | Value              |\n|------|--------------------|\n" in found
    assert "\\$5 or \\$6" in found


@pytest.mark.parametrize("other", ["* a bullet", "1. one", "a > b", "```js\nx = 1\n```", "a__b__ __c__ d"])
@pytest.mark.parametrize("body", _PANDOC.values(), ids=_PANDOC)
def test_a_habit_of_another_importer_leaves_others_at_their_defaults(body: str, other: str) -> None:
    """A body of several hands is completed by nobody's habits."""
    found = detect(f"{other}\n\n{body}\n{other}\n\n{other}\n")
    assert found.tables == DEFAULT.tables
    assert not found.underlined


def test_a_number_sign_is_escaped_where_a_word_begins_with_it() -> None:
    page = document("<p>#5, C#, <a href='/x'>#6</a>, a#b and # alone</p>")
    found = to_markdown(page, base="https://example.org/", dialect=Dialect(escapes=frozenset("#")))
    assert found == "\\#5, C#, [\\#6](https://example.org/x), a#b and # alone\n"


def test_a_bar_in_a_cell_is_escaped_once() -> None:
    page = document("<table><tr><th>a|b</th></tr><tr><td>c</td></tr></table><p>a|b</p>")
    found = to_markdown(page, base="https://example.org/", dialect=Dialect(escapes=frozenset("|")))
    assert found == "| a\\|b |\n| --- |\n| c |\n\na\\|b\n"


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        ('<pre class="hljs css language-js">a</pre>', "``` js"),
        ('<pre class="box"><code class="language-js">a</code></pre>', "``` box"),
        ('<pre><code class="no-highlight">a</code></pre>', "``` no-highlight"),
        ("<pre>a</pre>", "```"),
    ],
)
def test_an_info_string_is_the_language_or_the_first_class_of_one_element(markup: str, told: str) -> None:
    found = to_markdown(document(markup), base="https://example.org/", dialect=Dialect(info="told", info_space=True))
    assert found == f"{told}\na\n```\n"


def test_one_wide_table_tells_that_only_narrow_ones_are_padded() -> None:
    """Some importers pad no table that is wider than their columns."""
    narrow, wide = (draw_table(Grid([["Name", "Use"], ["a", "b" * width]], ["", ""]), UP_TO_72) for width in (9, 90))
    assert "| a    | bbbbbbbbb |" in narrow
    assert "|----|----|" in wide
    assert detect(f"{narrow}\n\nand\n\n{narrow}\n\nand\n\n{wide}\n").tables == UP_TO_72


def test_an_empty_head_has_edges_in_any_style() -> None:
    """Bars alone would be no row of two cells, and what stands under them no table."""
    style = detect("Name| Use  \n---|---  \nMill| flour  \n").tables
    assert draw_table(Grid([["", ""], ["Mill", "flour"]], ["", ""]), style).split("\n")[0] == "|  |  |"


def test_code_below_a_list_has_a_fence_in_the_style_of_the_others() -> None:
    """Indented, it would be part of the last item; the rest of its habits it has in common with all code."""
    dialect = Dialect(code="indented", fence="~~~", info_space=True)
    page = document('<ul><li>a</li></ul><pre><code class="language-sh">b</code></pre><pre>c</pre>')
    assert to_markdown(page, base="https://example.org/", dialect=dialect) == "- a\n\n~~~ sh\nb\n~~~\n\n    c\n"
    page = document("<dl><dt>a</dt><dd>b</dd></dl><pre>c</pre>")
    dialect = Dialect(code="indented", definitions="colon")
    assert to_markdown(page, base="https://example.org/", dialect=dialect) == "a\n:   b\n\n```\nc\n```\n"


def test_no_evidence_is_the_default() -> None:
    """A body that shows nothing of a habit leaves it at its default."""
    assert detect("") == DEFAULT
    assert detect("Just a line.\n") == DEFAULT


@pytest.mark.parametrize(
    ("body", "habits"),
    [
        ("Part\n----\n\n*   one\n*   two\n", {"emphasis": "_", "number_width": 4, "code": "indented", "rule": "* * *"}),
        ("## Part\n\n*   one\n\n```\nx\n```\n", {"code": "fenced", "emphasis": "_", "number_width": 4}),
        ("## Part\n\n1.  _one_\n2.  two\n\n* * *\n", {"bullet_width": 4}),
        (f"A text.\n\n- one\n\n{'-' * 72}\n", {"number_width": 4, "code": "indented", "hard_break": "\\", "wrap": 72}),
        (f"A text{' of one line' * 20}.\n\n- one\n\n{'-' * 72}\n", {"number_width": 4, "wrap": 0}),
        ("A| b  \n---|---  \nc| d  \n", {"bullet": "*", "emphasis": "_", "items_wrapped": False}),
        ("A| b  \n---|---  \nc| d  \n\n  * one\n    two\n", {"emphasis": "_", "items_wrapped": True}),
        ("Part\n----\n\n* _one_\n* two\n", {"code": "fenced", "emphasis": "_", "bullets": ""}),
        ("Part\n----\n\n* one\n* two\n", {"code": "fenced", "hard_break": "  ", "bullets": "*+-"}),
        ("## Part\n\n* one\n* two\n", {"code": "fenced", "number_width": 0, "emphasis": "*", "bullets": ""}),
        ("Part\n----\n\n1.  one\n2.  two\n", {"bullet": "*", "bullet_width": 4, "emphasis": "_", "wrap": 0}),
        ("## Part\n\n*   one\n\n```js\nx = 1\n```\n", {"code": "fenced", "code_ended": False}),
        ("Part\n----\n\n*   one\n*   two\n", {"code": "indented", "code_ended": True, "code_lead": 0}),
        ("So:\n\n    \n    \n    x = 1\n\n  * one\n", {"bullet": "*", "emphasis": "_", "code_lead": 2}),
        ("Press [A]{.key} or [B]{.key}.\n\n- one\n", {"number_width": 4, "code": "indented", "hard_break": "\\"}),
        ("See [one] and [two][2].\n\n1.  _x_\n\n[one]: /a\n[2]: /b\n", {"bullet_width": 4, "emphasis": "_"}),
        ("See [one] and a list.\n\nPart\n----\n\n1.  x\n", {"bullet_width": 2, "emphasis": "*"}),
    ],
)
def test_a_body_has_what_all_programs_have_that_may_have_written_it(body: str, habits: dict[str, object]) -> None:
    """Where it shows too little, or what no known program writes, there is only the default."""
    found = detect(body)
    assert {name: getattr(found, name) for name in habits} == habits


def test_lists_in_lists_take_their_bullets_in_turn() -> None:
    """As the programs do that begin with the same one."""
    page = document("<ul><li>one<ul><li>two<ol><li>three<ul><li>four</li></ul></li></ol></li></ul></li></ul>")
    shown = to_markdown(page, base="", dialect=Dialect(bullet="*", bullets="*+-"))
    assert shown == "* one\n  + two\n    1. three\n       - four\n"


def test_windows_line_ends_are_no_habit() -> None:
    """CRLF changes no habit."""
    body = "* a\n* b\n\none\\\ntwo\n\n------\n\nend\n"
    assert detect(body.replace("\n", "\r\n")) == detect(body) != DEFAULT


def test_what_stands_in_code_is_no_habit() -> None:
    """Code shows how others write."""
    assert detect("```\n* a\n* b\n\\$ __x__\n***\n```\n") == DEFAULT


@pytest.mark.parametrize(
    ("code", "habit"),
    [
        ("```\nName | Value\n---- | -----\nLong | 12345\n```", "tables"),
        ("Ask `http://127.0.0.1/` or `curl https://example.org/a`.", "autolinks"),
    ],
)
def test_neither_a_table_nor_an_address_in_code_is_a_habit(code: str, habit: str) -> None:
    assert getattr(detect(f"# Title\n\n{code}\n"), habit) == getattr(DEFAULT, habit)


def test_wrapping() -> None:
    """A text is wrapped if its lines end only where the next word had no room."""
    text = "A text is filled up to a column by words that had room and each line ends where the next had none. " * 4
    wrapped = textwrap.fill(text, 50)
    assert detect(wrapped).wrap == max(map(len, wrapped.split("\n")))
    assert detect(text).wrap == 0
    assert detect("short\nlines\nthat\nend\nanywhere they like, at any time\nof\nday\n").wrap == 0


def test_a_few_lines_tell_the_column_that_a_program_wraps_at() -> None:
    """One line may end anywhere, a longer line shows that nothing is wrapped, and no program wraps at any column."""
    text = "Whoever waters the beds in the evening loses less of it to the sun, but invites the slugs to a long dinner."
    for column in (72, 78):
        one, other = textwrap.fill(text, column), textwrap.fill(f"Now {text}", column)
        assert detect(f"{one}\n").wrap == 0
        assert detect(f"{one}\n\n{other}\n").wrap == column
        assert detect(f"{one}\n\n{other}\n\n{text}\n").wrap == 0
    assert detect(f"{textwrap.fill(text, 50)}\n\n{textwrap.fill(text, 60)}\n").wrap == 0


PICTURE = "<p>The lower mill stands by the brook since long.</p><p><img src=m.png></p><p>It grinds rye and oats.</p>"


@pytest.mark.parametrize(
    ("stored", "has_pictures"),
    [
        ("The lower mill stands by the brook since long.\n\nIt grinds rye and oats.\n", False),
        ("The lower mill stands by the brook since long.\n\nIt grinds barley.\n", True),
    ],
)
def test_a_body_that_leaves_images_out_leaves_one_out_of_the_page(stored: str, *, has_pictures: bool) -> None:
    """An image in new text tells nothing."""
    shown = parse(f"<body>{PICTURE}", "https://example.org/")
    found = word_spans(shown.root)
    text = as_markdown(shown, found, [True] * len(found.runs), "Some words. " * 300 + stored)
    assert ("![](" in text) == has_pictures


@pytest.mark.parametrize(
    ("stored", "link"),
    [
        ("[The mill](https://example.net/mill)", "(../oats.html)"),
        ("[The brook](https://example.org/brook.html)", "(https://example.org/oats.html)"),
    ],
)
def test_a_body_of_pandoc_has_links_as_its_page_does_unless_it_shows_others(stored: str, link: str) -> None:
    page = "<body><p>See <a href=/brook.html>the brook</a> and <a href=../oats.html>the oats</a>."
    shown = parse(page, "https://example.org/a/mills.html")
    found = word_spans(shown.root)
    body = f"{stored} costs \\$5.\n\n1.  Oats\n\n{'-' * 72}\n"
    assert link in as_markdown(shown, found, [True] * len(found.runs), body)


def test_a_body_of_pandoc_has_lists_as_its_page_does() -> None:
    """Its lists without blank lines tell that the page had none of paragraphs."""
    body = f"1.  Oats\n\n{'-' * 72}\n\n" + "".join(
        f"- {sack}\n" for sack in ("rye", "oats", "hay", "bran", "peas", "corn")
    )
    assert detect(body).lists == "page"
    assert detect(body.replace("-" * 72, "---")).lists == "tight"


@pytest.mark.parametrize(
    ("body", "lists"),
    [
        ("- a\n- b\n- c\n- d\n- e\n- f\n", "tight"),
        ("- a\n\n- b\n\n- c\n\n- d\n\n- e\n\n- f\n", "loose"),
        ("- a\n- b\n\n- c\n- d\n- e\n- f\n", "page"),
        ("- a\n- b\n", "page"),
    ],
)
def test_list_spacing(body: str, lists: str) -> None:
    """Lists are tight or loose by habit only if enough of them show it and none does otherwise."""
    assert detect(body).lists == lists


def test_a_long_body_without_images_leaves_them_out() -> None:
    """Some importers drop images; a short body without one tells nothing."""
    assert detect("Some words. " * 300).images is False
    assert detect("Some words. ").images is True
    assert detect("Some words. " * 300 + "![](x.png)").images is True


def test_brackets_alone_take_no_time() -> None:
    """No part of a text is looked at over and over."""
    assert detect("[" * 100_000) == detect("![" * 50_000) == Dialect(images=False)


@given(st.text(alphabet="ab \n-*+_`~#>|\\$[](){}1.)<:/\"'=\r\t", max_size=200))
def test_any_text_has_a_dialect(body: str) -> None:
    """Detection takes any text, and a page can be written in what it finds."""
    assert to_markdown(document("<p>a<ul><li>b</ul>"), base="https://example.org/", dialect=detect(body))


@pytest.mark.parametrize("fence", ["~~~", "```", "~~~~ a"])
def test_fences_without_an_end_are_looked_through_once(fence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []
    closes = code_blocks._closes

    def counted(line: str, of: str) -> bool:
        looks.append(line)
        return closes(line, of)

    monkeypatch.setattr(code_blocks, "_closes", counted)
    body = "\n".join([fence.replace("a", f"a{number}") + " b" for number in range(500)])
    detect(body)
    assert len(looks) <= 500


def test_a_block_ends_with_a_fence_as_long_as_the_one_that_it_began_with() -> None:
    assert detect("~~~~ a\n~~~\n* b\n~~~~~\n\n- c\n").bullet == "-"
    assert detect("~~~~ a\n* b\n\n* c\n").bullet == "*"


def test_links_are_written_as_the_page_has_them_where_a_stored_one_is_seen_from_the_page() -> None:
    """Though the page has that very link no more; a file of Markdown may be one that a person has linked to."""
    hrefs = PageTraits(hrefs=frozenset({"../rules/fire.html", "/spring"}))
    assert adapt_to_page(DEFAULT, "See [the rules](../rules/safety.html) and [spring](/spring).", hrefs).links == "page"
    assert adapt_to_page(DEFAULT, "See [the rules](../Rules/safety.md).", hrefs).links == DEFAULT.links


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("```\nfor sack in sacks:\n```\n", "none"),
        ("Grind:\n\n    for sack in sacks:\n        grind()\n", "none"),
        ("```python\nfor sack in sacks:\n```\n", "language"),
        ("```\nsomething else\n```\n", "language"),
        ("Grind:\n\n    grind(rye)\n\nThen sift.\n", "none"),
    ],
)
def test_a_body_tells_no_language_where_it_leaves_out_what_the_page_tells(body: str, told: str) -> None:
    """Code of whose language nothing is known says nothing of the habit, unless no code has a fence."""
    assert adapt_to_page(detect(body), body, PageTraits(coded=frozenset(["for sack in sacks:"]))).info == told


def test_signs_within_words_are_escaped_where_the_body_does_so() -> None:
    assert detect("The gates\\_of\\_rye and _this_ too.\n").escapes == {"_"}
    assert detect("The gates_of_rye and \\_that\\_ too.\n").escapes == set()


def test_items_of_inner_lists_tell_how_letters_are_written() -> None:
    """They are indented as code is, and are none."""
    items = "".join(f"\n\n      - \\({letter}\\) Nets are hung out to dry." for letter in "abc")
    assert detect(f"- Rules\n\n    - **1.** Nets{items}\n").numbered
    assert not detect(f"- Rules\n\n    - **1.** Nets{items}\n".replace("\\", "")).numbered


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        ("Rye costs four coins\n\nIt is sold at six\n", True),
        ("Rye costs 4\u00a0coins\n\nIt is sold at six\n", True),
        ("Rye costs 5 coins\n\nIt is sold at 6 by the miller\n", False),
    ],
    ids=["a body of a page without such spaces", "one that has them", "one that has plain ones in their place"],
)
def test_spaces_that_do_not_break_are_kept_unless_the_body_has_plain_ones(stored: str, *, kept: bool) -> None:
    tree = "<main><p>Rye costs 5\u00a0coins</p><p>It is sold at 6\u00a0by the miller</p></main>"
    shown = parse(f"<body>{tree}", "https://example.org/")
    found = word_spans(shown.root)
    text = as_markdown(shown, found, [True] * len(found.runs), stored)
    assert ("5\u00a0coins" in text) == kept


def test_a_space_that_does_not_break_makes_no_item() -> None:
    signs = "".join(f"<p>{sign}&nbsp;x</p>" for sign in ("1.", "-", "#"))
    assert to_markdown(document(signs), base="", dialect=Dialect(spaces="\u00a0")) == (
        "1.\u00a0x\n\n-\u00a0x\n\n#\u00a0x\n"
    )


@pytest.mark.parametrize(
    ("stored", "written_as"),
    [
        ("Write to [a@mill.example](mailto:a@mill.example).", "[b@mill.example](mailto:b@mill.example)"),
        ("See [https://mill.example](https://mill.example/).", "[b@mill.example](mailto:b@mill.example)"),
        ("Write to <a@mill.example>.", "<b@mill.example>"),
        ("Write to [the miller](mailto:a@mill.example).", "<b@mill.example>"),
    ],
)
def test_an_address_is_linked_as_others_are(stored: str, written_as: str) -> None:
    page = document('<p><a href="mailto:b@mill.example">b@mill.example</a></p>')
    assert to_markdown(page, base="https://mill.example/", dialect=detect(stored)) == f"{written_as}\n"


def test_a_program_that_wraps_wrote_no_line_that_is_longer() -> None:
    """What is the first paragraph of its kind is not wrapped either, then."""
    body = "1.  Ask the miller\n2.  Pay\n"
    assert detect(body).wrap == 72
    assert (
        detect(body + "3.  Fetch the flour at the gate of the upper mill, where the cart of the baker stands\n").wrap
        == 0
    )


TERMS = (
    "<dl><dt>Hopper</dt><dd>Takes the <i>grain</i></dd><dt>Stone</dt><dt>Runner</dt><dd><p>Grinds it</p><p>Fast</p>"
    "</dd><dt>Sack</dt><dd><pre>12 kg</pre></dd></dl>"
)


@pytest.mark.parametrize(
    ("stored", "terms"),
    [
        ("**Hopper**\n\nTakes grain\n", "**Stone**\n\n**Runner**\n\nGrinds it"),
        ("Hopper\n\nTakes grain\n", "Stone\n\nRunner\n\nGrinds it"),
        ("Hopper  \nTakes grain\n", "Stone\\\nRunner  \nGrinds it\n\nFast\n\nSack  \n```"),
        (
            f"1.  Mills\n\n{'-' * 72}\n\nFour \\< five\n\nHopper  \nTakes grain\n",
            "Stone\\\nRunner  \nGrinds it\n\nFast\n\nSack\n\n    12",
        ),
        (
            "Hopper\n:   Takes grain\n",
            "Stone\n\nRunner\n:   Grinds it\n\n    Fast\n\nSack\n:   ```\n    12 kg\n    ```",
        ),
        ("Bran\n:   Feeds pigs\n", "Runner\n:   Grinds it"),  # which is gone from the page
        ("Hopper\n\n:   Takes grain\n", "Runner\n:   Grinds it"),
        ("> Bran\n> :   Feeds pigs\n", "Runner\n:   Grinds it"),
        ("Mills\n=====\n\n* Rye\n\n  + Oats\n", "Runner\n:   Grinds it"),  # by markdownify
        ("Ground\n", "**Stone**\n\n**Runner**"),
    ],
)
def test_terms_of_definitions_are_written_as_the_body_has_them(stored: str, terms: str) -> None:
    """Or as its program writes them; the break behind one is that of no other line."""
    shown = parse(f"<body>{TERMS}", "https://example.org/")
    found = word_spans(shown.root)
    assert terms in as_markdown(shown, found, [True] * len(found.runs), stored)


_CODE = "<p>Start</p><pre><code>one\n\ntwo\n</code></pre><p>Stop</p><pre>three</pre>"


@pytest.mark.parametrize(
    ("habits", "expected"),
    [
        ({}, "Start\n\n```\none\n\ntwo\n```\n\nStop\n\n```\nthree\n```\n"),
        ({"code_ended": True}, "Start\n\n```\none\n\ntwo\n\n```\n\nStop\n\n```\nthree\n```\n"),
        ({"code": "indented"}, "Start\n\n    one\n\n    two\n\nStop\n\n    three\n"),
        (
            {"code": "indented", "code_ended": True, "code_lead": 1},
            "Start\n\n    \n    one\n    \n    two\n    \n\nStop\n\n    \n    three\n",
        ),
    ],
    ids=["fenced", "fenced, ended", "indented", "indented, ended, led"],
)
def test_code_has_the_empty_lines_that_its_importer_writes(habits: dict[str, object], expected: str) -> None:
    """The end of its last line makes one more where the page's own code has such an end."""
    dialect = Dialect(**habits)  # type: ignore[arg-type]
    written = to_markdown(document(_CODE), base="https://mill.example/", dialect=dialect)
    assert written == expected
    assert (detect(written).code_ended, detect(written).code_lead) == (dialect.code_ended, dialect.code_lead)


@pytest.mark.parametrize(
    ("body", "tabled"),
    [
        ("Rye\n\n4 coins\n\nOats\n\n**3** coins\n", False),
        ("| Rye | 4 coins |\n|---|---|\n| Oats | 3 coins |\n", True),
        ("Rye 4 coins\nOats 3 coins\n", True),
        ("Nothing of it.\n", True),
    ],
)
def test_cells_are_paragraphs_where_the_body_has_those_of_the_page_so(body: str, *, tabled: bool) -> None:
    rows = PageTraits(rows=(("Rye", "4 coins"), ("Oats", "3 coins")))
    assert adapt_to_page(detect(body), body, rows).tabled == tabled
    page = document("<table><tr><th>Rye</th><th>4</th></tr><tr><td>Oats</td><td>3</td></tr></table>")
    written = to_markdown(page, base="https://mill.example/", dialect=Dialect(tabled=tabled))
    assert written == ("| Rye | 4 |\n| --- | --- |\n| Oats | 3 |\n" if tabled else "Rye\n\n4\n\nOats\n\n3\n")


@pytest.mark.parametrize(
    ("body", "written_as"),
    [
        ("Press Ctrl and Escape, or run `mill`.\n", "Press Ctrl"),
        ("Press `Ctrl` and Escape.\n", "Press `Ctrl`"),
        ("Pull the lever.\n", "Press `Ctrl`"),
    ],
)
def test_keys_are_plain_where_the_body_has_those_of_the_page_so(body: str, written_as: str) -> None:
    shown = parse(
        "<body><main><p>Press <kbd>Ctrl</kbd></p><p><kbd>Escape</kbd> ends it</p></main>", "https://mill.example/"
    )
    found = word_spans(shown.root)
    assert as_markdown(shown, found, [True] * len(found.runs), body).startswith(written_as)
