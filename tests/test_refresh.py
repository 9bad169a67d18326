"""A refresh: one page against one stored body, from HTML to the merged Markdown."""

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.merge.refresh import refresh, refresh_text
from tests.texts import Doc, Style, docs, edited, styles, write

URL = "https://example.org/page"
# A text that is long enough to be known again whatever is edited beside it.
LONG = "A paragraph of this page that nobody edits, with words enough to know the page by them, now and later on."
MENU = "<nav><a href='/'>Home</a> <a href='/docs'>Docs</a></nav>"


def page(markdown: str, around: str = MENU) -> str:
    """A page with the text as its main part."""
    text = cmarkgfm.github_flavored_markdown_to_html(markdown, options=1 << 17)
    return f"<html><head><title>T</title></head><body>{around}<main>{text}</main><footer>Imprint</footer></body></html>"


def body(doc: Doc, style: Style) -> str:
    return write(doc, style) + f"\n\n{LONG}\n"


# --- laws ---


@given(docs, styles)
def test_a_page_that_did_not_change(doc: Doc, style: Style) -> None:
    """A body whose page still says the same keeps its bytes, whatever dialect it is in."""
    stored = body(doc, style)
    assert refresh(page(stored), url=URL, stored=stored).body == stored


@given(st.data())
def test_a_second_refresh_changes_nothing(data: st.DataObject) -> None:
    """What a page made of a body, it makes of it again."""
    doc = data.draw(docs)
    stored = body(doc, data.draw(styles))
    fresh = page(body(data.draw(edited(doc)), Style()))
    once = refresh(fresh, url=URL, stored=stored).body
    assert refresh(fresh, url=URL, stored=once).body == once


@given(docs)
def test_a_filled_body_is_what_is_refreshed(doc: Doc) -> None:
    """The body that a page fills is the one that it leaves as it is."""
    fresh = page(body(doc, Style()))
    filled = refresh(fresh, url=URL, stored="").body
    assert refresh(fresh, url=URL, stored=filled).body == filled


@given(st.text(), st.text())
def test_no_page_and_no_body_is_too_strange(html: str, stored: str) -> None:
    """Whatever a server sends and whatever a file holds, a refresh ends, and a second one changes nothing."""
    once = refresh(html, url=URL, stored=stored).body
    assert refresh(html, url=URL, stored=once).body == once


# --- by example ---

STORED = f"""
# The title

{LONG}

-   one item of a list
-   another item of it

It costs \\$4 a month, and is worth it to all who need such a thing.
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("\\$4", "$5", "It costs \\$5 a month, and is worth it to all who need such a thing."),
        ("another item of it", "another entry of it", "-   another entry of it"),
    ],
)
def test_one_changed_word(old: str, new: str, line: str) -> None:
    """One word changes on the page: one line changes in the body, and is counted."""
    result = refresh(page(STORED.replace(old, new)), url=URL, stored=STORED)
    assert [one for one in result.body.split("\n") if one not in STORED.split("\n")] == [line]
    assert (result.words_added, result.words_removed) == (1, 1)


def test_a_new_item_is_written_as_its_list_is() -> None:
    """What is new has the stored dialect."""
    fresh = page(STORED.replace("another item of it\n", "another item of it\n-   third item\n"))
    assert "of it\n-   third item\n\nIt costs" in refresh(fresh, url=URL, stored=STORED).body


def test_another_page_around_the_text_changes_nothing() -> None:
    """A new menu, banner and foot are not part of the body."""
    around = "<header><div class='cookie-banner'>We use cookies</div><nav><a href='/new'>New</a></nav></header>"
    assert refresh(page(STORED, around), url=URL, stored=STORED).body == STORED


def test_the_title_is_the_pages() -> None:
    """The page's title comes along, for whoever follows it."""
    assert refresh(page(STORED), url=URL, stored=STORED).title == "T"


def test_links_resolve_against_the_page() -> None:
    """A relative link of the body and an absolute one of the page lead to the same."""
    stored = f"{LONG}\n\nRead [the next page](next) too.\n"
    fresh = page(stored.replace("(next)", "(https://example.org/next)"))
    assert refresh(fresh, url=URL, stored=stored).body == stored


@pytest.mark.parametrize("media", ["<audio src=/a.ogg></audio>", "<video><source src='//example.org/a,b.ogg'></video>"])
def test_media_of_a_filled_body_stay(media: str) -> None:
    """What a player plays is no text of the page, but it is content."""
    html = page(f"# T\n\n{LONG}\n\n{LONG}").replace("</p>", f"{media} Listen.</p>", 1)
    filled = refresh(html, url=URL, stored="").body
    assert ".ogg" in filled
    assert refresh(html, url=URL, stored=filled).body == filled


