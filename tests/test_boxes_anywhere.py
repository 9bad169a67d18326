"""Boxes of a body in quotes, without content, with arguments and options, and around code."""

import inspect
import sys
from collections.abc import Iterator

import pytest

from fetcher.markdown.reading.boxes import Scan
from fetcher.merge.box_arguments import exchanged
from fetcher.merge.merge import merge
from tests.test_boxes import FIRST, FORMS, NEW, NEXT, TEXT, body, box, shown, visit

LEAD = "Somebody wrote on the wall of the barn:"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The title and the markup of a box."""
    return FORMS[request.param]


@pytest.mark.parametrize("lead", ["", LEAD])
def test_a_box_in_a_quote_stays_and_changes_as_any_other(form: tuple[str, str], lead: str) -> None:
    def in_quote(*texts: str) -> str:
        return body(quoted(f"{lead}\n\n{box(form[1], *texts)}".strip()))

    def on_page(*texts: str) -> str:
        return f"<blockquote>{f'<p>{lead}</p>' * bool(lead)}{shown(form[0], *texts)}</blockquote>"

    stored = in_quote(TEXT, NEXT)

    assert visit(on_page(TEXT, NEXT), stored).body == stored
    assert visit(on_page(TEXT, NEXT.replace("smith", "joiner")), stored).body == stored.replace("smith", "joiner")
    assert visit(on_page(TEXT, NEXT, NEW), stored).body == in_quote(TEXT, NEXT, NEW)
    assert visit(on_page(TEXT, NEW, NEXT), stored).body == in_quote(TEXT, NEW, NEXT)
    assert visit(on_page(NEXT), stored).body == in_quote(NEXT)


def test_a_paragraph_behind_a_box_in_a_quote_stands_in_the_quote(form: tuple[str, str]) -> None:
    inner = box(form[1], TEXT)

    found = visit(f"<blockquote>{shown(form[0], TEXT)}<p>{NEW}</p></blockquote>", body(quoted(inner)))

    assert found.body == body(quoted(f"{inner}\n\n{NEW}"))


def test_the_title_of_a_box_in_a_quote_changes_in_its_line() -> None:
    stored = body(quoted(f'{LEAD}\n\n!!! tip "Mind the door"\n    {TEXT}'))

    found = visit(f"<blockquote><p>{LEAD}</p>{shown('Hot bricks', TEXT)}</blockquote>", stored)

    assert found.body == stored.replace("Mind the door", "Hot bricks")


def test_a_quote_beside_a_box_keeps_the_lines_between_its_paragraphs() -> None:
    stored = body(f"::: warning\n{TEXT}\n:::\n\n> {FIRST}\n>\n> {NEXT}")
    html = shown("Warning", "{}") + f"<blockquote><p>{FIRST}</p><p>{NEXT}</p></blockquote>"

    assert visit(html.format(TEXT.replace("noon", "dusk")), stored).body == stored.replace("noon", "dusk")


def test_a_quote_in_a_box_in_a_list_keeps_its_indent() -> None:
    stored = "- Bring clay.\n\n  !!! tip\n\n      > {}{}\n\n- Bring wood."
    tip = "<div><p>Tip</p><blockquote><p>{}</p></blockquote></div>"
    html = f"<ul><li><p>Bring clay.</p>{tip}</li><li><p>Bring wood.</p></li></ul>"

    found = visit(html.format(f"{TEXT}</p><p>{NEW}"), body(stored.format(TEXT, "")))

    assert found.body == body(stored.format(TEXT, f"\n      >\n      > {NEW}"))


def test_code_in_a_quote_keeps_a_line_that_is_but_a_prompt() -> None:
    stored = body(f"::: warning\n{TEXT}\n:::\n\n> ```\n> > heat(9)\n> >\n> > cool(3)\n> ```")
    code = "<blockquote><pre><code>&gt; heat({})\n&gt;\n&gt; cool(3)\n</code></pre></blockquote>"

    assert visit(shown("Warning", TEXT) + code.format(9), stored).body == stored
    assert visit(shown("Warning", TEXT) + code.format(4), stored).body == stored.replace("9", "4")


def test_a_quote_that_names_a_callout_is_text_where_the_page_shows_it() -> None:
    stored = body(quoted(f"> [!CAUTION]\n>\n> {TEXT}"))
    html = f"<blockquote><blockquote><p>[!CAUTION]</p><p>{TEXT}</p>{{}}</blockquote></blockquote>"

    assert visit(html.format(""), stored).body == stored
    assert visit(html.format(f"<p>{NEW}</p>"), stored).body == body(quoted(f"> [!CAUTION]\n>\n> {TEXT}\n>\n> {NEW}"))


EMPTY = {
    "colons": ("::: warning\n:::", "WARNING"),
    "colons and a title": ("::: tip Mind the door\n:::", "Mind the door"),
    "exclamation marks": ('!!! note "Mind the door"', "Mind the door"),
    "directive": (".. versionadded:: 3.2", "Added in version 3.2."),
    "directive with text": (f".. note:: {FIRST}", FIRST),
    "fence": ("```{versionadded} 3.2\n```", "Added in version 3.2."),
    "component": ("<Warning>\n</Warning>", "Warning"),
    "short code": ("{{< note >}}\n{{< /note >}}", "Note"),
    "in another language": (":::warning\n:::", "Warnung"),
}


@pytest.fixture(params=EMPTY)
def empty(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The markup of a box without content, and what the page shows of it."""
    return EMPTY[request.param]


