"""A body that another importer wrote meets its page for the first time: what the importer explains is held back."""

import pytest

from fetcher.merge.held_back import Past
from fetcher.merge.refresh import Refreshed, refresh, refresh_page
from fetcher.page.page import parse
from fetcher.terms.outcomes import Noise

URL = "https://mill.example/guide/visit"
BEFORE = "The mill grinds on Saturdays from March to October, and whoever comes early may help to fill the sacks."
AFTER = "Bring a bag of your own if you want to take some flour home with you at the end of the day."

# By name: what the page has between the two paragraphs, and what a body has there.
CONSTRUCTS = {
    "attributes": (
        '<h2 id="k" class="big">How to arrive</h2><p><a href="/map" class="btn">A map</a> helps.</p>',
        "## How to arrive {#k .big}\n\n[A map](https://mill.example/map){.btn} helps.",
    ),
    "box": (
        "<div><p>Dogs wait outside.</p></div>",
        '<div class="note">\n\n<div>\n\nDogs wait outside.\n\n</div>\n\n</div>',
    ),
    "fenced box": ("<div><p>Dogs wait outside of it.</p></div>", "::: {.note}\nDogs wait outside of it.\n:::"),
    "marked code": ("<pre>mill --start</pre>", "[code]\n\n    mill --start\n[/code]"),
    "marked text": ("<p>It is <mark>closed today</mark> for repairs.</p>", "It is ==closed today== for repairs."),
    "quote": ("<p>It is <q>a wonder</q> of craft.</p>", "It is a wonder of craft."),
    "abbreviation": (
        '<p>The <abbr title="Old Mill Society">OMS</abbr> runs it.</p>',
        "The OMS runs it.\n\n*[OMS]: Old Mill Society",
    ),
    "address": (
        '<p>Book <a href="/book">a tour</a> first.</p>',
        "Book a tour [https://mill.example/book] first.",
    ),
    "wrapped address": (
        '<p>Book <a href="/en/how-to-book-a-tour">a tour of it</a> first.</p>',
        "Book a tour of it (https://mill.example/en/how-to-\nbook-a-tour) first.",
    ),
    "lost breaks": ("<p>Mill Office<br>Weir Lane 3<br>Milltown</p>", "Mill OfficeWeir Lane 3Milltown"),
    "glued cells": (
        "<table><tr><th>Day</th><th>Open</th></tr><tr><td>Saturday</td><td><p>morning</p><p>evening</p></td></tr></table>",
        "| Day | Open |\n| --- | --- |\n| Saturday | morningevening |",
    ),
    "drawn table": (
        (
            "<table><tr><th>Day</th><th>Open</th><th>Who</th></tr>"
            "<tr><td>Saturday</td><td>morning<br>evening</td><td>all</td></tr></table>"
        ),
        "Day       Open     Who\nSaturday  morning  all\n          evening",
    ),
    "kind of a callout": (
        '<div class="note tip"><p>Dogs wait outside of it.</p></div>',
        "> [!TIP]\n> Dogs wait outside of it.",
    ),
    "table that was not written": (
        "<table><tr><td class=icon>Note</td><td><p>Dogs wait outside of it.</p><ul><li>All</li></ul></td></tr></table>",
        "[TABLE]",
    ),
    "grid": (
        "<table><tr><th>Day</th><th>Open</th></tr><tr><td>noon</td><td>late</td></tr></table>",
        "+------+------+\n| Day  | Open |\n+======+======+\n| noon | late |\n+------+------+",
    ),
    "signs that nothing escapes": (
        "<p>Ask &lt;miller@mill.example&gt; for a tour.</p><pre>open --gate\n# or\nopen --weir</pre>",
        "Ask <miller@mill.example> for a tour.\n\nopen --gate\n# or\nopen --weir",
    ),
    "table of contents": (
        '<div class="toc"><ul><li><a href="#k">Arriving</a></li></ul></div><h2 id="k">Arriving</h2>',
        "[[_TOC_]]\n\n## Arriving",
    ),
    "definitions": (
        "<dl><dt>Hopper</dt><dd>The box that the grain is poured into</dd></dl>",
        "Hopper\n:   The box that the grain is poured into",
    ),
    "list without marks of Markdown": (
        "<p>There are:</p><ul><li>two stones<ul><li>of granite</li></ul></li><li>one wheel of oak</li></ul>",
        "   There are:\n     * two stones\n          + of granite\n     * one wheel of oak",
    ),
    "line numbers": (
        '<pre><span class="ln">1</span> open(gate)\n<span class="ln">2</span> grind(rye)\n</pre>',
        "1 open(gate)\n2 grind(rye)",
    ),
    "line numbers in marked code": (
        '<pre><span class="ln">1</span> open(gate)\n<span class="ln">2</span> grind(rye)\n</pre>',
        "[code]\n    1 open(gate)\n    2 grind(rye)\n[/code]",
    ),
    "formula": (
        (
            '<p>It turns <span class="katex"><math><semantics><mrow><mi>n</mi><mo>=</mo><mn>9</mn></mrow>'
            '<annotation encoding="application/x-tex">n=9</annotation></semantics></math></span> times a minute.</p>'
        ),
        "It turns n=9n=9 times a minute.",
    ),
    "icon": ('<p>Pictures <img src="/c.png" alt="camera"> are welcome.</p>', "Pictures [camera] are welcome."),
    "caption as alternative": (
        '<figure><img src="/m.jpg" alt="A wheel"><figcaption>The wheel in winter</figcaption></figure>',
        "![The wheel in winter](https://mill.example/m.jpg)",
    ),
    "attributes of any kind": (
        '<div class="md:w-[3rem]"><h2>Opening hours</h2><p>From nine on.</p></div>',
        (
            '::::: {.@md:px-0 .gap-x-(--gap) .[&:not(:first-child)]:mt-xl .z-[1] role="main"}\n'
            "## Opening hours {#opening-hours .mill-module__Xy1G__title .text-h2 .lg:!px-0 .max-w-[6rem]}\n\n"
            "From nine on.\n:::::"
        ),
    ),
    "dashes": ("<p>Rye – and oats — are ground.</p>", "Rye -- and oats --- are ground."),
    "struck text": ("<p>It grinds <del>daily</del> weekly.</p>", "It grinds [DEL:daily:DEL] weekly."),
    "named box": ("<div><p>Cats may come in.</p></div>", "::: note\nCats may come in.\n:::"),
    "box of buttons": ("<div><button>Print</button><button>Save</button></div>", "::: {}\nPrint\n\nSave\n:::"),
    "sign beside a heading": (
        '<h2 id="k">How to arrive <a href="#k">¶</a></h2>',
        "## How to arrive [¶](#k){.anchor} {#k}",
    ),
    "heading in a line": ("<ul><li>By train</li></ul><h2>In winter</h2>", "- By train## In winter"),
    "boxes to tick": (
        (
            '<ul><li><input type="checkbox" checked disabled> Oil the axle</li>'
            '<li><input type="checkbox" disabled> Sweep</li></ul>'
        ),
        "     * [X] Oil the axle\n     * [ ] Sweep",
    ),
    "drawn list": (
        "<ul><li>There are two stones<ul><li>of granite</li></ul></li><li>Oak</li></ul>",
        "  • There are two stones\n      □ of granite\n  • Oak",
    ),
    "list in a drawn table": (
        (
            "<table><tr><th>Day</th><th>Open</th></tr>"
            "<tr><td>noon</td><td><ul><li>mill</li><li>shop</li></ul></td></tr></table>"
        ),
        (
            "+------+--------+\n| Day  | Open   |\n+======+========+\n"
            "| noon | - mill |\n|      | - shop |\n+------+--------+"
        ),
    ),
    "drawn table of one cell": (
        "<table><tr><td><h3>By night</h3><p>The lamps at the weir are lit.</p></td></tr></table>",
        (
            "+--------------------------------+\n| ### By night                   |\n"
            "|                                |\n| The lamps at the weir are lit. |\n+--------------------------------+"
        ),
    ),
    "cells beyond the head of a table": (
        (
            '<table><tr><th colspan="2">Morning</th><th>Night</th></tr>'
            "<tr><td>rye</td><td>oats</td><td>wheat</td></tr></table>"
        ),
        "Morning| Night  \n---|---  \nrye| oats| wheat  ",
    ),
    "picture as text": (
        '<figure><img src="/m.jpg" alt="A wheel of oak"><figcaption>A new wheel</figcaption></figure>',
        "A wheel of oak\nA new wheel",
    ),
    "fences in bare code": ("<pre>```\nmill --help\n```</pre>", "```\nmill --help\n```"),
    "definition with words behind": (
        '<p>See <a href="/plan" title="Ours">the plan</a>.</p>',
        'See [the plan].\n\n  [the plan]: /plan {title="Ours"}',
    ),
    "link around blocks": (
        '<a href="/book"><h3>Tours of the mill</h3><p>Each takes an hour.</p></a>',
        "[\n\n### Tours of the mill\n\nEach takes an hour.\n\n](/book)",
    ),
    "heading that a link wraps": (
        '<a href="/book"><h3>Tours of the mill</h3><p>Each takes half an hour or so.</p></a>',
        "### [Tours of the millEach takes half an\nhour or so.](https://mill.example/book)",
    ),
    "link around blocks in a line": (
        (
            '<p>Ask <a href="/ask">us</a>, not <a href="/them">them</a>.</p>'
            '<a href="/book"><h3>Tours of the mill</h3><p>Each takes an hour.</p></a>'
        ),
        "Ask [us](/ask), not [them](/them).\n\n[Tours of the millEach takes an hour.](/book)",
    ),
    "links joined to the root of the site": (
        '<p>See <a href="rules.html#fire">the rules</a> and <a href="#top">the top</a>.</p>',
        "See [the rules](https://mill.example/rules.html#fire) and [the top](https://mill.example#top).",
    ),
    "plain links": (
        (
            '<p>Ask <a href="/ask">us here</a>, or go to <a href="/them">the town hall</a>, on weekdays, '
            'and <a href="/tell">tell others</a>.</p>'
        ),
        "Ask us here, or go to the town\nhall, on weekdays, and tell others.",
    ),
    "attributes with spaces": (
        '<h2 id="Arrow Left" class="big">How to arrive</h2><p class="hint">By train.</p>',
        "## How to arrive {#Arrow Left .big}\n\nBy train.\n{: .hint}",
    ),
    "kind of a callout, and its title": (
        '<div class="note"><p class="title">Note</p><p>Dogs wait outside of it.</p></div>',
        "> [!NOTE]\n> Dogs wait outside of it.",
    ),
    "title of a callout": (
        "<aside><p><strong>Dogs wait</strong></p><p>They wait outside of it.</p></aside>",
        "> [!tip] Dogs wait\n> They wait outside of it.",
    ),
    "callout that is indented": (
        '<div class="note"><p>Note</p><p>Dogs wait outside of it.</p></div>',
        '!!! note "Note"\n    Dogs wait outside of it.',
    ),
    "code between tags of a template": (
        "<pre>mill --stop</pre>",
        "{% highlight sh %}\nmill --stop\n{% endhighlight %}",
    ),
    "inserted text": ("<p>It grinds <ins>oats</ins> too.</p>", "It grinds ++oats++ too."),
    "quotes of a language": ("<p>They call it <q>a wonder</q> here.</p>", "They call it « a wonder » here."),
    "formula between dollars": ("<p>It needs \\(2n + 1\\) cogs.</p>", "It needs $2n + 1$ cogs."),
    "sign for an icon": ('<p>Rye <i class="yes"></i> and oats are ground.</p>', "Rye ✔ and oats are ground."),
    "sign for a drawn icon": ('<p>Read on <svg><path d="M0 0"/></svg> about rye.</p>', "Read on → about rye."),
    "short code of a template": (
        "<div><p>Dogs wait outside.</p></div>",
        "{{% note %}}\nDogs wait outside.\n{{% /note %}}",
    ),
    "words of critics": ("<p>It grinds <ins>oats</ins> now.</p>", "It grinds {++oats++} now."),
    "letters of a list as text": (
        '<ol type="a"><li>Oil the axle</li><li>Sweep the floor</li></ol>',
        "a. Oil the axle\nb. Sweep the floor",
    ),
    "name of a picture": ("<p>Mind the 🐕 at the gate.</p>", "Mind the :dog: at the gate."),
    "address of mail": (
        '<p>Ask <a href="mailto:miller@mill.example">the miller</a> for it.</p>',
        "Ask the miller <miller@mill.example> for it.",
    ),
    "link of a wiki": (
        '<p>Read about <a href="/how/old-stones">old stones</a> too.</p>',
        "Read about [[Old stones|old stones]] too.",
    ),
    "number of a note": ('<p>Built by monks.<sup><a href="#n">1</a></sup></p>', "Built by monks.¹"),
    "caption of a table": (
        (
            "<table><caption>When it grinds</caption>"
            "<tr><th>Day</th><th>Open</th></tr><tr><td>Friday</td><td>noon</td></tr></table>"
        ),
        "Table: When it grinds\n\n| Day | Open |\n| --- | --- |\n| Friday | noon |",
    ),
    "cells that are repeated": (
        (
            "<table><tr><th>Day</th><th>From</th><th>To</th></tr>"
            '<tr><td rowspan="2">Friday</td><td>nine</td><td>noon</td></tr>'
            '<tr><td>two</td><td>six</td></tr><tr><td>Monday</td><td colspan="2">never</td></tr></table>'
        ),
        (
            "| Day | From | To |\n| --- | --- | --- |\n| Friday | nine | noon |\n| Friday | two | six |\n"
            "| Monday | never | never |"
        ),
    ),
    "numbers of lines beside code": (
        (
            '<table><tr><td class="linenos"><pre>1\n2\n3</pre></td>'
            '<td class="code"><pre>open(gate)\n\ngrind(rye)</pre></td></tr></table>'
        ),
        "```\n1\n2\n3\n```\n\n```\nopen(gate)\n\ngrind(rye)\n```",
    ),
    "numbers of a list as text": (
        "<ol><li><h3>Oil the axle</h3></li><li><h3>Sweep</h3></li></ol>",
        "   1. Oil the axle\n\n   2. Sweep",
    ),
    "term in a line with its definition": (
        "<dl><dt>Hopper</dt><dd>The box for grain</dd><dt>Weir</dt><dd>A low dam</dd></dl>",
        "- **Hopper** — The box for grain\n- **Weir** — A low dam",
    ),
    "heading in capitals": ("<h2>How to arrive</h2><p>By train.</p>", "HOW TO ARRIVE\n\nBy train."),
    "style": ("<p>From nine on.</p>", "<style>p { color: red }</style>\n\nFrom nine on."),
    "footnote": (
        (
            '<p>Built in 1790<sup id="b"><a href="#n">1</a></sup> by monks.</p><div class="footnotes"><ol><li id="n">'
            '<p>Says the chronicle of the abbey <a href="#b">↩</a></p></li></ol></div>'
        ),
        "Built in 1790[^1] by monks.\n\n[^1]: Says the chronicle of the abbey",
    ),
}
# What a body has around all that the page has.
EDGES = {
    "title and description": ("# Visit | Old mill\n\n> ## Excerpt\n> When it grinds.\n\n---\n{}", ""),
    "address": (f"Source: {URL}\n\n{{}}", ""),
    "keys": ("---\nmeta-description: When it grinds.\ntitle: Visit | Old mill\n---\n\n{}", ""),
    "keys and a label": (f"Title: Visit | Old mill\n\nURL Source: {URL}\n\nMarkdown Content:\n\n{{}}", ""),
    "footer": (f"{{}}\n\n---\nClipped from {URL} on 2025-05-04", ""),
    "references": (
        "{}\n\nAsk us [1]here if in doubt.\n\nReferences\n\n   1. https://mill.example/ask",
        '<p>Ask us <a href="/ask">here</a> if in doubt.</p>',
    ),
}