def test_a_body_without_its_title_was_filled_by_somebody_else() -> None:
    """Plain paragraphs are written alike by everybody, but whoever left out the title may leave out more."""
    text = "\n\n".join(f"{number}. {LONG}" for number in ("One", "Two", "Three"))
    note = "<h1>Rules of the house</h1><div><p>Somebody sends all news of this page by mail, every week.</p></div>"
    html = page(text).replace("<main>", f"<main>{note}<div>").replace("</main>", "</div></main>")
    assert refresh(html, url=URL, stored=f"{text}\n").body == f"{text}\n"
    assert "Somebody" in refresh(html, url=URL, stored=f"# Rules of the house\n\n{text}\n").body


def test_a_body_that_is_blank_is_filled() -> None:
    """A seed without a body gets the page's main content, parted from the front matter by a blank line."""
    filled = refresh(page(STORED), url=URL, stored="\n\n")
    assert filled.body.startswith("\n# The title\n")
    assert "Home" not in filled.body
    assert "Imprint" not in filled.body
    assert filled.words_added > 0


def test_noise_is_held_and_told() -> None:
    """What changes by itself is in the report, not in the body; if it is accepted, the other way round."""
    stored = STORED.replace("\nIt costs", "\nUpdated this week\n\nIt costs")
    fresh = page(stored.replace("this week", "3 weeks ago"))
    result = refresh(fresh, url=URL, stored=stored)
    assert result.body == stored
    assert [(held.reason, held.removed) for held in result.held] == [("time", "Updated this week")]
    assert "3 weeks ago" in refresh(fresh, url=URL, stored=stored, accept={"time"}).body


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_answer_that_is_markdown_already(newline: str) -> None:
    """A text is merged as it is, and fills as it is."""
    stored, fresh = STORED.replace("\n", newline), STORED.replace("item", "point")
    assert refresh_text(fresh, url=URL, stored=stored).body == fresh.replace("\n", newline)
    assert refresh_text(STORED, url=URL, stored="").body == "\n" + STORED.strip("\n") + "\n"


@pytest.mark.parametrize("notation", ["{}<sup>{}</sup>", "{}^{}^", "{}^({})", "{}{}"])
def test_what_is_raised_is_written_as_the_body_writes_it(notation: str) -> None:
    """Figures that become words, and a notation that the body has nowhere else, are noise in a diff."""

    def page(hall: str, day: str) -> str:
        raised = f"<p>The hall has 90 m<sup>{hall}</sup> of floor.</p><p>It opens on the 4<sup>{day}</sup> of May.</p>"
        return f"<title>Mill</title><main><h1>Mill</h1><p>The mill grinds rye for the town.</p>{raised}</main>"

    def body(hall: str, day: str) -> str:
        floor, opening = notation.format("m", hall), notation.format("4", day)
        around = f"The hall has 90 {floor} of floor.\n\nIt opens on the {opening} of May.\n"
        return f"\n# Mill\n\nThe mill grinds rye for the town.\n\n{around}"

    stored = body("2", "th")
    assert refresh(page("2", "th"), url="https://mill.example/", stored=stored).body == stored
    changed = refresh(page("2", "st"), url="https://mill.example/", stored=stored).body
    assert changed == body("2", "st")


@pytest.mark.parametrize("tag", ["main", "article", "a-page"])
def test_a_page_may_leave_out_the_tags_of_its_head_and_body(tag: str) -> None:
    """They are optional in HTML, and its newer elements end a head as the older ones do."""
    page = (
        f"<!DOCTYPE html><title>Mill</title><{tag}><h1>Mill</h1><p>It grinds rye.</p></{tag}><p>It closes at six.</p>"
    )
    body = refresh(page, url="https://mill.example/", stored="").body
    assert body == "\n# Mill\n\nIt grinds rye.\n\nIt closes at six.\n"


def test_code_that_was_indented_for_want_of_a_language_says_nothing_of_code_that_has_one() -> None:
    """An importer that fences what has a language alone shows no fence until the page has such code."""
    text = "<main><h1>Mills</h1><p>Grain comes in at the top of the mill.</p><pre>mill --start</pre>{}</main>"
    stored = "# Mills\n\nGrain comes in at the top of the mill.\n\n    mill --start\n"
    added = '<p>Then the sacks are counted.</p><pre><code class="language-python">count(sacks)</code></pre>'
    body = refresh(text.format(added), url="https://mill.example/", stored=stored).body
    assert "```python\ncount(sacks)\n```" in body


TOWER = "The bell tower"
BELLS = (
    f"<p>{TOWER} stands on the hill above the town, and its keeper lives under the bells all year long.</p>",
    "<ul><li>Ring at noon</li></ul>",
    "<p>Four bells hang in it, of which the smallest is the oldest and the greatest was cast in the last war.</p>",
)