def test_a_box_without_content_stays_whatever_changes_around_it(empty: tuple[str, str]) -> None:
    markup, title = empty
    stored = body(f"{TEXT}\n\n{markup}\n\n{NEXT}")
    html = f"<p>{TEXT}</p>{shown(title)}{{}}<p>{NEXT}</p>"

    assert visit(html.format(""), stored).body == stored
    assert visit(html.format("").replace("noon", "dusk"), stored).body == stored.replace("noon", "dusk")
    assert visit(html.format(f"<p>{NEW}</p>"), stored).body == body(f"{TEXT}\n\n{markup}\n\n{NEW}\n\n{NEXT}")


def test_boxes_without_content_that_open_alike_stay() -> None:
    stored = body("\n\n".join([f".. note:: {FIRST}", f".. note:: {TEXT}", f".. note:: {NEXT}"]))

    assert visit(shown("Note", FIRST) + shown("Note", TEXT) + shown("Note", NEXT), stored).body == stored


def test_text_in_the_line_of_a_directive_changes_in_it() -> None:
    one, two = f".. note:: {TEXT}", ".. note:: The door of the kiln stays shut\n   until noon, and the lid too."
    text = "The door of the {} stays shut until noon, and the lid too."

    assert visit(shown("Note", TEXT.replace("noon", "dusk")), body(one)).body == body(one.replace("noon", "dusk"))
    assert visit(shown("Note", text.format("oven")), body(two)).body == body(two.replace("kiln", "oven"))


@pytest.mark.parametrize("form", [".. versionadded:: 3.2\n   {}", "```{versionchanged} 3.2\n{}\n```"])
@pytest.mark.parametrize("said", ["Added in version 3.2: ", "Neu in Version 3.2: ", "バージョン 3.2 で変更: "])
def test_a_version_is_said_before_the_text_of_its_box(form: str, said: str) -> None:
    stored = body(box(form, TEXT))

    def on_page(text: str, *more: str) -> str:
        return shown("", f"<span>{text}</span>", *more)

    assert visit(on_page(said + TEXT), stored).body == stored
    assert visit(on_page(said + TEXT.replace("noon", "dusk")), stored).body == stored.replace("noon", "dusk")
    assert visit(on_page(said + TEXT, NEW), stored).body == body(box(form, TEXT, NEW))
    assert visit(on_page(said.replace("3.2", "3.3") + TEXT), stored).body == stored.replace("3.2", "3.3")


def test_a_version_before_a_list_has_a_paragraph_of_its_own() -> None:
    stored = body(".. versionadded:: 3.2\n\n   - a rake\n   - a bucket")

    assert (
        visit("<div><p>Added in version 3.2.</p><ul><li>a rake</li><li>a bucket</li></ul></div>", stored).body == stored
    )


