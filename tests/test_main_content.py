"""What of an unknown page is its main content; each test states its rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.page.page import document, parse
from fetcher.page.word_spans import word_spans
from fetcher.region.main_content import main_content

FIRST = "The library opens at nine in the morning and closes when the last reader has gone home."
SECOND = "Books may be kept for four weeks, and for two more if nobody else has asked for them."
THIRD = "Whoever loses a book pays for a new copy, and for the work of putting it on the shelf."
PROSE = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
MENU = '<ul><li><a href="/a">Catalogue</a></li><li><a href="/b">Events</a></li><li><a href="/c">Contact</a></li></ul>'


def chosen(body: str) -> str:
    """The main content of a page with this body, white space folded."""
    page = parse(f"<html><head><title>Library</title></head><body>{body}</body></html>", "https://library.example/")
    found = word_spans(page.root)
    keep = main_content(found)
    kept = (run for run, wanted in zip(found.runs, keep, strict=True) if wanted)
    return " ".join(((run.element.tail if run.is_tail else run.element.text) or "").strip() for run in kept)


def test_navigation_and_footers_are_no_content() -> None:
    text = chosen(f"<nav>{MENU}</nav><div><h1>Rules</h1>{PROSE}</div><footer><p>{SECOND}</p></footer>")
    assert text == f"Rules {FIRST} {SECOND} {THIRD}"


def test_an_empty_main_does_not_hide_the_text_beside_it() -> None:
    assert chosen(f"<main></main><article>Updated</article><div><h1>Rules</h1>{PROSE}</div>").startswith("Rules The")


def test_text_in_plain_boxes_is_found_by_its_sentences() -> None:
    boxes = f"<div><div>{MENU}</div><div><div><div>Rules</div>{PROSE}</div></div><div>{MENU}</div></div>"
    assert chosen(boxes) == f"Rules {FIRST} {SECOND} {THIRD}"


def test_every_paragraph_may_be_an_article_of_its_own() -> None:
    parts = "".join(f"<article><section><p>{text}</p></section></article>" for text in (FIRST, SECOND, THIRD))
    assert chosen(f"<div>{MENU}</div><div>{parts}</div>") == f"{FIRST} {SECOND} {THIRD}"


@pytest.mark.parametrize(
    "around",
    [
        '<form action="page.aspx"><input type="hidden">{}</form>',
        '<div style="display:none" id="app">{}</div>',
        '<div role="dialog">{}</div>',
        '<div class="page-with-sidebar menu-open">{}</div>',
        '<div class="overflow-hidden">{}</div>',
    ],
)
def test_a_label_that_would_leave_no_text_is_not_believed(around: str) -> None:
    page = f"<nav>{MENU}</nav>{around.format(f'<h1>Rules</h1>{PROSE}')}"
    assert chosen(page) == f"Rules {FIRST} {SECOND} {THIRD}"


def test_a_consent_dialog_longer_than_a_short_page_is_no_content() -> None:
    notice = "<p>We use cookies, and so do the forty partners whom we share them with.</p>"
    dialog = f'<div role="dialog">{notice * 5}</div>'
    assert chosen(f"<main><h1>Rules</h1><p>{FIRST}</p></main>{dialog}") == f"Rules {FIRST}"


def test_a_class_that_sounds_like_a_menu_is_one_only_with_something_to_press() -> None:
    heading = '<div class="toc-heading"><h2>Loans</h2></div>'
    contents = '<div class="toc"><a href="#loans">Loans</a> <a href="#fees">Fees</a></div>'
    assert chosen(f"<main>{contents}<p>{FIRST}</p>{heading}<p>{SECOND}</p></main>") == f"{FIRST} Loans {SECOND}"


def test_a_section_may_be_linked_by_an_id_that_sounds_apart() -> None:
    assert SECOND in chosen(f'<main>{PROSE * 3}<section id="sharing"><h2>Sharing</h2><p>{SECOND}</p></section></main>')


def test_comments_are_no_content_however_many_there_are() -> None:
    for number in (8, 80):
        comments = f'<div class="comments">{f"<p>{THIRD} I do not agree.</p>" * number}</div>'
        assert chosen(f"<main><h1>Rules</h1><p>{FIRST} {SECOND}</p>{comments}</main>") == f"Rules {FIRST} {SECOND}"


def test_a_page_of_nothing_but_comments_keeps_them() -> None:
    assert THIRD in chosen(f'<h1>Guest book</h1><div class="comments">{f"<p>{THIRD}</p>" * 80}</div>')


def test_a_box_that_is_called_the_footer_is_one() -> None:
    for name in ('id="footer"', 'class="site-footer"'):
        foot = f'<div {name}><p>Written by <a href="/staff">the staff</a> for all readers, who may copy it.</p></div>'
        assert chosen(f"<main><h1>Rules</h1>{PROSE}{foot}</main>").endswith(THIRD)
        assert "who may copy" in chosen(f"<main><h1>Rules</h1>{PROSE}{foot.replace('footer', 'article-footer')}</main>")


def test_a_title_outside_of_the_text_is_kept_with_what_stands_between() -> None:
    head = f"<section><h1>Rules</h1><div>3 May 2024</div><div>{MENU}</div></section>"
    assert chosen(f"<div>{MENU}</div>{head}<section>{PROSE}</section>") == f"Rules 3 May 2024 {FIRST} {SECOND} {THIRD}"


def test_folded_sections_are_text_and_their_buttons_headings() -> None:
    folded = f'<button aria-controls="x" aria-expanded="false">Fees</button><div id="x" hidden><p>{THIRD}</p></div>'
    assert chosen(f"<main><p>{FIRST}</p>{folded}<button>Print</button></main>") == f"{FIRST} Fees {THIRD}"


def test_labels_for_screen_readers_are_no_text() -> None:
    label = '<span class="sr-only">Opens in a new window</span>'
    assert chosen(f"<main><p>{FIRST} <a href='/x'>{label}</a></p></main>") == FIRST


def test_a_list_of_other_pages_after_the_text_is_left_out() -> None:
    entry = f'<div class="card"><h3><a href="/more">Another page</a></h3><p>{SECOND}</p></div>'
    assert chosen(f"<main><h1>Rules</h1>{PROSE}<div>{entry * 4}</div></main>") == f"Rules {FIRST} {SECOND} {THIRD}"


def test_a_page_that_is_a_list_of_other_pages_keeps_it() -> None:
    entry = f'<div class="card"><h3><a href="/more">Another page</a></h3><p>{SECOND}</p></div>'
    assert chosen(f"<nav>{MENU}</nav><main>{entry * 4}</main>").count(SECOND) == 4


def test_links_inside_the_text_stay() -> None:
    links = '<ul><li><a href="/x">Opening hours</a></li><li><a href="/y">Fees</a></li></ul>'
    assert chosen(f"<main><p>{FIRST}</p>{links}<p>{SECOND}</p></main>") == f"{FIRST} Opening hours Fees {SECOND}"


@pytest.mark.parametrize(
    "text",
    [
        "図書館は朝九時に開き、最後の読者が帰るまで閉まりません。本は四週間借りることができます。",
        "تفتح المكتبة أبوابها في التاسعة صباحا ، وتغلق ، حين يغادر آخر قارئ ، في المساء .",
        "Библиотека открывается в девять утра и закрывается, когда уходит последний читатель.",
        "ห้องสมุดเปิดเวลาเก้าโมงเช้าและปิดเมื่อผู้อ่านคนสุดท้ายกลับบ้าน",
    ],
)
def test_sentences_are_found_in_every_script(text: str) -> None:
    assert chosen(f"<div>{MENU}</div><div><h1>A</h1><p>{text}</p></div>{MENU}") == f"A {text}"


def test_what_moves_around_the_text_does_not_move_the_choice() -> None:
    before = f"<div>{MENU}</div><div><h1>Rules</h1>{PROSE}</div>"
    after = f"<div>{MENU}{MENU}</div><div><h1>Rules</h1>{PROSE}</div><aside><p>{SECOND}</p></aside>{MENU}"
    assert chosen(before) == chosen(after)


@pytest.mark.parametrize("tag", ["div", "span", "button", "a", "article", "h1"])
def test_deep_trees_are_read(tag: str) -> None:
    text = chosen(f"<{tag}>" * 1500 + FIRST)
    assert text in ("", FIRST)


TAGS = st.sampled_from(["div", "p", "a", "nav", "main", "article", "h1", "button", "span", "ul", "li", "form", "title"])
NAMES = st.sampled_from(["", 'class="menu"', "hidden", 'role="main"', 'role="dialog"', 'id="comments"', 'href="/x"'])
NODES = st.recursive(
    st.sampled_from(["", "Menu", FIRST, SECOND, "図書館"]),
    lambda inner: st.builds(
        lambda tag, names, parts: f"<{tag} {names}>{''.join(parts)}</{tag}>", TAGS, NAMES, st.lists(inner, max_size=4)
    ),
    max_leaves=25,
)


@given(NODES)
def test_any_page_gets_one_answer_for_each_text(body: str) -> None:
    page = parse(body, "https://library.example/")
    found = word_spans(page.root)
    keep = main_content(found)
    assert len(keep) == len(found.runs)
    assert main_content(found) == keep


def test_a_page_that_is_a_table_is_content_though_a_notice_has_the_only_sentence() -> None:
    rows = "".join(f"<tr><td>Branch {n}</td><td>Street {n}, Hall {n}</td></tr>" for n in range(12))
    text = chosen(f"<div><div><p>{FIRST}</p></div><div><h1>Branches</h1><table>{rows}</table></div></div>")
    assert "Branch 11" in text


def test_a_link_that_jumps_to_the_text_is_no_part_of_it() -> None:
    text = chosen(f'<div><p><a href="#text">Skip to the text</a></p><h1>Rules</h1><div id="text">{PROSE}</div></div>')
    assert text.startswith("Rules")


def test_an_app_behind_an_open_dialog_is_the_content_not_the_dialog() -> None:
    dialog = f'<div role="dialog"><p>{FIRST}</p><p>{SECOND}</p></div>'
    rows = "".join(f"<tr><td>Branch {n}</td><td>Street {n}</td></tr>" for n in range(9))
    text = chosen(f'<div aria-hidden="true"><main><h1>Branches</h1><table>{rows}</table></main></div>{dialog}')
    assert "Branch 8" in text
    assert FIRST not in text


def test_a_formula_that_is_shown_as_an_image_is_text() -> None:
    formula = '<span style="display: none"><math><mi>A</mi></math></span><img alt="A" aria-hidden="true">'
    assert " A " in chosen(f"<main><h1>Rules</h1>{PROSE}<p>The number {formula} of all books is kept here.</p></main>")


@pytest.mark.parametrize(
    "part",
    [
        '<pre><code>open <span class="token comment"># every day</span></code></pre>',
        '<div class="code-toolbar"><pre><code>open --at nine</code></pre></div>',
        "<blockquote><p>Books are friends.</p><footer>Ann Reader</footer></blockquote>",
        '<aside class="hint"><p>Bring a card.</p></aside>',
        '<div role="alert"><p>Bring a card.</p></div>',
        '<aside aria-label="Hint"><p aria-hidden="true">Hint</p><p>Bring a card.</p></aside>',
        '<h2><a class="toc-backref" href="#top">Fees</a></h2>',
        '<aside class="sidebar"><p class="sidebar-title">Cards</p><p>Bring yours.</p></aside>',
        '<div class="comment-text"><p>Shelves turn.</p></div>',
        '<div class="field field--label-hidden"><p>Bring a card.</p></div>',
        '<div><ul role="tablist"><li role="tab">Day</li></ul><div>Six</div><div class="hidden">Ten</div></div>',
        '<div><div class="tab-pane">Six</div><div class="tab-pane" style="display: none">Ten</div></div>',
        '<div><div role="button" aria-expanded="false">Who may come?</div><div>Everybody.</div></div>',
        '<div class="api-comment"><p>Whoever comes late waits at the desk until somebody has time.</p></div>',
        '<div class="toc-wide"><table><tr><td><a href="/f">Fee</a></td><td>Four coins</td></tr></table></div>',
        '<p>Each reader has <b class="ads">one</b> card, which nobody else may use in all these years.</p>',
        (
            '<div><div role="tablist"><button role="tab">Day</button></div><div role="tabpanel">Six</div>'
            '<div role="tabpanel" hidden>Ten</div></div>'
        ),
    ],
)
def test_a_name_is_no_evidence_by_itself(part: str) -> None:
    """Code, notes, headings and boxes among the text are text, whatever their tag, role or class is called."""
    text = chosen(f"<nav>{MENU}</nav><main><h1>Rules</h1><p>{FIRST}</p>{part}<p>{SECOND}</p></main>")
    for words in " ".join(document(part).itertext()).split():
        assert words in text


@pytest.mark.parametrize(
    "part",
    [
        '<div class="comments"><div class="comment"><p>Ann</p>Good</div><div class="comment">Bad ones</div></div>',
        '<aside><p>More:</p><a href="/a">Another page</a> <a href="/b">And one more</a></aside>',
        '<div class="share">Share <a href="/s">this</a> or <a href="/m">mail</a></div>',
        '<div class="toolbar"><b class="toolbar-item">Go</b><i class="toolbar-item"><button>Copy</button></i></div>',
        '<div class="noprint">From the town wiki</div>',
        '<div class="search-results"><h1>Results for ""</h1><ul></ul></div>',
        '<div data-nosnippet>Found in <a href="/i?id=7">the index</a></div>',
        '<div class="pageShareBar">Share <a href="/s">this</a> or <a href="/m">mail</a></div>',
        '<div class="x:sr-only">End of the rules</div>',
        '<div role="alert">We use cookies <button>All right</button></div>',
    ],
)
def test_a_name_that_the_page_bears_out_is_believed(part: str) -> None:
    """Threads of comments, share boxes and banners after the text are none, as they are called."""
    page = f"<nav>{MENU}</nav><main><h1>Rules</h1><p>{FIRST}</p><p>{SECOND}</p>{part}</main>"
    assert chosen(page) == f"Rules {FIRST} {SECOND}"


def test_the_documentation_of_members_is_text_although_it_is_called_their_comment() -> None:
    """What stands in many places of a page is no thread of readers' comments."""
    members = "".join(
        f'<section><h3>m{k}</h3><div class="x-comment"><p>{text}</p></div></section>'
        for k, text in enumerate((FIRST, SECOND))
    )
    assert chosen(f"<main><h1>Rules</h1>{members}</main>") == f"Rules m0 {FIRST} m1 {SECOND}"


