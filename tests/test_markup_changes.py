"""Marks that change although the words stay are changes, as far as the body's importer keeps such marks."""

import pytest

from fetcher.merge.refresh import refresh

URL = "https://library.example/rules"
FIRST = "The library opens at nine in the morning and closes when the last reader has gone home."
LAST = "Whoever loses a book pays for a new copy, and for the work of putting it on the shelf."
STRUCK = "Cards cost ~~two~~ three coins."


def brought_up(stored: str, html: str) -> str:
    page = f"<main><h1>Rules</h1><p>{FIRST}</p>{html}<p>{LAST}</p></main>"
    body = f"\n# Rules\n\n{FIRST}\n\n{stored}\n\n{LAST}\n"
    result = refresh(page, url=URL, stored=body).body
    assert refresh(page, url=URL, stored=result).body == result
    begin, end = body.split(stored)
    assert result.startswith(begin)
    assert result.endswith(end)
    return result.removeprefix(begin).removesuffix(end)


@pytest.mark.parametrize(
    ("stored", "html", "now"),
    [
        ("Pens are ~~free~~ here.", "<p>Pens are free here.</p>", "Pens are free here."),
        ("There are 3⁴ *old* books.", "<p>There are 34 <em>old</em> books.</p>", "There are 34 *old* books."),
        ("Type `a == b` here.", "<p>Type <code>a = b</code> here.</p>", "Type `a = b` here."),
        (
            "| Room | Plan |\n| --- | --- |\n| Hall | [see](/old) |",
            "<table><tr><th>Room<th>Plan<tr><td>Hall<td><a href=/new>see</a></table>",
            "| Room | Plan |\n| --- | --- |\n| Hall | [see](/new) |",
        ),
        ("Tea is H₂O.", "<p>Tea is H<sub>2</sub>O.</p>", "Tea is H₂O."),
        ("There are 3⁴ books.", "<p>There are 3<sup>4</sup> books.</p>", "There are 3⁴ books."),
        (
            f"{STRUCK}\n\nThe attic is open.",
            "<p>Cards cost <s>two</s> three coins.</p><p><del>The attic is open.</del></p>",
            f"{STRUCK}\n\n~~The attic is open.~~",
        ),
        (
            "```py\nif a:\n    b()\n    c()\n```",
            "<pre><code>if a:\n    b()\nc()\n</code></pre>",
            "```py\nif a:\n    b()\nc()\n```",
        ),
        ("```\na\nb\n```", "<pre><code>a\n\nb\n</code></pre>", "```\na\n\nb\n```"),
        ("    a\n\n    b", "<pre>a\nb</pre>", "    a\n    b"),
        (
            "Read [this](/a) first.\n\nThen the map.",
            "<p>Read <a href=/a>this</a> first.</p><p>Then the <a href=/m>map</a>.</p>",
            "Read [this](/a) first.\n\nThen the [map](/m).",
        ),
        ("Read [this](/a) first.", "<p>Read this first.</p>", "Read this first."),
    ],
)
def test_a_mark_that_comes_or_goes_is_written(stored: str, html: str, now: str) -> None:
    """Struck text, indentation, empty lines of code and links say something, whatever the words are."""
    assert brought_up(stored, html).replace("https://library.example", "") == now


@pytest.mark.parametrize(
    ("stored", "html"),
    [
        (
            "[Read](/a) [the map](../map.md) first.",
            "<p><a href=/a>Read</a> <a href=/m>the map</a> first.</p>",
        ),
        ("Cards cost two three coins.", "<p>Cards cost <del>two</del> <ins>three</ins> coins.</p>"),
        (STRUCK, "<p>Cards cost <strike>two</strike> three coins.</p>"),
        ("```\na\nb\n```", "<pre>    a\n    b  \n\n</pre>"),
        (
            "```\nread --all\n```\n\n```\nopen doorshut door\n```",
            "<pre>read --all</pre><pre><code><div>open door</div><div>shut door</div></code></pre>",
        ),
        ("See the top and the map.", "<p>See the <a href=#top>top</a> and the <a href=/m>map</a>.</p>"),
        ("See [the top](https://library.example/rules#top).", "<p>See <a href=#top>the top</a>.</p>"),
    ],
)
def test_what_an_importer_never_keeps_is_no_change(stored: str, html: str) -> None:
    """A body without a struck word or a link shows an importer that writes none."""
    assert brought_up(stored, html) == stored