def test_a_sentence_behind_a_version_is_written() -> None:
    found = visit(
        f"<p>{TEXT}</p><div><p>Added in version 3.2: {NEW}</p></div>", body(f"{TEXT}\n\n.. versionadded:: 3.2")
    )

    assert NEW in found.body


@pytest.mark.parametrize(
    ("text", "other", "found"),
    [
        ("3.2", "Added in version 4.0:", None),
        ("Open the lid.", "Open the heavy lid.", "Open the heavy lid."),
        ("Open the heavy lid.", "Open the lid.", "Open the lid."),
        ("Open the lid.", "Close the lid.", "Close the lid."),
        ("Open it.", "A goat eats.", None),
        ("...", "Open it.", None),
    ],
)
def test_words_of_an_argument_are_exchanged(text: str, other: str, found: str | None) -> None:
    assert exchanged(text, other) == found


@pytest.mark.parametrize(
    "form",
    [
        "/// details | Mind the door\n    type: tip\n    open: true\n\n{}\n///",
        "```{admonition} Mind the door\n---\nclass: tip\n---\n{}\n```",
        ".. admonition:: Mind the door\n   :class: tip\n\n   {}",
    ],
)
def test_the_options_of_a_box_are_none_of_its_content(form: str) -> None:
    stored = body(box(form, TEXT))

    assert visit(shown("Mind the door", TEXT), stored).body == stored
    assert visit(shown("Mind the door", NEW, TEXT), stored).body == body(box(form, NEW, TEXT))


@pytest.mark.parametrize(
    "output",
    ['<div class="box">{{ text | markdownify }}</div>', '<div class="box">\n  {{ text | markdownify }}\n</div>'],
)
def test_what_liquid_captures_stays_with_the_lines_that_show_it(output: str) -> None:
    stored = body(f"{{% capture text %}}\n{TEXT}\n{{% endcapture %}}\n\n{output}")

    assert visit(shown("", TEXT), stored).body == stored
    assert visit(shown("", TEXT.replace("noon", "dusk")), stored).body == stored.replace("noon", "dusk")


@pytest.mark.parametrize("code", ["```\nheat(9)\n```", "    heat(9)"])
def test_a_box_between_code_fences_may_hold_code(code: str) -> None:
    stored = body(f"````{{tip}}\n{TEXT}\n\n{code}\n````")
    html = shown("Tip", TEXT).replace("</div>", "<pre><code>heat({})\n</code></pre></div>")

    assert visit(html.format(9), stored).body == stored
    assert visit(html.format(4), stored).body == stored.replace("9", "4")


def test_a_long_title_is_the_markups() -> None:
    title = "Whoever opens the door of the kiln before noon pays for all of the pots in it"
    stored = body(f'!!! tip "{title}"\n    {TEXT}')

    assert visit(shown(title, TEXT), stored).body == stored


def test_two_boxes_of_a_kind_in_each_other_have_a_title_each() -> None:
    stored = "<Warning>\n\n::: warning\n{}\n:::\n\n</Warning>"
    html = f"<div><p>Warning</p><div><p>Warning</p><p>{{}}</p><p>{TEXT}</p></div></div>"

    assert visit(html.format(NEW), body(stored.format(TEXT))).body == body(stored.format(f"{NEW}\n\n{TEXT}"))


@pytest.fixture
def few_frames() -> Iterator[None]:
    """Room for two hundred calls in each other."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 200)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("few_frames")
def test_many_quotes_and_boxes_in_each_other_are_read_without_a_call_for_each() -> None:
    quotes = [">" * 400 + " ::: tip\n", ">" * 400 + " Hot.\n", ">" * 400 + " :::\n"]
    boxes = ["    " * depth + "!!! tip\n" for depth in range(200)]

    assert Scan(quotes, lambda _: True, lambda _: False).boxes == []
    assert len(Scan(boxes, lambda _: True, lambda _: False).boxes) == 200


def test_a_text_merged_with_itself_stays(form: tuple[str, str]) -> None:
    stored = body(f"{quoted(box(form[1], TEXT, NEXT))}\n\n{box(form[1], FIRST)}")

    assert merge(stored, stored).body == stored