def test_keys_that_name_the_site_do_not_bring_its_menu_in() -> None:
    keys, _ = EDGES["keys"]
    text = "\n" + keys.format(f"{BEFORE}\n\n{AFTER}") + "\n"
    html = page("").replace("<main>", '<header><a href="/">Old mill</a></header><main>')
    assert visit(html, text).body == text
    sunday = html.replace("Saturdays", "Sundays")
    assert visit(sunday, text).body == text.replace("Saturdays", "Sundays")


def page(construct: str, *, before: str = BEFORE, after: str = AFTER, last: str = "") -> str:
    return (
        '<html><head><title>Visit | Old mill</title><meta name="description" content="When it grinds."></head>'
        f"<body><main><p>{before}</p>{construct}<p>{after}</p>{last}</main></body></html>"
    )


def body(construct: str, *, before: str = BEFORE, after: str = AFTER) -> str:
    return f"\n{before}\n\n{construct}\n\n{after}\n"


def visit(html: str, stored: str, *accept: str) -> Refreshed:
    return refresh(html, url=URL, stored=stored, accept=frozenset(accept))


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_what_an_importer_explains_stays(name: str) -> None:
    construct, stored = CONSTRUCTS[name]
    assert visit(page(construct), body(stored)).body == body(stored)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_word_beside_it_is_written_alone(name: str) -> None:
    construct, stored = CONSTRUCTS[name]
    changed = BEFORE.replace("Saturdays", "Sundays")
    assert visit(page(construct, before=changed), body(stored)).body == body(stored, before=changed)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_paragraph_beside_it_is_written(name: str) -> None:
    construct, stored = CONSTRUCTS[name]
    more = "The miller answers questions at noon, and shows how the stones are dressed with a bill."
    written = visit(page(construct, after=f"{more}</p><p>{AFTER}"), body(stored)).body
    assert written.replace(f"{more}\n\n", "", 1) == body(stored)