def test_short_texts_of_members_and_sections_stay_with_their_headings() -> None:
    members = "".join(f'<div><h3>{text[:3]}</h3><div class="comment">{text}</div></div>' for text in (FIRST, "Rings."))
    assert chosen(f"<main><h1>Rules</h1>{members}</main>") == f"Rules The {FIRST} Rin Rings."
    section = '<section id="sharing"><h2>Sharing</h2><p>Two may share a book.</p></section>'
    assert chosen(f"<main><h1>Rules</h1>{PROSE}{section}</main>").endswith("Sharing Two may share a book.")


def test_the_head_of_the_page_that_holds_its_title_is_the_texts_head() -> None:
    page = f"<div><header><a href='/e'>Edit</a><h1>Library rules</h1></header><article>{PROSE}</article></div>"
    found = word_spans(document(f"<html><head><title>Library rules | Town</title></head><body>{page}</body></html>"))
    kept = (run for run, wanted in zip(found.runs, main_content(found), strict=True) if wanted)
    assert "Library" in [word for run in kept for word in found.words[run.start : run.end]][:2]


def test_the_heads_of_several_texts_are_no_heads_of_the_page() -> None:
    posts = "".join(
        f'<div class="post"><header><h2><a href="/{name}">{name}</a></h2><p>May 4</p></header><p>{text}</p></div>'
        for name, text in (("Hours", FIRST), ("Loans", SECOND))
    )
    head = f'<header class="site"><h2>Town</h2>{MENU}</header>'
    assert chosen(f"{head}<div>{posts}</div>") == f"Hours May 4 {FIRST} Loans May 4 {SECOND}"