def tower(*parts: str, button: str = "") -> str:
    """A page whose menu says the title, with which its text begins, too."""
    menu = f"<nav><a href=/page>{TOWER}</a><a href=/clock>The clock</a></nav>"
    text = f"<article><h1>{TOWER}{button}</h1>{''.join(parts)}</article>"
    return f"<html><head><title>{TOWER}</title></head><body>{menu}{text}<footer>Town</footer></body></html>"


@pytest.mark.parametrize("gone", range(len(BELLS)))
def test_a_filled_body_loses_what_its_page_loses_and_nothing_else_moves(gone: int) -> None:
    """Words that the lost part shared with a menu do not bring the menu in."""
    filled = refresh(tower(*BELLS), url=URL, stored="").body
    left = [part for at, part in enumerate(BELLS) if at != gone]
    assert refresh(tower(*left), url=URL, stored=filled).body == refresh(tower(*left), url=URL, stored="").body


def test_a_filled_body_gets_what_ends_its_page_whatever_serves_the_reader_elsewhere() -> None:
    filled = refresh(tower(*BELLS), url=URL, stored="").body
    fresh = refresh(tower(*BELLS, "<pre>ring --now</pre>", button="<button>Copy</button>"), url=URL, stored=filled)
    assert fresh.body == f"{filled}\n```\nring --now\n```\n"


def test_a_stamp_that_the_main_content_lacks_is_no_lost_paragraph() -> None:
    last = "Last changed 2026-03-03 10:11:12"
    stored = refresh(tower(*BELLS), url=URL, stored="").body + f"\n{last}\n"
    later = tower(*BELLS, f"<div id=footer>{last.replace('12', '13')}</div>")
    assert refresh(later, url=URL, stored=stored).body == stored


def test_blank_lines_between_all_lines_of_code_are_the_importers() -> None:
    """Lines that are boxes and end in a break come out so; a page that has some more blank lines has changed."""
    code = "<pre><code>{}</code></pre>".format("".join(f"<div>ring {n}<br></div>" for n in (1, 2, 3)))
    stored = refresh(tower(*BELLS, code), url=URL, stored="").body
    doubled = stored.replace("ring 1\nring 2\n", "ring 1\n\nring 2\n\n")
    assert refresh(tower(*BELLS, code), url=URL, stored=doubled).body == doubled
    one = stored.replace("ring 1\n", "ring 1\n\n")
    assert refresh(tower(*BELLS, code), url=URL, stored=one).body == stored


LOOM = "<h1>Loom</h1><p>The loom stands in the attic, beside the only window of the house.</p>{}"
WEAVER = "<p>Whoever weaves there in winter brings a lamp and a second coat.</p>"
CLOTH = '<p><img src="/cloth.png" alt="Blue cloth"></p>'


@pytest.mark.parametrize("around", ["<main>{}</main>", "<div>{}</div><footer>Made by hand</footer>"])
def test_a_picture_that_ends_a_page_is_filled_in_and_stays_when_the_last_paragraph_goes(around: str) -> None:
    url, picture = "https://loom.example/", "![Blue cloth](https://loom.example/cloth.png)\n"
    body = refresh(around.format(LOOM.format(WEAVER + CLOTH)), url=url, stored="").body
    assert body.endswith(f"a second coat.\n\n{picture}")
    assert refresh(around.format(LOOM.format(CLOTH)), url=url, stored=body).body.endswith(f"of the house.\n\n{picture}")


@pytest.mark.parametrize(
    "behind",
    [
        '<a href="/elsewhere"><img src="/mail.png" alt="Mail"></a>',
        '<div class="share"><img src="/mail.png" alt="Mail"></div>',
        '<img src="/seen?page=7" width="1" height="1">',
    ],
)
def test_a_sign_behind_the_text_is_no_picture_of_it(behind: str) -> None:
    body = refresh(f"<main>{LOOM.format(WEAVER + behind)}</main>", url="https://loom.example/", stored="").body
    assert body.endswith("a second coat.\n")


@pytest.mark.parametrize("line", ["<p>{}</p>", "<div class='kicker'>{}</div>", "<div><span>{}</span></div>"])
def test_a_line_of_one_word_before_the_title_is_exchanged(line: str) -> None:
    def page(word: str) -> str:
        return f"<main>{line.format(word)}{LOOM.format(WEAVER)}</main>"

    body = refresh(page("Attic"), url="https://loom.example/", stored="").body
    assert refresh(page("Loft"), url="https://loom.example/", stored=body).body == body.replace("Attic", "Loft")


def test_a_new_label_of_one_word_is_none_that_stands_for_a_word_that_a_title_lost() -> None:
    body = refresh(f"<main>{LOOM.format(WEAVER)}</main>", url="https://loom.example/", stored="").body
    page = f"<main><div><i>Listen</i></div>{LOOM.format(WEAVER)}</main>"
    stored = body.replace("# Loom", "# Old Loom")
    assert "Listen" not in refresh(page, url="https://loom.example/", stored=stored).body