@pytest.mark.parametrize("name", EDGES)
def test_what_repeats_what_the_page_says_of_itself_stays_at_the_edge(name: str) -> None:
    around, last = EDGES[name]
    text = "\n" + around.format(f"{BEFORE}\n\n{AFTER}") + "\n"
    assert visit(page("", last=last), text).body == text
    changed = BEFORE.replace("Saturdays", "Sundays")
    assert visit(page("", before=changed, last=last), text).body == text.replace("Saturdays", "Sundays")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("attributes", "arrive", "leave"),
        ("attributes", "helps", "hinders"),
        ("marked text", "repairs", "painting"),
        ("address", "first", "early"),
        ("definitions", "poured", "tipped"),
        ("formula", "minute", "second"),
        ("icon", "welcome", "forbidden"),
        ("links joined to the root of the site", "the top", "the end"),
        ("links joined to the root of the site", "See", "Read"),
        ("attributes with spaces", "arrive", "leave"),
        ("kind of a callout, and its title", "outside", "inside"),
        ("title of a callout", "outside", "inside"),
        ("inserted text", "oats", "wheat"),
        ("quotes of a language", "wonder", "marvel"),
        ("formula between dollars", "cogs", "teeth"),
        ("name of a picture", "gate", "door"),
        ("letters of a list as text", "axle", "wheel"),
        ("words of critics", "now", "too"),
        ("address of mail", "for it", "for that"),
        ("link of a wiki", "old stones</a>", "old wheels</a>"),
        ("cells that are repeated", "Friday", "Sunday"),
        ("numbers of lines beside code", "rye", "oats"),
        ("term in a line with its definition", "box", "chest"),
        ("grid", "late", "noon"),
        ("plain links", "us here", "us there"),
        ("plain links", "weekdays", "Sundays"),
    ],
)
def test_a_word_in_the_same_block_is_exchanged(name: str, old: str, new: str) -> None:
    construct, stored = CONSTRUCTS[name]
    text = body(stored.replace(old.removesuffix("</a>"), new.removesuffix("</a>")))
    assert visit(page(construct.replace(old, new)), body(stored)).body == text


