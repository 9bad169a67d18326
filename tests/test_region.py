"""The region: the part of a page that a seed stores, learned from the stored body."""

import pytest

from fetcher.markdown.reading import blocks
from fetcher.page.page import document
from fetcher.page.word_spans import word_spans
from fetcher.region.region import Region, region

ONE = "The first paragraph tells what this page is about, and it does so at some length."
TWO = "The second paragraph goes on with it, and has a few more words about the same thing."
THREE = "The third paragraph ends the text with words that stand nowhere else on the page."
BODY = f"# The title\n\n{ONE}\n\n{TWO}\n\n{THREE}\n"
TEXT = f"<h1>The title</h1><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"
MENU = "<nav><a href=/>Home</a> <a href=/docs>Docs</a></nav>"
FOOT = "<footer><p>Imprint and privacy</p></footer>"


def learned(page: str, body: str) -> tuple[str, Region]:
    """The text of the region of a page, and what is known of it."""
    found = word_spans(document(f"<html><body>{page}</body></html>"))
    text = blocks.parse(body)
    result = region(found, text)
    kept = [run for run, wanted in zip(found.runs, result.keep, strict=True) if wanted]
    return " ".join(word for run in kept for word in found.words[run.start : run.end]), result


def chosen(page: str, body: str = BODY) -> str:
    return learned(page, body)[0]


def words(text: str) -> str:
    return " ".join(blocks.parse(text).words)


@pytest.mark.parametrize("stored", ["Wells", "Old wells in the hills"])
def test_a_stored_heading_that_has_other_words_is_in(stored: str) -> None:
    """However few of its words are left: the page has no other heading that it could be."""
    page = f"<main>{TEXT.replace('The title', 'Wells of the north')}</main>"
    assert chosen(page, BODY.replace("The title", stored)).startswith("Wells of the north")


def test_what_is_stored_is_in_and_the_rest_is_out() -> None:
    """The menu and the foot of a page are not part of a body that has only the text."""
    text, known = learned(f"{MENU}<main>{TEXT}</main>{FOOT}", BODY)
    assert text == words(BODY)
    assert known.share == 1


def test_several_parts() -> None:
    """A body made of parts that stand apart on the page has several regions."""
    page = f"<div><p>{ONE}</p></div><div class=offers><p>Buy this now</p></div><div><p>{THREE}</p></div>{FOOT}"
    assert chosen(page, f"{ONE}\n\n{THREE}\n") == words(f"{ONE}\n\n{THREE}\n")


def test_a_title_outside_of_the_main_part() -> None:
    """The title may stand in the page's head, far from the text."""
    page = f"<header><a href=/>Home</a><h1>The title</h1></header><div>{MENU}</div>"
    page += f"<main>{TEXT.removeprefix('<h1>The title</h1>')}</main>"
    assert chosen(page) == words(BODY)


