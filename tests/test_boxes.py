"""Boxes of a page (admonitions, tabs, details) that a body stores as markup: their titles, and what changes in them."""

import re
from typing import Any

import pytest

from fetcher.markdown.reading.boxes import Scan, may_have_boxes
from fetcher.merge import merge
from fetcher.merge.held_back import Merged, Past
from fetcher.merge.refresh import Refreshed, refresh, refresh_page
from fetcher.page.page import parse

BEFORE = "The kiln stands behind the barn, and whoever wants to fire a pot there asks the potter first."
AFTER = "Whatever is left in the shed after the feast is given to the school in the next village."
FIRST = "Gloves hang on a nail beside the door."
TEXT = "The door of the kiln stays shut until noon."
NEXT = "Ask the smith if the bolt is stuck."
NEW = "The chimney is swept before each firing."

# By name: the title that the page shows, and a box of a body; the content stands between `{` and `}`.
FORMS = {
    "colons": ("WARNING", "::: warning\n{}\n:::"),
    "colons and braces": ("Warning", ":::{warning}\n{}\n:::"),
    "colons and attributes": ("Warning", "::: {.callout-warning}\n\n{}\n\n:::"),
    "colons and brackets": ("Mind the door", ":::warning[Mind the door]\n\n{}\n\n:::"),
    "colons and a title": ("Mind the door", "::: warning Mind the door\n{}\n:::"),
    "exclamation marks": ("Warning", "!!! warning\n\n    {}"),
    "exclamation marks and a title": ("Mind the door", '!!! warning "Mind the door"\n    {}'),
    "question marks": ("Warning", '??? "Warning"\n\n    {}'),
    "tab": ("Kiln", '=== "Kiln"\n\n    {}'),
    "slashes": ("Mind the door", "/// warning | Mind the door\n{}\n///"),
    "alert": ("Warning", "> [!WARNING]\n> {}"),
    "alert with a title": ("Mind the door", "> [!warning]- Mind the door\n> {}"),
    "directive": ("Warning", ".. warning::\n\n   {}"),
    "directive of two words": ("See also", ".. seealso::\n   {}"),
    "fence": ("Warning", "```{warning}\n{}\n```"),
    "fence with a class": ("Mind the door", "```{admonition} Mind the door\n:class: warning\n\n{}\n```"),
    "component": ("Warning", "<Warning>\n\n{}\n\n</Warning>"),
    "indented component": ("Warning", "<Warning>\n  {}\n</Warning>"),
    "component with a title": ("Mind the door", '<Callout type="warning" title="Mind the door">\n\n{}\n\n</Callout>'),
    "element": ("Warning", '<div class="warning">\n\n{}\n\n</div>'),
    "details": ("Mind the door", "<details>\n<summary>Mind the door</summary>\n\n{}\n\n</details>"),
    "short code": ("Warning", "{{< warning >}}\n{}\n{{< /warning >}}"),
    "short code with a title": ("Mind the door", '{{% alert title="Mind the door" %}}\n{}\n{{% /alert %}}'),
    "tag with a style": ("Warning", '{% hint style="warning" %}\n{}\n{% endhint %}'),
    "tag with an end of any name": ("Mind the door", '{% box(title="Mind the door") %}\n{}\n{% end %}'),
    "brackets": ("Warning", '[box type="warning"]\n{}\n[/box]'),
    "macro": ("Mind the door", "{warning:title=Mind the door}\n{}\n{warning}"),
    "block": ("Warning", "[WARNING]\n====\n{}\n===="),
    "without a title": ("", '{% hint style="warning" %}\n\n{}\n\n{% endhint %}'),
}


def page(inner: str) -> str:
    return f"<main><h1>The kiln</h1><p>{BEFORE}</p>{inner}<p>{AFTER}</p></main>"


def body(inner: str) -> str:
    return f"# The kiln\n\n{BEFORE}\n\n{inner}\n\n{AFTER}\n"


def shown(title: str, *texts: str) -> str:
    head = f'<p class="head">{title}</p>' if title else '<div class="icon"></div>'
    return f"<div>{head}{''.join(map('<p>{}</p>'.format, texts))}</div>"