def test_a_new_block_has_no_links_where_the_body_has_none() -> None:
    construct, stored = CONSTRUCTS["plain links"]
    more = '<p>The miller answers questions <a href="/when">at noon</a>, and shows how the stones are dressed.</p>'
    written = visit(page(construct + more), body(stored)).body
    assert written == body(f"{stored}\n\nThe miller answers questions at noon, and shows how the stones are dressed.")


def test_a_title_that_runs_into_the_text_stays() -> None:
    stored = f"\nVisit | Old mill[The old mill](https://mill.example/)\n\n{BEFORE}\n\n{AFTER}\n"
    html = page("").replace("<main>", '<header><a href="/">The old mill</a></header><main>')
    assert visit(html, stored).body == stored


@pytest.mark.parametrize(
    "title", [f"[Visit | Old mill]({URL})", f"# [Visit | Old mill]({URL})", "**Visit | Old mill**"]
)
def test_a_title_above_the_heading_of_the_page_stays(title: str) -> None:
    stored = f"\n{title}\n\n# Visit\n\n{BEFORE}\n\n{AFTER}\n"
    html = page("").replace("<main>", "<main><h1>Visit</h1>")
    assert visit(html, stored).body == stored
    assert visit(html.replace("Saturdays", "Sundays"), stored).body == stored.replace("Saturdays", "Sundays")