@pytest.mark.parametrize(
    "left_out",
    [
        "<div class=share-bar><a>Share on one</a> <a>Share on two</a></div>",
        "<p>Read <a>this<span class=sr-only> (opens in a new window)</span></a></p>".replace("<p>Read <a>this", "<p>"),
        "<div class=cookie-banner><p>We use cookies on this page</p></div>",
        "<form><p>Subscribe to our letters</p></form>",
        "<div hidden><p>Shown to nobody at all</p></div>",
        "<div style='display:none'><p>Shown to nobody at all</p></div>",
        "<aside><p>Also of interest: <a href=/x>Ten more pages</a> <a href=/y>And three others</a></p></aside>",
        "<aside><p>Get our letters by mail</p><button>Send</button></aside>",
        "<div role=alert class=cookies><p>We keep small files on your disk</p><button>Fine</button></div>",
        "<div class=comments><p>I liked this a lot</p><form><textarea></textarea></form></div>",
        "<div role=navigation><p>On this page you find</p></div>",
        "<div class=page-metadata>Told by <b class=author>Ann</b>, last on May 4</div>",
        "<p class=print-none>Also in print</p>",
        "<dl class=article-info><dt>About</dt><dd>Told on May 4</dd></dl>",
    ],
)
def test_what_looks_apart_is_left_out(left_out: str) -> None:
    """What stands among the stored text, is not stored, and looks like no text was left out by the importer."""
    page = TEXT.replace(f"<p>{TWO}", f"{left_out}<p>{TWO}")
    assert chosen(f"<main>{page}</main>") == words(BODY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"<p>{TWO}</p>", f"<p>{TWO}</p><p>A new paragraph that was not there before.</p>"),
        ("<li>two items</li>", "<li>two items</li><li>new item</li>"),
        ("<tr><td>b<td>2</tr>", "<tr><td>b<td>2</tr><tr><td>c<td>3</tr>"),
        (f"<p>{THREE}</p>", f"<section><h2>New part</h2><p>With some text of its own.</p></section><p>{THREE}</p>"),
        ("has a few more words", "has <b>some new and</b> a few more words"),
        (f"<p>{THREE}</p>", f"<aside class=hint><p>Mind the step behind the door.</p></aside><p>{THREE}</p>"),
        (f"<p>{THREE}</p>", f"<div role=alert><b>Note</b> Mind the step.</div><p>{THREE}</p>"),
        (f"<p>{THREE}</p>", f"<pre>run it <span class=hljs-comment># and wait</span></pre><p>{THREE}</p>"),
        ("has a few more words", "has <em class=promo>some new</em> words, and a few more words"),
    ],
)
def test_what_is_new_and_looks_like_the_text_is_let_in(old: str, new: str) -> None:
    """A new paragraph, item, row, section or passage stands among the stored text, and looks like it."""
    page = f"<p>{ONE}</p><ul><li>one item</li><li>two items</li></ul><p>{TWO}</p>"
    page += f"<table><tr><td>a<td>1</tr><tr><td>b<td>2</tr></table><p>{THREE}</p>"
    body = f"{ONE}\n\n- one item\n- two items\n\n{TWO}\n\n| a | 1 |\n|---|---|\n| b | 2 |\n\n{THREE}\n"
    assert chosen(f"{MENU}<main>{page}</main>{FOOT}", body) == words(body)
    changed = page.replace(old, new)
    assert changed != page
    assert chosen(f"{MENU}<main>{changed}</main>{FOOT}", body) == " ".join(word_spans(document(changed)).words)


CONTENTS = "<ul><li><a href=#a>Part A</a></li><li><a href=#b>Part B</a></li></ul>"
PARTS = f"<h1>The title</h1><p>{ONE}</p><h2 id=a>Part A</h2><p>{TWO}</p><h2 id=b>Part B</h2><p>{THREE}</p>"
PARTS_BODY = f"# The title\n\n{ONE}\n\n## Part A\n\n{TWO}\n\n## Part B\n\n{THREE}\n"


@pytest.mark.parametrize(
    "new",
    [
        CONTENTS,
        f"<div><p>On this page</p>{CONTENTS}</div>",
        f"<div class=narrow><p>{TWO}</p></div>",
        "<section><h3>Our letters</h3><form><input type=email><button>Send</button></form></section>",
    ],
)
@pytest.mark.parametrize("place", ["<h1>", f"<p>{ONE}", "<h2 id=a>", "<h2 id=b>", "</main>"])
def test_what_repeats_the_page_or_asks_for_something_is_no_news(new: str, place: str) -> None:
    """Contents, a copy for another screen and a box around a form are new on the page and not in its text."""
    page = f"<main>{PARTS}</main>{FOOT}".replace(place, new + place)
    assert chosen(page, PARTS_BODY) == words(PARTS_BODY)


def test_a_path_to_the_page_is_not_the_title_of_a_text_that_lost_its_first_words() -> None:
    """However the words of the title and those of the lost paragraph are told apart."""
    path = "<nav class=path><ol><li>The title</li></ol></nav>"
    body = f"# The title\n\nThe title of this page says what it is about.\n\n{ONE}\n\n{TWO}\n"
    page = f"{path}<main><h1>The title</h1><p>{ONE}</p><p>{TWO}</p></main>"
    assert chosen(page, body) == words(f"# The title\n\n{ONE}\n\n{TWO}\n")


