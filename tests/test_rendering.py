"""Markup is read as browsers show it: shadow roots, formulas in scripts, lines that a style keeps, unknown elements."""

import pytest

from fetcher.merge.refresh import refresh

BEFORE = "The ferry crosses the fjord eight times a day, and waits for the bus from the station in the town."
AFTER = "Prams come along for nothing while the racks beside the lorries on the car deck have a place left for them."
TEX = '<script type="math/tex">v = s / t</script>'


def filled(html: str, head: str = "") -> str:
    """What a seed without a body gets of a page between two paragraphs."""
    main = f"<main><p>{BEFORE}</p>{html}<p>{AFTER}</p></main>"
    page = f"<html><head><title>Ferry</title>{head}</head><body>{main}</body></html>"
    body = refresh(page, url="https://ferry.example/", stored="").body
    assert body.startswith(f"\n{BEFORE}\n\n")
    assert body.endswith(f"\n\n{AFTER}\n")
    return body.removeprefix(f"\n{BEFORE}\n\n").removesuffix(f"\n\n{AFTER}\n")


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        # A declared shadow root shows what it holds, and in its slots what its host holds.
        (
            (
                '<div class="cm-editor"><div class="cm-content" data-language="sql"><div class="cm-line">select 1</div>'
                '<div class="cm-line">  from deck</div></div></div>'
            ),
            "```sql\nselect 1\n  from deck\n```",
        ),
        (
            '<div class="poem"><div class="verse-line">Rocked</div><div class="verse-line">by waves</div></div>',
            "Rocked\n\nby waves",
        ),
        (
            '<deck-plan><template shadowrootmode="open"><p>Above: <slot></slot></p></template>the café</deck-plan>',
            "Above: the café",
        ),
        (
            (
                '<x-a><template shadowrootmode="open"><slot name="t"></slot><p>Ends here.</p></template>'
                '<b slot="t">Lights</b></x-a>'
            ),
            "**Lights**\n\nEnds here.",
        ),
        # Another script draws the formula that a script holds, and it is written once.
        (f"<p>Its speed is {TEX} knots.</p>", "Its speed is $`v = s / t`$ knots."),
        (
            f'<p>Its speed is <span class="MathJax_Preview">v</span>{TEX} knots.</p>',
            "Its speed is $`v = s / t`$ knots.",
        ),
        # A style keeps the lines of code, and not those of a poem.
        ('<div style="white-space: pre; font-family: monospace">dep  9\narr 10</div>', "```\ndep  9\narr 10\n```"),
        ('<p style="white-space: pre-wrap">Rocked by\nthe waves</p>', "Rocked by the waves"),
        # A table that has numbers of lines beside code, a row for each line or for all; one of data stays a table.
        (
            (
                '<table>\n<tr>\n<td class="line-number" data-n="1"></td>\n<td>cast off</td>\n</tr>'
                '<tr><td class="line-number">2</td><td>&nbsp; set sail</td></tr></table>'
            ),
            "```\ncast off\n  set sail\n```",
        ),
        (
            (
                '<div class="highlighter sh"><table><tr><td class="gutter"><div>1</div><div>2</div></td>'
                "<td><div>cast off</div><div><code>set</code> <code>sail</code></div></td></tr></table></div>"
            ),
            "```sh\ncast off\nset sail\n```",
        ),
        (
            "<table><tr><td class=num>1<td>Deck<tr><td class=num>2<td>Hold</table>",
            "|  |  |\n| --- | --- |\n| 1 | Deck |\n| 2 | Hold |",
        ),
        # A box of code whose lines are elements.
        (
            '<div class="code-listing"><div class="line">cast off</div>\n<div class="line">set sail</div></div>',
            "```\ncast off\nset sail\n```",
        ),
        (
            '<div class="address"><div class="line">Quay 3</div>\n<div class="line">Harbour</div></div>',
            "Quay 3\n\nHarbour",
        ),
        # An unknown element is part of a line, unless a style shows it as a block.
        ("<p>On deck <x-n>two</x-n> of five.</p>", "On deck two of five."),
        ('<x-r style="display: block">Pier one</x-r><x-r style="display:grid">Pier two</x-r>', "Pier one\n\nPier two"),
        ('<x-r style="display:flex"><x-c>Adults</x-c><x-c>Four crowns</x-c></x-r>', "Adults\n\nFour crowns"),
        (
            "<p>Two decks<label for=n></label><input type=checkbox id=n><span>Once three.</span></p>",
            "Two decks Once three.",
        ),
        # Boxes in a row stand apart, and lines of code have no blanks for that.
        (
            (
                '<pre><span style="display:flex"><i style="user-select:none">1</i><b>cast off\n</b></span>'
                '<span style="display:flex"><i style="user-select:none">2</i><b>set sail\n</b></span></pre>'
            ),
            "```\ncast off\nset sail\n```",
        ),
        ('<p style="display: inline-flex"><b>Car</b><i>nine crowns</i></p>', "**Car** *nine crowns*"),
    ],
)
def test_markup_is_read_as_browsers_show_it(html: str, shown: str) -> None:
    assert filled(html) == shown


def test_a_style_sheet_of_the_page_makes_unknown_elements_blocks() -> None:
    sheet = "<style>x-n { color: red } x-r, x-s { display: block }</style>"
    assert filled("<x-r>Pier one</x-r><x-s>Pier two</x-s>", sheet) == "Pier one\n\nPier two"
    assert filled("<p>Pier <x-n>one</x-n></p>", sheet) == "Pier one"