def box(form: str, *texts: str) -> str:
    """The box of a body with these paragraphs, each line as that of `{}` begins."""
    prefix = next(line[: line.index("{}")] for line in form.split("\n") if "{}" in line)
    return form.replace("{}", f"\n{prefix.rstrip() if '>' in prefix else ''}\n{prefix}".join(texts))


def visit(html: str, stored: str) -> Refreshed:
    """What a refresh makes of a body; another one changes nothing."""
    found = refresh(page(html), url="https://kiln.example/", stored=stored)
    assert refresh(page(html), url="https://kiln.example/", stored=found.body).body == found.body
    return found


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The title and the markup of a box."""
    return FORMS[request.param]


def test_the_title_of_a_box_is_no_change_where_its_markup_says_it(form: tuple[str, str]) -> None:
    stored = body(box(form[1], TEXT))

    assert visit(shown(form[0], TEXT), stored).body == stored


def test_a_word_in_a_box_changes_alone(form: tuple[str, str]) -> None:
    stored = body(box(form[1], TEXT, NEXT))

    found = visit(shown(form[0], TEXT, NEXT.replace("smith", "joiner")), stored)

    assert found.body == stored.replace("smith", "joiner")
    assert (found.words_added, found.words_removed) == (1, 1)


def test_a_new_paragraph_at_the_end_of_a_box_stands_in_it(form: tuple[str, str]) -> None:
    found = visit(shown(form[0], TEXT, NEW), body(box(form[1], TEXT)))

    assert found.body == body(box(form[1], TEXT, NEW))


def test_a_new_paragraph_at_the_beginning_of_a_box_stands_in_it(form: tuple[str, str]) -> None:
    found = visit(shown(form[0], NEW, TEXT), body(box(form[1], TEXT)))

    assert found.body == body(box(form[1], NEW, TEXT))


def test_a_new_paragraph_beside_a_box_stands_outside_of_it(form: tuple[str, str]) -> None:
    stored = body(box(form[1], TEXT))

    behind = visit(shown(form[0], TEXT) + f"<p>{NEW}</p>", stored)
    before = visit(f"<p>{NEW}</p>" + shown(form[0], TEXT), stored)

    assert behind.body == body(f"{box(form[1], TEXT)}\n\n{NEW}")
    assert before.body == body(f"{NEW}\n\n{box(form[1], TEXT)}")


def test_a_box_stays_around_the_paragraph_that_is_left(form: tuple[str, str]) -> None:
    stored = body(box(form[1], FIRST, TEXT))

    assert visit(shown(form[0], FIRST), stored).body == body(box(form[1], FIRST))
    assert visit(shown(form[0], TEXT), stored).body == body(box(form[1], TEXT))


def test_a_box_stays_around_text_that_is_new_as_a_whole(form: tuple[str, str]) -> None:
    assert visit(shown(form[0], NEW), body(box(form[1], TEXT))).body == body(box(form[1], NEW))


def test_a_box_goes_with_all_that_is_in_it(form: tuple[str, str]) -> None:
    other = "Wood is dry after two summers under a roof."

    found = visit(f"<p>{other}</p>", body(f"{other}\n\n{box(form[1], TEXT, NEXT)}"))

    assert found.body == body(other)


def test_a_new_box_of_a_kind_that_is_stored_is_a_change_with_its_title(form: tuple[str, str]) -> None:
    stored = body(box(form[1], TEXT))

    before = visit(shown(form[0], NEW) + shown(form[0], TEXT), stored)
    behind = visit(shown(form[0], TEXT) + shown(form[0], NEW), stored)

    written = f"{form[0]}\n\n{NEW}".strip()
    assert before.body == body(f"{written}\n\n{box(form[1], TEXT)}")
    assert behind.body == body(f"{box(form[1], TEXT)}\n\n{written}")


def test_a_new_title_takes_the_place_of_the_old_one_in_the_markup(form: tuple[str, str]) -> None:
    title, new = form[0], "Hot bricks"
    stored = body(box(form[1], TEXT))

    found = visit(shown(new, TEXT), stored)

    has_own = re.search(r"Mind the door|\"(?:Kiln|Warning)\"$", form[1], re.MULTILINE)
    assert found.body == (stored.replace(title, new) if has_own else body(box(form[1], new, TEXT)))
    assert found.words_added == 2


VISIBLE = ["details", "colons and a title", "exclamation marks and a title", "alert with a title"]


@pytest.mark.parametrize("name", VISIBLE)
def test_a_title_that_is_gone_is_listed_as_it_cannot_be_taken_from_the_markup(name: str) -> None:
    stored = body(box(FORMS[name][1], TEXT))

    found = visit(f"<p>{TEXT}</p>", stored)

    assert found.body == stored
    assert [(each.reason, each.removed, each.added) for each in found.held] == [("unwritable", "Mind the door", "")]


def test_a_title_before_the_text_in_its_paragraph_is_the_markups() -> None:
    stored = body("{{< note >}}\n" + TEXT + "\n{{< /note >}}")

    kept = visit(f"<div><p><strong>Note:</strong> {TEXT}</p></div>", stored)
    changed = visit(f"<div><p><strong>Note:</strong> {TEXT.replace('noon', 'dusk')}</p></div>", stored)

    assert kept.body == stored
    assert changed.body == stored.replace("noon", "dusk")


def test_titles_that_nothing_says_are_the_markups_where_all_its_boxes_have_them() -> None:
    boxes = box("!!! note\n\n    {}", TEXT), box("!!! note\n\n    {}", NEXT)
    between = "Clay is dug at the river."
    stored = body(f"{boxes[0]}\n\n{between}\n\n{boxes[1]}")

    found = visit(f"{shown('Brennregel', TEXT)}<p>{between}</p>{shown('Brennregel', NEXT)}", stored)
    alone = visit(shown("Brennregel", TEXT), body(boxes[0]))

    assert found.body == stored
    assert alone.body == body(box("!!! note\n\n    {}", "Brennregel", TEXT))


@pytest.mark.parametrize(
    ("form", "title"),
    [
        (":::warning\n\n{}\n\n:::", "Warnung"),
        (":::warning\n\n{}\n\n:::", "attention"),
        ("> [!WARNING]\n> {}", "警告"),
        (".. seealso::\n\n   {}", "Voir aussi"),
        ("!!! tip\n    {}", "Consejo"),
        ('<Callout type="caution">\n\n{}\n\n</Callout>', "⚠️ Осторожно:"),
    ],
)
def test_the_name_of_a_box_in_another_language_is_its_title(form: str, title: str) -> None:
    stored = body(box(form, TEXT))

    assert visit(shown(title, TEXT), stored).body == stored
    assert visit(shown(title, TEXT, NEW), stored).body == body(box(form, TEXT, NEW))
    assert visit(shown("Fehler", TEXT), stored).body == body(box(form, "Fehler", TEXT))


IN_LINE = ["<Warning>{}</Warning>", "{{< warning >}}{}{{< /warning >}}", "{% warning %}{}{% endwarning %}"]


@pytest.mark.parametrize("form", IN_LINE)
def test_a_box_in_a_line_stays_in_it_until_it_gets_more_paragraphs(form: str) -> None:
    stored = body(form.replace("{}", TEXT))

    assert visit(shown("Warning", TEXT), stored).body == stored
    assert visit(shown("Warning", TEXT.replace("noon", "dusk")), stored).body == stored.replace("noon", "dusk")
    assert visit(shown("Warning", TEXT, NEW), stored).body == body(form.replace("{}", f"\n{TEXT}\n\n{NEW}\n"))
    assert visit(f"<p>{NEW}</p>{shown('Warning', TEXT)}", stored).body == body(f"{NEW}\n\n{form.replace('{}', TEXT)}")


def test_the_labels_of_tabs_stand_above_all_of_them() -> None:
    stored = body(f'=== "Potters"\n\n    {TEXT}\n\n=== "Guests"\n\n    {NEXT}')
    html = "<div><div><label>Potters</label><label>Guests</label></div><div><p>{}</p>{}</div><div><p>{}</p></div></div>"

    assert visit(html.format(TEXT, "", NEXT), stored).body == stored
    assert visit(html.format(TEXT, f"<p>{NEW}</p>", NEXT), stored).body == stored.replace(TEXT, f"{TEXT}\n\n    {NEW}")


def test_a_new_paragraph_stands_in_the_inner_or_in_the_outer_box() -> None:
    html = "<div><p>Warning</p><p>{}</p><div><p>Tip</p><p>{}</p>{}</div>{}</div>"
    stored = ":::: warning\n{}\n\n::: tip\n{}{}\n:::{}\n::::"

    def added(inner: str, outer: str) -> str:
        return visit(html.format(TEXT, NEXT, inner, outer), body(stored.format(TEXT, NEXT, "", ""))).body

    assert added(f"<p>{NEW}</p>", "") == body(stored.format(TEXT, NEXT, f"\n\n{NEW}", ""))
    assert added("", f"<p>{NEW}</p>") == body(stored.format(TEXT, NEXT, "", f"\n\n{NEW}"))


@pytest.mark.parametrize(
    "inner", ["   :::tip\n   {}\n   :::", "   !!! tip\n\n       {}", "   <Tip>\n     {}\n   </Tip>"]
)
def test_a_box_in_a_list_item_gets_a_new_paragraph(inner: str) -> None:
    items = "1. Bring clay.\n\n{}\n\n2. Bring wood."
    html = "<ol><li><p>Bring clay.</p><div><p>Tip</p><p>{}</p></div></li><li><p>Bring wood.</p></li></ol>"

    found = visit(html.format(f"{TEXT}</p><p>{NEW}"), body(items.format(box(inner, TEXT))))

    assert found.body == body(items.format(box(inner, TEXT, NEW)))


def test_new_items_of_a_list_at_the_end_of_a_box_stand_in_it() -> None:
    html = f"<div><p>Warning</p><p>{TEXT}</p><ul><li>a rake</li><li>a bucket</li>{{}}</ul></div>"
    stored = f"!!! warning\n\n    {TEXT}\n\n    - a rake\n    - a bucket"

    found = visit(html.format("<li>a broom</li>"), body(stored))

    assert found.body == body(f"{stored}\n    - a broom")


def test_markup_that_the_page_shows_is_text() -> None:
    code = "<p>Write it so:</p><pre>::: warning\nHot!\n:::</pre>"
    stored = body(f"Write it so:\n\n```\n::: warning\nHot!\n:::\n```\n\n::: warning\n{TEXT}\n:::")

    assert visit(f"{code}<p>::: warning {TEXT} :::</p>", stored).body == stored


def test_code_that_is_indented_is_code() -> None:
    stored = body("    {% for pot in kiln %}\n    Pot\n    {% endfor %}")
    html = "<pre><code>{{% for pot in kiln %}}\n{}\n{{% endfor %}}\n</code></pre>"

    assert visit(html.format("Pot"), stored).body == stored
    assert visit(html.format("Jug"), stored).body == stored.replace("Pot", "Jug")


def test_code_in_a_fence_with_a_name_in_braces_is_code() -> None:
    stored = body("```{python}\nkiln.heat(hours=9, wood=dry)\n```")
    html = "<pre><code>kiln.heat(hours={}, wood=dry)\n</code></pre>"

    assert visit(html.format(9), stored).body == stored
    assert visit(html.format(12), stored).body == stored.replace("9", "12")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[Menu]\n======\n\nBread and soup.\n\n======", "<h1>[Menu]</h1><p>Bread and soup.</p><p>======</p>"),
        ("\t::: pot\n\tBread and soup.\n\t:::", "<pre><code>::: pot\nBread and soup.\n:::\n</code></pre>"),
    ],
)
def test_text_that_looks_like_a_box_is_text(text: str, html: str) -> None:
    stored = body(text)

    assert visit(html.replace("soup", "fish"), stored).body == stored.replace("soup", "fish")
    assert visit(f"{html}<p>{NEW}</p>", stored).body == body(f"{text}\n\n{NEW}")
    assert visit("", stored).body == f"# The kiln\n\n{BEFORE}\n\n{AFTER}\n"


def test_text_in_brackets_that_the_page_shows_alone_is_text() -> None:
    stored = "[pot]\n\n{}[/pot]"

    found = visit("<p>[pot]</p><p>[/pot]</p>", body(stored.format("The [pot] of soup.\n\n")))

    assert found.body == body(stored.format(""))


def test_a_page_that_names_the_markup_of_a_box_may_have_the_box(form: tuple[str, str]) -> None:
    opener = form[1].split("\n")[0].replace("<", "&lt;").replace("{}", "")

    found = visit(f"{shown(form[0], TEXT)}<p>Write {opener} above it.</p>", body(box(form[1], TEXT)))

    assert found.body.startswith(body(box(form[1], TEXT)).removesuffix(f"{AFTER}\n"))
    assert found.body.endswith(f"above it.\n\n{AFTER}\n")


def test_line_breaks_are_those_of_the_body(form: tuple[str, str]) -> None:
    stored, changed = (body(box(form[1], TEXT, *more)).replace("\n", "\r\n") for more in ([], [NEW]))

    assert visit(shown(form[0], TEXT, NEW), stored).body == changed


def test_a_title_that_becomes_text_has_the_line_breaks_of_the_body() -> None:
    outer, inner = FORMS["colons and brackets"][1], FORMS["tag with an end of any name"][1]
    stored = body(box(outer, box(inner, TEXT))).replace("\n", "\r\n")
    html = shown("Mind the door", NEW) + shown("Mind the door").replace(
        "</div>", shown("Mind the door", TEXT) + "</div>"
    )

    assert re.search(r"(?<!\r)\n", visit(html, stored).body) is None


def test_a_box_that_a_person_has_taken_off_stays_off(form: tuple[str, str]) -> None:
    html, stored = shown(form[0], TEXT), body(box(form[1], TEXT))
    first = refresh_page(parse(page(html), "https://kiln.example/"), stored)

    found = refresh_page(parse(page(html), "https://kiln.example/"), body(TEXT), past=Past(first.given))

    assert found.body == body(TEXT)


def test_a_macro_with_a_title_opens_a_box_in_another_one() -> None:
    lines = "{tip:title=Kiln}\nHot.\n{tip:title=Pot}\nDry.\n{tip}\nOld.\n{tip}\n".splitlines(keepends=True)

    assert [box.opener for box in Scan(lines, lambda _: True, lambda _: False).boxes] == [(0, 1), (2, 3)]


def test_a_tag_with_many_braces_is_read_at_once() -> None:
    props = " ".join(f"a{number}={{{{x: [{number}]}}}}" for number in range(40))

    assert len(Scan([f"<Pot {props}>\n", "Hot.\n", "</Pot>\n"], lambda _: True, lambda _: False).boxes) == 1
    assert Scan([f"<Pot {props}\n", "Hot.\n", "</Pot>\n"], lambda _: True, lambda _: False).boxes == []


def test_blank_lines_in_code_of_a_box_stay_as_they_are() -> None:
    stored = body("!!! warning\n\n    ```\n    heat(9)\n    \n    cool(3)\n    ```")
    html = shown("Warning").replace("</div>", "<pre><code>heat(9)\n\ncool({})\n</code></pre></div>")

    assert visit(html.format(3), stored).body == stored
    assert visit(html.format(4), stored).body == stored.replace("3", "4")


@pytest.mark.parametrize(
    "text",
    [
        "<Note>\n\nOpen.\n",
        "::: tip\nOpen.\n",
        "!!! tip\nNot indented.\n",
        "=== Run\n    No tab.\n",
        "> Text\n> [!note] that\n> goes on.\n",
        "[box]\nOpen.\n",
    ],
)
def test_what_is_not_closed_or_not_opened_is_no_box(text: str) -> None:
    lines = text.splitlines(keepends=True)

    assert may_have_boxes(text)
    assert Scan(lines, lambda _: True, lambda _: False).boxes == []


def test_text_without_boxes_is_known_at_once() -> None:
    assert not may_have_boxes("# Kiln\n\n> Quote\n\n- item [link](/a) <b>x</b>\n\n![a](b.png)\n\n    code\n")


def test_a_body_whose_code_may_be_a_box_is_merged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, texts = merge._drawn, list[str]()

    def noting(stored: str, *others: Any, **more: Any) -> Merged:
        texts.append(stored)
        return drawn(stored, *others, **more)

    monkeypatch.setattr(merge, "_drawn", noting)
    stored = body(f"```python\nopen_door()\n```\n\n{TEXT}")
    shown = page(f'<pre><code class="language-python">open_door()\n</code></pre><p>{TEXT.replace("noon", "six")}</p>')
    found = refresh(shown, url="http://a.b/", stored=stored)
    assert may_have_boxes(stored)
    assert found.body == stored.replace("noon", "six")
    assert texts == [stored]