def test_an_author_in_a_line_is_not_taken_out_of_it() -> None:
    page = TEXT.replace("<p>", "<p>Told by <b class=author>Ann</b> the Old: ", 1)
    assert "Told by Ann the Old :" in chosen(f"<main>{page}</main>")


def test_a_link_to_an_editor_is_no_news() -> None:
    """It is none in a heading that is stored without it, whatever it says."""
    page = TEXT.replace("</h1>", " <i>[<a href='/w?action=edit'>change its source</a>]</i></h1>")
    assert chosen(f"<main>{page}</main>") == words(BODY)


def test_the_newest_of_several_texts_is_news_before_the_first_title() -> None:
    posts = "".join(
        f"<div><h1>Part {name}</h1><p>{text}</p></div>" for name, text in (("A", ONE), ("B", TWO), ("C", THREE))
    )
    body = f"# Part B\n\n{TWO}\n\n# Part C\n\n{THREE}\n"
    assert chosen(f"{MENU}<main>{posts}</main>{FOOT}", body) == " ".join(word_spans(document(posts)).words)


@pytest.mark.parametrize("notice", ["<p class=old>Your browser is too old.</p>", "<div>Sold out, sorry</div>"])
def test_what_stands_before_the_title_is_no_news(notice: str) -> None:
    assert chosen(f"<main>{notice}{TEXT}</main>") == words(BODY)


@pytest.mark.parametrize(
    "new",
    [
        "<div><h2>Part C</h2><p>Nuts are pressed in the back room.</p></div>",
        "<div><h3>Oil</h3><p>Nuts are pressed in the back.</p></div><div><h3>Bran</h3><p>It is sold there.</p></div>",
        f"<h2>Part C</h2><p>Nuts are pressed in the back room.</p><p>{ONE}</p>",  # one that stands elsewhere as well
    ],
)
def test_new_boxes_of_text_among_the_stored_text_are_news(new: str) -> None:
    page = PARTS.replace("<h2 id=b>", f"{new}<h2 id=b>")
    assert chosen(f"<main>{page}</main>{FOOT}", PARTS_BODY) == " ".join(word_spans(document(page)).words)


@pytest.mark.parametrize("box", ["div", "section", "article", "address", "td", "info-line"])
@pytest.mark.parametrize("inline", ["b", "em", "a href=/x", "code", "span class=x", "kbd", "x-term"])
def test_an_inline_element_belongs_to_its_line_whatever_holds_it(box: str, inline: str) -> None:
    """Text that stands directly in a box is a line: what is new in it is not left out for its markup."""
    line = f"<{box}>Seats are {{}} kept for half an hour.</{box}>"
    page = f"<table><tr>{line}</table>" if box == "td" else line
    page = f"<main><h1>The title</h1><p>{ONE}</p>{page}<p>{TWO}</p></main>"
    new = f"<{inline}>no longer</{inline.split(maxsplit=1)[0]}>"
    body = f"# The title\n\n{ONE}\n\nSeats are kept for half an hour.\n\n{TWO}\n"
    assert chosen(page.format(""), body) == words(body)
    assert chosen(page.format(new), body) == words(body.replace("are kept", "are no longer kept"))


def test_a_line_in_a_box_comes_in_with_all_of_its_parts() -> None:
    """A new line of bare text is one, with the elements that it begins and ends with."""
    page = f"<main>{TEXT}<b>Closed:</b> the hall is shut on <i>Monday</i> for <a href=/w>works</a></main>"
    assert chosen(page).endswith("Closed : the hall is shut on Monday for works")