def test_what_is_explained_is_reported_and_can_be_accepted() -> None:
    construct, stored = CONSTRUCTS["marked text"]
    held = visit(page(construct), body(stored)).held
    assert {one.reason for one in held} == {Noise.IMPORTER}
    accepted = visit(page(construct), body(stored), "importer").body
    assert accepted == body(stored.replace("==", ""))


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Updated: June 4, 2025", ""),  # no title, and no address
        ("The weir is repaired in June, so that the wheel stands still for a while.", ""),
        ("It is open [1]daily.", "It is open daily."),  # a number that no list explains
        ("See https://elsewhere.example/old for more of it.", "See for more of it."),  # the page leads there no more
        ("Whoever comesby car may park.", "Whoever comes by car may park."),  # within one text of the page
        ("Use a = b here.", "Use a b here."),
    ],
)
def test_what_nothing_explains_is_a_change(stored: str, shown: str) -> None:
    written = visit(page(f"<p>{shown}</p>" if shown else ""), body(stored)).body
    assert written == (body(shown) if shown else f"\n{BEFORE}\n\n{AFTER}\n")


def test_an_address_in_brackets_is_no_trace_where_links_are_written_as_markdown_has_them() -> None:
    """There it is what the page said, and a change where the page makes a link of it."""
    html = "<p>See <a href='/b'>how to reach us</a>.</p><p>See <a href='#ferry'>the ferry</a> from the quay.</p>"
    stored = "See [how to reach us](/b).\n\nSee \\[the ferry\\] (#ferry) from the quay.\n"
    assert (
        "See [the ferry](#ferry) from the quay."
        in refresh(f"<main>{html}</main>", url="https://x.example/", stored=stored).body
    )


LINES = f"\nThe mill\n{BEFORE}\nHow to arrive\nBy train to Milltown, then a mile on foot along the river.\n{AFTER}\n"
SHOWN = (
    f"<main><h1>The mill</h1><p>{BEFORE}</p><h2>How to arrive</h2>"
    f"<p>By train to Milltown, then a mile on foot along the river.</p><p>{AFTER}</p></main>"
)


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        (SHOWN.replace("a mile", "two miles"), LINES.replace("a mile", "two miles")),
        (
            SHOWN.replace("</h2>", "</h2><p>Cars stay at the bridge.</p>"),
            LINES.replace("By", "Cars stay at the bridge.\nBy"),
        ),
        (SHOWN.replace("How to arrive", "How to get here"), LINES.replace("How to arrive", "How to get here")),
    ],
)
def test_lines_of_plain_text_are_its_blocks(shown: str, written: str) -> None:
    assert visit(shown, LINES).body == written
    assert visit(shown, written).body == written


def test_what_a_person_edited_in_a_line_of_plain_text_stays() -> None:
    edited = LINES.replace("Milltown", "Milltown Halt")
    shown = parse(SHOWN.replace("to fill the sacks", "to carry the sacks"), URL)
    found = refresh_page(shown, edited, past=Past(LINES))
    assert found.body == edited.replace("to fill the sacks", "to carry the sacks")


# As text browsers write it: a margin, lists that are drawn, quotes that are indented, signs that nothing escapes.
DUMP = """   [1]Old mill

                                     Visit

   The mill grinds on Saturdays from March to October, and whoever comes
   early may help to fill the sacks.

     * Bring a sack
     * Bring *two* of them

     What is ground stays ground.

   Use mill_name_long and <rye> here; 5 > 3.

   Bring a bag of your own if you want to take some flour home with you at
   the end of the day.

References

   1. https://mill.example/
"""
DUMPED = (
    f'<header><a href="/">Old mill</a></header><main><h1>Visit</h1><p>{BEFORE}</p>'
    "<ul><li>Bring a sack</li><li>Bring *two* of them</li></ul><blockquote>What is ground stays ground.</blockquote>"
    f"<p>Use mill_name_long and &lt;rye&gt; here; 5 &gt; 3.</p><p>{AFTER}</p></main>"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [("a sack", "a basket"), ("is ground stays", "was ground stays"), ("of them", "of them each"), ("here;", "there;")],
)
def test_words_of_plain_text_are_exchanged_where_they_stand(old: str, new: str) -> None:
    written = visit(DUMPED.replace(old, new), DUMP).body
    assert written == DUMP.replace(old, new)
    assert visit(DUMPED.replace(old, new), written).body == written