CRUMBS = "<p>This library keeps a few crumbs of all that you read here.</p><button>Fine</button>"
NOTICE = f'<div class="cookie-note">{CRUMBS}</div>'
IMPRINT = "<div><p>Copyright by those who lend the books and who sell the tea on Saturdays.</p></div>"


@pytest.mark.parametrize("line", ["The hall is open until nine in the evening, in winter too.", "Tea is at four"])
@pytest.mark.parametrize("around", ["<main>{}</main>", "<div>{}</div>", f"<div>{MENU}<div>{{}}</div></div>"])
def test_a_page_of_a_line_is_its_own_box_and_no_notice_or_footer(around: str, line: str) -> None:
    """These say as much as the page does."""
    assert chosen(NOTICE + around.format(f"<h1>Rules</h1><p>{line}</p>") + IMPRINT) == f"Rules {line}"


def test_a_paragraph_right_beside_a_short_text_goes_on_with_it() -> None:
    text = "<main><h1>Rules</h1><p>Tea is at four.</p></main><p>Nobody sings in the hall.</p>"
    assert chosen(text) == "Rules Tea is at four. Nobody sings in the hall."


@pytest.mark.parametrize(
    "under",
    ["By Ann Reed, May 4, 2026", "All that whoever wants to read here should know of the hall, in a line or two."],
)
@pytest.mark.parametrize("head", ["<header>{}</header>", "<div>{}</div>"])
def test_a_short_text_beside_its_heading_and_what_stands_under_that_is_not_lost(head: str, under: str) -> None:
    title = head.format(f"<h1>Rules</h1><p>{under}</p>")
    box = f"<div><article>{title}<div><p>{FIRST}</p></div></article></div>"
    assert chosen(NOTICE + box) == f"Rules {under} {FIRST}"
    box = f"<div><div>{title}<section><p>{FIRST}</p></section></div></div>"
    assert FIRST in chosen(NOTICE + box)


@pytest.mark.parametrize("around", ["<main>{}</main>", "<div>{}</div>"])
def test_an_announcement_above_a_text_is_none_of_it(around: str) -> None:
    fair = "<div><p>Our sale of old books begins on the first of June; come and see us!</p></div>"
    assert chosen(fair + around.format(f"<h1>Rules</h1>{PROSE}")) == f"Rules {FIRST} {SECOND} {THIRD}"