def test_a_hidden_part_that_is_stored_is_in() -> None:
    """Importers that do not look at styles keep what is folded away."""
    page = TEXT.replace(f"<p>{TWO}</p>", f"<div hidden><p>{TWO}</p></div>")
    assert chosen(f"<main>{page}</main>") == words(BODY)


def test_what_the_table_of_contents_knew_stays_out() -> None:
    """A section that the stored body links to, but does not hold, was left out when it was stored."""
    page = f"{TEXT}<h2 id=more>More</h2><p>{ONE.replace('first', 'other')}</p>".replace(
        f"<p>{THREE}",
        f"<section id=extra><h2>Extra part</h2><p>Something that the importer left out.</p></section><p>{THREE}",
    )
    known = BODY.replace("# The title\n", "# The title\n\n[Extra part](#extra)\n")
    contents = page.replace("</h1>", "</h1><ul><li><a href=#extra>Extra part</a></ul>")
    assert "Something" not in chosen(f"<main>{contents}</main>", known)


def test_tabs_of_which_half_are_stored() -> None:
    """Of panels of the same kind, the folded ones that the importer left out stay out."""
    panel = "<div class=panel{1}><pre>install with {0}\nrun with {0} and wait</pre></div>"
    page = "".join(
        f"<p>{text}</p>{panel.format(one, '')}{panel.format(two, ' hidden')}"
        for text, one, two in [(ONE, "apples", "pears"), (TWO, "plums", "grapes"), (THREE, "nuts", "berries")]
    )
    body = "".join(
        f"{text}\n\n```\ninstall with {one}\nrun with {one} and wait\n```\n\n"
        for text, one in [(ONE, "apples"), (TWO, "plums"), (THREE, "nuts")]
    )
    assert chosen(f"<main>{page}</main>", body) == words(body)


def test_a_rebuilt_site() -> None:
    """The same article in another page around it is the same region."""
    page = f"<div class=x1>{MENU}</div><div class=x2><div><div>{TEXT}</div></div></div><div class=x3>{FOOT}</div>"
    assert chosen(f"<div id=app>{page}</div>") == words(BODY)


def test_a_replaced_title() -> None:
    """What stands where stored words stood is the new form of them."""
    page = TEXT.replace("The title", "Another name for it")
    assert chosen(f"{MENU}<main>{page}</main>{FOOT}") == words(BODY.replace("The title", "Another name for it"))


@pytest.mark.parametrize(
    "head",
    [
        "<title>Rules of the house - Library</title><h1>Rules of the house</h1>",
        "<title>Library</title><h1>Rules of the house</h1>",
        "<title>Library</title><h1>Rules of the house</h1><h1>Rules of the house</h1>",
        "<title>Rules of the house - Library</title><h2>Rules of the house</h2>",
    ],
)
@pytest.mark.parametrize("byline", ["", "<p class=byline>By Ann Reader, 3 May</p>", "<a rel=author>Ann Reader</a>"])
def test_a_title_that_is_kept_elsewhere(head: str, byline: str) -> None:
    """An importer that keeps titles in the front matter leaves no heading: the page did not grow one."""
    body = f"{ONE}\n\n## One thing\n\n{TWO}\n\n{THREE}\n"
    text = f"<p>{ONE}</p><h2>One thing</h2><p>{TWO}</p><p>{THREE}</p>"
    assert chosen(f"<main>{head}{byline}{text}</main>", body) == words(body)
    # So does one that put the site's name first.
    assert chosen(f"<main><p>{ONE}</p>{head}{byline}{text.removeprefix(f'<p>{ONE}</p>')}</main>", body) == words(body)


def test_a_new_title_among_stored_ones() -> None:
    """Where a page has a title for each part of its text, a new one is a part of the text."""
    body = f"# First\n\n{ONE}\n\n# Second\n\n{TWO}\n"
    page = f"<main><h1>First</h1><p>{ONE}</p><h1>News</h1><p>{THREE}</p><h1>Second</h1><p>{TWO}</p></main>"
    assert "News" in chosen(page, body)