def test_a_paragraph_that_comes_into_plain_text_has_its_margin_and_width() -> None:
    more = "<p>The <b>miller</b> answers all questions at noon, and shows how the stones are dressed with a bill.</p>"
    written = visit(DUMPED.replace("<ul>", f"{more}<ul>"), DUMP).body
    lines = (
        "   The miller answers all questions at noon, and shows how the stones are\n   dressed with a bill.\n\n"
        "     * Bring a sack"
    )
    assert written == DUMP.replace("     * Bring a sack", lines)


def test_a_body_without_titles_of_its_page_may_be_markdown_without_marks() -> None:
    stored = f"\n{BEFORE}\n\nThe stones are dressed.\n\n{AFTER}\n"
    html = page("<p>The stones are <b>not</b> dressed.</p>").replace("<main>", "<main><h1>Visit</h1>")
    assert "**not**" in visit(html, stored).body
    assert "## Prices" in visit(html.replace(f"<p>{AFTER}", f"<h2>Prices</h2><p>None.</p><p>{AFTER}"), stored).body


def test_a_block_that_moved_keeps_the_attributes_that_its_importer_wrote() -> None:
    """No page shows them, and so it is known again without them."""
    fare = '<p>A ride costs <a class="fare" href="/fares">four crowns</a> each way.</p>'
    written = "A ride costs [four crowns](/fares){.fare} each way."
    end = "The last boat goes back at six, and whoever misses it has a long walk through the fields ahead."
    page = f"<main><h1>The mill</h1><p>{BEFORE}</p><p>{AFTER}</p>{fare}<p>{end}</p></main>"
    stored = f"# The mill\n\n{BEFORE}\n\n{written}\n\n{AFTER}\n\n{end}\n"
    assert refresh(page, url=URL, stored=stored).body == f"# The mill\n\n{BEFORE}\n\n{AFTER}\n\n{written}\n\n{end}\n"


def test_an_address_that_is_a_link_in_markdown_is_the_pages_own() -> None:
    """It is exchanged with its link, though the page leads to it elsewhere, too."""
    body = f"# Visits\n\n{BEFORE}\n\nSee <https://mill.example/rules> or [the rules](https://mill.example/rules).\n\n{AFTER}\n"
    page = (
        f"<main><h1>Visits</h1><p>{BEFORE}</p><p>See <a href=/house>https://mill.example/house</a> "
        f"or <a href=/rules>the rules</a>.</p><p>{AFTER}</p></main>"
    )
    assert refresh(page, url=URL, stored=body).body == body.replace("example/rules>", "example/house>")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Written in <mark>one night</mark> of May.", "Written in <mark>two nights</mark> of May."),
        ("Rye is <span id='a'>dear</span> now.", "Rye is <span id='a'>cheap</span> now."),
    ],
)
def test_tags_around_a_word_that_is_exchanged_stay(stored: str, shown: str) -> None:
    assert visit(page(f"<p>{shown}</p>"), body(stored)).body == body(shown)


def test_a_definition_of_a_note_stays_one_where_the_page_has_its_number_as_text() -> None:
    html = page(
        '<p>Built by {}.<a href="#n"><sup>1</sup></a></p>'.format("nuns"), last='<p id="n">1. Says the abbey.</p>'
    )
    stored = body("Built by {}.[^1]") + "\n[^1]: Says the abbey.\n"
    assert visit(html, stored.format("monks")).body == stored.format("nuns")


def test_a_table_that_is_drawn_with_bars_stays_one_where_a_cell_changes() -> None:
    drawn = "| Day    | Open |\n|--------+------|\n| Friday | {}  |"
    html = page("<table><tr><th>Day</th><th>Open</th></tr><tr><td>Friday</td><td>late</td></tr></table>")
    assert visit(html, body(drawn.format("noon"))).body == body(drawn.format("late"))


def test_new_text_before_a_table_without_a_head_brings_no_head() -> None:
    html = "<table><tr><td>Friday</td><td>from noon</td></tr><tr><td>Monday</td><td>never</td></tr></table>"
    more = "The miller answers questions at noon, and shows how the stones are dressed with a bill."
    stored = "Friday\tfrom noon\nMonday\tnever"
    assert visit(page(f"<p>{more}</p>{html}"), body(stored)).body == body(f"{more}\n\n{stored}")


TABLES = "<table><tr><th>Day</th><th>Open</th></tr><tr><td>{}</td><td>noon</td></tr></table>"


def test_a_kind_of_block_of_which_the_body_has_none_is_left_out_where_the_page_has_several() -> None:
    html = page(TABLES.format("Friday"), last=TABLES.format("Monday") + "<p>All days are listed at the gate, too.</p>")
    stored = body("x").replace("x\n\n", "") + "\nAll days are listed at the gate, too.\n"
    seen = visit(html, stored)
    assert seen.body == stored
    assert {held.reason for held in seen.held} == {Noise.IMPORTER}


def test_a_kind_of_block_of_which_the_body_has_some_has_come_in() -> None:
    html = page(TABLES.format("Friday"), last=TABLES.format("Monday") + "<p>All days are listed at the gate, too.</p>")
    stored = body("| Day | Open |\n| --- | --- |\n| Friday | noon |") + "\nAll days are listed at the gate, too.\n"
    assert "| Monday | noon |" in visit(html, stored).body


