"""From where to where a page's main content goes, and what in it serves the reader and is no part of it."""

import pytest

from fetcher.page.page import document, parse
from fetcher.page.word_spans import word_spans
from fetcher.region.main_content import main_content

FIRST = "The observatory opens when the sky is clear, and its dome is turned by hand as it was long ago."
SECOND = "Warm clothes are needed at all times of the year, since the dome stays open while somebody looks."
MAIN, BOX = "<main><h1>Visits</h1>", "<div><h1>Visits</h1>"
TEXT = f"<p>{FIRST}</p><p>{SECOND}</p>"
JUMPS = "<a href='#dome'>Dome</a> "
MENU = '<ul><li><a href="/sun">Sun</a></li><li><a href="/moon">Moon</a></li><li><a href="/mars">Mars</a></li></ul>'


def said(body: str) -> str:
    """The main content of a page with this body, without the two paragraphs."""
    page = parse(
        f"<html><head><title>Sky: The night dome</title></head><body>{body}</body></html>", "https://dome.example/"
    )
    found = word_spans(page.root)
    runs = zip(found.runs, main_content(found), strict=True)
    kept = " ".join((run.element.tail if run.is_tail else run.element.text) or "" for run, wanted in runs if wanted)
    text = " ".join(kept.split())
    assert FIRST in text
    return " ".join(text.replace(FIRST, "").replace(SECOND, "").split())


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        # Without a mark, the box that holds the text; with one, all that is marked.
        (f"<div>{MENU}</div><div><h1>Visits</h1>{TEXT}</div><div>{MENU}</div>", "Visits"),
        (
            f"<div><article><h1>Visits</h1><div>{TEXT}</div><p>Room for nine.</p></article></div>",
            "Visits Room for nine.",
        ),
        # The title before the text, and what stands between the two.
        (f"<div><h1>Visits</h1><p>May 4</p></div><div>{TEXT}</div>", "Visits May 4"),
        # Sections alike are one text, however short.
        (
            f"<div><div class=s><h2>Night</h2>{TEXT}</div><div class=s><h2>Day</h2><p>Closed.</p></div></div>",
            "Night Day Closed.",
        ),
        # Links after the text stay with a heading of their own, or in a table; a menu does not, nor does its heading.
        (f"<main><h1>Visits</h1>{TEXT}<h2>Planets</h2>{MENU}</main>", "Visits Planets Sun Moon Mars"),
        (
            f"<main><h1>Visits</h1>{TEXT}<table><tr><th>What<tr><td><a href=/s>Sun</a></table></main>",
            "Visits What Sun",
        ),
        (f"<main><h1>Visits</h1>{TEXT}<div>{MENU}</div></main>", "Visits"),
        # A list right below a sentence is its writer's, unless it has a class.
        (f"<main><h1>Visits</h1>{TEXT}{MENU}</main>", "Visits Sun Moon Mars"),
        (f"<main><h1>Visits</h1>{TEXT}{MENU.replace('<ul', '<ul class=sky')}</main>", "Visits"),
        # What leads to a place of the page, and nothing else, is no text before or after it.
        (
            f"<main><p><a href='#t'>To the text</a></p><h1>Visits</h1>{TEXT}<p><a href='#top'>Up</a></p></main>",
            "Visits",
        ),
        # So is a line between title and text that leads out of both; one into the text stays.
        (f"<main><h1>Visits</h1><a href='#menu'>To the menu</a><div>{TEXT}</div></main>", "Visits"),
        (
            f"<main><h1>Visits</h1><p><a href='#way'>The way</a></p><div>{TEXT}<p id=way>Uphill.</p></div></main>",
            "Visits The way Uphill.",
        ),
        # A few in a row are such a line too; many are a list of what there is.
        (f"<main><h1>Visits</h1><p>{JUMPS * 3}</p><div>{TEXT}</div></main>", "Visits"),
        (f"<main><h1>Visits</h1><p>{JUMPS * 33}</p><div>{TEXT}</div></main>", " ".join(["Visits", *["Dome"] * 33])),
        (
            f"<main><h1>Visits</h1>{TEXT}<div><code><a href='#look'>look()</a></code></div></main>",
            "Visits look()",
        ),
        # The way to the page before its title, which another line there is not.
        (f"<main><p><a href='/'>Home</a> / <a href='/v'>Dome</a> / Visits</p><h1>Visits</h1>{TEXT}</main>", "Visits"),
        (f"<main><p><a href='/'>Dome</a> of Ann</p><h1>Visits</h1>{TEXT}</main>", "Dome of Ann Visits"),
        # When a page was built, and what it asks its readers; not what the text says at its end.
        (f"<main><h1>Visits</h1>{TEXT}<div>Made on <time>May 4</time></div></main>", "Visits"),
        (f"<main><h1>Visits</h1>{TEXT}<p class=pageLastUpdated>May 4</p></main>", "Visits"),
        (f"<main><h1>Visits</h1>{TEXT}<p>Until <time>May 4</time></p></main>", "Visits Until May 4"),
        (f"<main><h1>Visits</h1>{TEXT}<h2>Last</h2><div><time>May 4</time></div></main>", "Visits Last May 4"),
        (f"<main><h1>Visits</h1>{TEXT}<div>Was it clear? <button>Yes</button></div></main>", "Visits"),
        (f"<main><h1>Visits</h1>{TEXT}<div>Four coins <button>Buy</button></div></main>", "Visits Four coins"),
        # So too with a link to what was changed, by its tooltip, or in a line that says so in any big language.
        (
            (
                f"<main><h1>Visits</h1>{TEXT}<div class=meta__lastmod>Changed on May 4: <a href=/c/9>Tell of coats that"
                " visitors need, and where to hang them</a></div></main>"
            ),
            "Visits",
        ),
        (f"<main><h1>Visits</h1>{TEXT}<div><b title='Last update'></b>May 4, 2026</div></main>", "Visits"),
        (f"<main><h1>Visits</h1>{TEXT}<p>Zuletzt geändert: <time>4. Mai</time></p></main>", "Visits"),
        (f"<main><h1>Visits</h1>{TEXT}<div>dome.txt · Last modified: 4 May</div></main>", "Visits"),
        (
            f"<main><h1>Visits</h1>{TEXT}<p>Last updated on <time>May 4</time> by nine people of our club.</p></main>",
            "Visits Last updated on May 4 by nine people of our club.",
        ),
        # Under what it is filed.
        (f"<main><h1>Visits</h1>{TEXT}<ul><li><a href=/tags/sky/>Sky</a></ul></main>", "Visits"),
        (f"<main><h1>Visits</h1>{TEXT}<p>Filed under <a rel=tag href=/x/1>Sky</a></p></main>", "Visits"),
        (
            f"<main><h1>Visits</h1>{TEXT}<p>Ask <a href=/labels>the label</a> of it.</p></main>",
            "Visits Ask the label of it.",
        ),
        # Where the last line leads to a note, the number stays in it.
        (
            f"<main><h1>Visits</h1>{TEXT}<p>Since 1890<sup><a href='#n'>1</a></sup> only.</p><i id=n>Or so.</i></main>",
            "Visits Since 1890 1 only. Or so.",
        ),
        # What is above the title and does nothing but lead elsewhere.
        (f"<article><a href='/k/dome'>Domes</a><h1>Visits</h1>{TEXT}</article>", "Visits"),
        (
            f"<article><p><a href='/x'>The dome is shut in May</a></p><h1>V</h1>{TEXT}</article>",
            "The dome is shut in May V",
        ),
        # What is marked as the main part does not grow, whatever stands beside the box around it.
        (
            f"<div id=help><h2>Keys</h2><p>Press K.</p></div><div><main><h1>Visits</h1>{TEXT}</main></div>",
            "Visits",
        ),
        # A box that asks for an address and nothing else; a form with a question is no such box.
        (
            (
                f"<main><h1>Visits</h1><p>{FIRST}</p><div><h2>Sky letter</h2><p>Each new moon.</p><form><input "
                f"type=email><button>Send</button></form></div><p>{SECOND}</p></main>"
            ),
            "Visits",
        ),
        (
            (
                f"<main><h1>Visits</h1><p>{FIRST}</p><div><h2>Ask us</h2><form><input type=email><textarea></textarea>"
                f"</form></div><p>{SECOND}</p></main>"
            ),
            "Visits Ask us",
        ),
        # Sections without headings, of one kind; and paragraphs beside a box that hold as much as it.
        (
            f"<div><i>Dome</i><div class=s>{TEXT}</div><div class=s>Bring a coat.</div><div class=s>Pay.</div></div>",
            "Dome Bring a coat. Pay.",
        ),
        (
            f"<div><div><p>{FIRST}</p><h2>Coats</h2><div><p>{SECOND}</p></div><h2>Fees</h2><div>Nine.</div></div></div>",
            "Coats Fees Nine.",
        ),
        # A title that is no heading, as the page's own title tells.
        (
            f"<div><div>Menu</div><div>The night dome</div></div><div><div>{TEXT}</div></div>",
            "The night dome",
        ),
        # What folds goes with what it holds.
        (
            (
                f"<main><h1>Visits</h1><details><summary>On this page</summary><nav>{MENU}</nav></details>"
                f"<p>{FIRST}</p><p>{SECOND}</p></main>"
            ),
            "Visits",
        ),
        # Notes in a box of their own, to which the text leads and which lead back; no others.
        (
            (
                f"<div><div><h1>Visits</h1>{TEXT}<p>Since 1890<a id=r href='#n'>1</a></p></div>"
                "<div><div id=n>Says a sign. <a href='#r'>Back</a></div><div id=m>Says nobody.</div></div></div>"
            ),
            "Visits Since 1890 1 Says a sign. Back",
        ),
    ],
)
def test_the_main_content_goes_as_far_as_the_text(body: str, kept: str) -> None:
    assert said(body) == kept


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        # When the page was updated, in a paragraph that says nothing else; not a paragraph that only begins so.
        (f"{MAIN}{TEXT}<p>Updated 3 weeks ago</p></main>", "Visits"),
        (f"{MAIN}{TEXT}<p>Zuletzt geändert am 4. Mai 2031</p></main>", "Visits"),
        (f"{MAIN}{TEXT}<p>Updated maps lie at the desk</p></main>", "Visits Updated maps lie at the desk"),
        # Whose the page is, however long the line, in the box of the text or beside it.
        (f"{BOX}{TEXT}</div><div>© 2031 Friends of the dome, who ask that none of this be sold.</div>", "Visits"),
        (f"{BOX}{TEXT}<p>Copyright 2031 by the friends of the dome. Ask us before you sell it.</p></div>", "Visits"),
        (f"{BOX}{TEXT}<p>Copyright law holds here.</p></div>", "Visits Copyright law holds here."),
        # A bar beside the text is what its name says, also where it is made to be read.
        (
            (
                f"{BOX}{TEXT}</div><div id='cookie-bar'>We keep a note of who has looked at which of our "
                f"pages, and for how long they did. <a href='/how'>How</a></div>"
            ),
            "Visits",
        ),
        # A note is one whatever its class sounds like.
        (
            f"{MAIN}<div role=note class='no-navigation'>For the shop see <a href=/shop>Shop</a>.</div>{TEXT}</main>",
            "Visits For the shop see Shop .",
        ),
        # The tag of a custom element is its name, and a name may be glued to what it names.
        (f"{MAIN}{TEXT}<share-row>Send <a href=/a>it</a></share-row></main>", "Visits"),
        (f"{MAIN}{TEXT}<div id=x-relatedposts><h3>More</h3><p><a href=/a>Moon</a> May 4</p></div></main>", "Visits"),
        # An aside with an article of its own is no note of this one.
        (
            (
                f"<main><div><h1>Visits</h1>{TEXT}</div><aside><article><h2>The moon</h2><p>It shows the same face to "
                f"all who look at it from the dome at night.</p></article></aside></main>"
            ),
            "Visits",
        ),
        # The label over an advert that a script is to fetch.
        (f"{MAIN}<p>{FIRST}</p><div class='ad slot'>Reklame</div><p>{SECOND}</p></main>", "Visits"),
        # The page in other languages.
        (
            (
                f"{MAIN}<div>2 tongues<ul><li><a hreflang=de href=/de>Deutsch</a></li>"
                f"<li><a hreflang=fr href=/fr>Français</a></li></ul></div>{TEXT}</main>"
            ),
            "Visits",
        ),
        # Links that say that they lead to the next page, and its name.
        (f"{MAIN}{TEXT}<div><a href=/moon><p>Moon</p><p>Next Page</p></a></div></main>", "Visits"),
        (
            f"{MAIN}{TEXT}<p>What comes <a href=/moon>next</a> is the moon</p></main>",
            "Visits What comes next is the moon",
        ),
        # Several links in a line that lead to places out of the text.
        (
            f"<div id=top></div><main><h1>Visits</h1><a href='#top'>Menu</a><a href='#find'>Find</a>{TEXT}</main>",
            "Visits",
        ),
    ],
)
def test_lines_about_the_page_and_boxes_for_its_reader_are_no_text(body: str, kept: str) -> None:
    assert said(body) == kept