def test_a_title_of_one_word_stays_where_much_is_new_below_it() -> None:
    """A list of news, with a new entry above those that are stored."""
    new = f"<h2>3 May</h2><p>{THREE} Nobody has read them before, and whoever does so now will find them long.</p>"
    page = f"<main><h1>News</h1><p>Subscribe to what we write.</p>{new}<h2>1 May</h2><p>{ONE}</p><p>{TWO}</p></main>"
    assert chosen(page, f"# News\n\n## 1 May\n\n{ONE}\n\n{TWO}\n").startswith("News ")


def test_a_title_that_begins_as_it_did() -> None:
    """A title of which little but the first word is left is still the title's place."""
    body = f"# Library rules for all of our readers\n\n{ONE}\n\n{TWO}\n"
    page = f"<main><div><h1>Library guide to using books</h1></div><div><p>{ONE}</p><p>{TWO}</p></div></main>"
    assert chosen(page, body).startswith("Library guide to using books")


def test_a_first_letter_of_its_own_make() -> None:
    """A letter that is set apart by its looks is a part of the stored word, however often that is done."""
    texts = [ONE, TWO, THREE] * 2
    page = "".join(f"<p><span class=drop>{text[0]}</span>{text[1:]}</p>" for text in texts)
    body = "\n\n".join(texts) + "\n"
    assert chosen(page, body).replace(" ", "") == words(body).replace(" ", "")


@pytest.mark.parametrize("title", ["Clocks", "The title", "Rules of the house"])
@pytest.mark.parametrize(
    "beside", ["<p>Updated 2026-11-28 21:54:30 +0000</p>", "<div>By the keepers of the house</div>"]
)
@pytest.mark.parametrize("box", ["header", "div"])
def test_a_title_stays_where_something_appears_beside_it(title: str, beside: str, box: str) -> None:
    page = f"<article><{box}><h1>{title}</h1>{beside}</{box}><p>{ONE}</p><p>{TWO}</p></article>"
    assert chosen(page, f"# {title}\n\n{ONE}\n\n{TWO}\n").startswith(title)


def test_a_page_that_is_one_text() -> None:
    """A plain text in a `pre` is a page too, and so are its changes."""
    text = f"{ONE}\n\n{TWO}\n\n{THREE}"
    assert chosen(f"<pre>{text.replace('few', 'lot')}</pre>", text) == words(text.replace("few", "lot"))


@pytest.mark.parametrize(
    ("lines", "menu"),
    [
        (
            [
                "これは最初の段落で、このページについて説明します。",
                "二番目の段落は、もう少し詳しく続きます。",
                "最後の段落はここで終わります。",
            ],
            "ホーム 検索",
        ),
        (
            [
                "هذه هي الفقرة الأولى وهي تشرح موضوع الصفحة",
                "الفقرة الثانية تتابع الشرح بمزيد من التفاصيل",
                "تنتهي الفقرة الأخيرة هنا",
            ],
            "الرئيسية بحث",
        ),
    ],
)
def test_other_scripts(lines: list[str], menu: str) -> None:
    """Texts without spaces, and texts from right to left, are found and let in like any other."""
    body = f"{lines[0]}\n\n{lines[2]}\n"
    page = "".join(f"<p>{line}</p>" for line in lines)
    assert chosen(f"<nav>{menu}</nav><main>{page}</main>{FOOT}", body) == words("\n\n".join(lines))


def test_words_glued_across_elements() -> None:
    """Words that only a style sheet parts are found where the importer glued them, and where it did not."""
    page = TEXT.replace("</h1>", "</h1><div><span>2025</span><span>previous</span></div>")
    for glued in ("2025previous", "2025 previous"):
        body = BODY.replace("title\n", f"title\n\n{glued}\n")
        assert chosen(f"<main>{page}</main>", body) == words(body)


def test_a_stranger_shares_nothing() -> None:
    """Where the page has another text, the share of the stored words on it says so."""
    known = learned("<p>Nothing here is known at all</p>", BODY)[1]
    assert known.share < 0.3