def test_what_the_page_still_says_beside_its_text_has_not_gone() -> None:
    logo = '<header><h1><a href="/"><img src="/logo.png" alt="Oldmill"></a></h1></header>'
    html = page("").replace("<body>", f"<body>{logo}")
    stored = f"\n# [Oldmill](/)\n\n{BEFORE}\n\n{AFTER}\n"
    assert visit(html, stored).body == stored
    assert visit(html.replace("Saturdays", "Sundays"), stored).body == stored.replace("Saturdays", "Sundays")


@pytest.mark.parametrize("kinds", ["   #[1]alternate [2]canonical", "   Link: alternate\n   Link: canonical"])
def test_the_links_of_the_head_stay_that_browsers_of_text_list(kinds: str) -> None:
    links = '<link rel="alternate" href="/feed"><link rel="canonical" href="/guide/visit">'
    html = page("").replace("<head>", f"<head>{links}")
    stored = f"\n{kinds}\n\n{BEFORE}\n\n{AFTER}\n"
    assert visit(html, stored).body == stored
    assert visit(html.replace("Saturdays", "Sundays"), stored).body == stored.replace("Saturdays", "Sundays")


def test_the_heading_that_is_the_title_of_the_page_is_left_out_where_the_body_has_none() -> None:
    lead = "All guides to the mill and to the weir below it"
    html = page("").replace("<main>", f"<main><p>{lead}</p><h1>Visit</h1>")
    stored = f"\nVisit | Old mill\n\n{lead}\n\n{BEFORE}\n\n{AFTER}\n"
    assert visit(html, stored).body == stored
    assert visit(html.replace("Saturdays", "Sundays"), stored).body == stored.replace("Saturdays", "Sundays")


@pytest.mark.parametrize(("one", "two"), [("01", "02"), (" 9", "10"), ("7:", "8:")])
def test_numbers_of_lines_stay_as_they_are_written(one: str, two: str) -> None:
    stored = f"```\n{one} open(gate)\n{two} grind({{}})\n```"
    html = page("<pre><code>open(gate)\ngrind(oats)\n</code></pre>")
    assert visit(html, body(stored.format("rye"))).body == body(stored.format("oats"))


def test_a_heading_in_capitals_stays_behind_a_new_paragraph() -> None:
    construct, stored = CONSTRUCTS["heading in capitals"]
    more = "The miller answers questions at noon, and shows how the stones are dressed with a bill."
    assert visit(page(f"<p>{more}</p>{construct}"), body(stored)).body == body(f"{more}\n\n{stored}")


def test_a_box_stays_around_its_text_behind_a_new_paragraph() -> None:
    construct, stored = CONSTRUCTS["fenced box"]
    more = "The miller answers questions at noon, and shows how the stones are dressed with a bill."
    assert visit(page(f"<p>{more}</p>{construct}"), body(stored)).body == body(f"{more}\n\n{stored}")


def test_a_link_keeps_the_end_of_its_address_where_a_word_beside_it_changes() -> None:
    stored = "See [the plan](https://mill.example/plan) of {}."
    html = page('<p>See <a href="/plan/">the plan</a> of two floors.</p>')
    assert visit(html, body(stored.format("all floors"))).body == body(stored.format("two floors"))


def test_links_that_were_joined_without_the_base_of_the_page_stay() -> None:
    stored = f"\n{BEFORE}\n\nSee [the plan](https://mill.example/guide/plan) first.\n\n{AFTER}\n"
    html = page('<p>See <a href="plan">the plan</a> first.</p>').replace("<head>", '<head><base href="/other/">')
    assert visit(html, stored).body == stored


def test_keys_with_colons_in_their_names_are_front_matter() -> None:
    text = f"\n---\nmeta-og:title: Visit\nmeta-og:image:height: '630'\n---\n\n{BEFORE}\n\n{AFTER}\n"
    assert visit(page(""), text).body == text


def test_an_item_that_goes_goes_although_the_page_has_another_such_item_elsewhere() -> None:
    sorts = "<ul>{}<li>Oats</li><li>Spelt</li></ul><h2>On Mondays</h2><ul><li>Barley</li><li>Black rye</li></ul>"
    stored = "  • Black rye\n  • Oats\n  • Spelt\n\nOn Mondays\n\n  • Barley\n  • Black rye"
    assert visit(page(sorts.format("<li>Black rye</li>")), body(stored)).body == body(stored)
    assert visit(page(sorts.format("")), body(stored)).body == body(stored.removeprefix("  • Black rye\n"))


@pytest.mark.parametrize("version", ["?v=a81", "?v=c40"])
def test_definitions_that_are_wrapped_stay_beside_new_text(version: str) -> None:
    pictures = "".join(f'<img src="/plans/of-the-old-{name}.png{version}" alt="">' for name in ("mill", "weir"))
    more = "The miller answers questions at noon, and shows how the stones are dressed with a bill."
    stored = (
        f"\n![][1] ![][2] These are the plans of both.\n\n{BEFORE}\n\n{{}}{AFTER}\n\n"
        "   [1]: https://mill.example/plans/of-the-old-\nmill.png?v=a81\n\n"
        "   [2]: https://mill.example/plans/of-the-old-\nweir.png?v=a81\n"
    )
    html = page(f"<p>{more}</p>").replace("<main>", f"<main><p>{pictures} These are the plans of both.</p>")
    assert visit(html, stored.format("")).body == stored.format(f"{more}\n\n")