@pytest.mark.parametrize(
    ("markup", "serving"),
    [
        ("<h2>Mars <a href='#mars'>#</a></h2>", "#"),
        ("<h2>Mars <a href='/mars'>#</a></h2>", ""),
        ("<h2>Mars <i>[<a href='/w?page=mars&action=edit'>change</a>]</i></h2>", "[change]"),
        ("<div><h2>Mars</h2><i><a href='/-/edit/mars'>change</a></i></div>", "change"),
        (
            "<h2>Mars <i>[<a href='/w?veaction=edit'>change</a> | <a href='/w?action=edit'>text</a>]</i></h2>",
            "[change | text]",
        ),
        ("<h2><a href='/edit/mars'>Mars</a></h2>", ""),
        ("<div><div><h2>Mars</h2></div><div><a href='/edit/mars'>change</a></div></div>", "change"),
        ("<div><div><h2>Mars</h2></div><p>Red</p><div><a href='/edit/mars'>change</a></div></div>", ""),
        (
            "<table><tr><td><a accesskey=p href=/1>Back </a><th>Part 2 <td><a accesskey=n href=/3>On</a></table>",
            "Back Part 2 On Back On",
        ),
        ("<table><tr><td><a accesskey=p href=/1>Moon</a><td><a href=/3>Venus</a></table>", "Moon"),
        ("<h2>Mars <a href='javascript:print()'>Print</a></h2>", "Print"),
        ("<h2><a href='javascript:open()'>Mars</a></h2>", ""),
        ("<p>You may <a href='/edit/mars'>change</a> this.</p>", ""),
        ("<p><a rel=prev href=/1>Moon</a> <a rel=next href=/3>Venus</a></p>", "Moon Venus"),
        ("<p>Read <a rel=next href=/3>on Venus</a> or what others have seen in all the years.</p>", ""),
        ("<div class=prompt>In [3]:</div><pre>look()</pre>", "In [3]:"),
        ("<div class=prompt>In the dome</div>", ""),
        ("<input type=checkbox id=s><label for=s>Source</label><pre>def look(): ...</pre>", "Source def look(): ..."),
        ("<input type=checkbox id=s><label for=s>I agree</label><p>To come on time.</p>", ""),
        ("<ul><li><input type=checkbox id=s disabled><label for=s>Coat</label></li></ul>", ""),
    ],
)
def test_what_serves_the_reader_is_told_by_what_it_does(markup: str, serving: str) -> None:
    found = word_spans(document(f"<main>{TEXT}{markup}{TEXT}</main>"))
    texts = ("".join(found.elements[k].itertext()) for k in sorted(found.furniture))
    assert " ".join(texts).split() == serving.split()