@pytest.mark.parametrize("label", ["abbey", "old-abbey"])
@pytest.mark.parametrize("shown", ["1", "[1]", "<sup>1</sup>", "{}"])
def test_a_reference_to_a_note_stays_beside_a_word_that_changes(label: str, shown: str) -> None:
    note = '<section><ol><li id="n1">Says the abbey of the weir.</li></ol></section>'
    html = page(f'<p>Built by nuns<a href="#n1">{shown.format(label)}</a> in 1790.</p>', last=note)
    stored = body(f"Built by {{}}[^{label}] in 1790.") + f"\n[^{label}]: Says the abbey of the weir.\n"
    assert visit(html, stored.format("monks")).body == stored.format("nuns")


@pytest.mark.parametrize("begun", ["  • ", "    - ", "        + "])
def test_a_new_item_of_plain_text_is_begun_as_those_around_it(begun: str) -> None:
    html = page("<h2>What is ground</h2><ul><li>Oats and bran</li><li>{}Spelt and emmer</li><li>Barley</li></ul>")
    stored = body(f"What is ground\n\n{begun}Oats and bran\n{{}}{begun}Spelt and emmer\n{begun}Barley")
    new = f"{begun}Rye from the valley\n"
    assert visit(html.format("Rye from the valley</li><li>"), stored.format("")).body == stored.format(new)


@pytest.mark.parametrize("box", ["::: warning\n{}\n:::", "::: warning :::\n{}\n:::", "!!! warning\n    {}"])
def test_the_name_of_a_box_stays_where_a_word_in_the_box_changes(box: str) -> None:
    html = page('<div class="warning"><p>The oven is very hot, so mind it.</p></div>')
    stored = body(box.format("The oven is hot, so mind it."))
    assert visit(html, stored).body == stored.replace("is hot", "is very hot")


def test_a_word_changes_beside_signs_that_nothing_escapes() -> None:
    html = page("<p>Ask &lt;miller@mill.example&gt; for {}.</p><pre>open --gate\n# or\nclose {}</pre>")
    stored = body("Ask <miller@mill.example> for {}.\n\nopen --gate\n# or\nclose {}")
    assert visit(html.format("a key", "--all"), stored.format("a tour", "-")).body == stored.format("a key", "--all")


@pytest.mark.parametrize("margin", ["    ", "\t", "  "])
def test_a_line_that_is_exchanged_stands_as_the_one_in_whose_place_it_is(margin: str) -> None:
    """Though the page has a definition there, and the importer a line below a line."""
    html = page("<dl><dt>Hopper</dt><dd>{}</dd><dt>Weir</dt><dd>Where water waits.</dd></dl><p>Ask for more.</p>")
    stored = body(f"Hopper\n{margin}{{}}\nWeir\n{margin}Where water waits.\n\nAsk for more.")
    assert visit(html.format("Oak boxes."), stored.format("A wooden box.")).body == stored.format("Oak boxes.")


def test_an_address_behind_a_link_ends_with_its_bracket_where_no_space_follows() -> None:
    html = page('<p>水車は<a href="/weir">古い堰</a>の{}にあります。</p>')
    stored = body("水車は古い堰 [https://mill.example/weir]の{}にあります。")
    assert visit(html.format("となり"), stored.format("となり")).body == stored.format("となり")
    assert visit(html.format("うしろ"), stored.format("となり")).body == stored.format("うしろ")


def test_a_comment_in_code_that_nothing_marks_is_no_heading_of_a_plain_text() -> None:
    """What changes there gets no marks either."""
    html = page("<h2>Settings</h2><p>Speed: <code>{}</code></p><pre># slower\nspeed = 1</pre>")
    stored = body("Settings\n\nSpeed: {}\n\n# slower\nspeed = 1")
    assert visit(html.format("15"), stored.format("12")).body == stored.format("15")


def test_a_picture_that_the_body_leaves_out_does_not_come_where_the_text_before_it_goes() -> None:
    html = page('{}<p><img src="/img/wheel.png" alt="The wheel"></p><hr>')
    stored = body("Flour is sold by the pound, in paper.")
    assert visit(html.format("<p>Flour is sold by the pound, in paper.</p>"), stored).body == stored
    assert visit(html.format(""), stored).body == f"\n{BEFORE}\n\n{AFTER}\n"


@pytest.mark.parametrize("tag", ["kbd", "samp"])
def test_keys_that_are_stored_as_tags_come_and_stay_as_such(tag: str) -> None:
    html = page(f"<p>Press <{tag}>Ctrl</{tag}>+<{tag}>W</{tag}> to stop it at once.</p>")
    stored = body(f"Press <{tag}>Ctrl</{tag}>+<{tag}>S</{tag}> to stop it ~~gently~~ at once.")
    now = body(f"Press <{tag}>Ctrl</{tag}>+<{tag}>W</{tag}> to stop it at once.")
    assert visit(html, stored).body == now
