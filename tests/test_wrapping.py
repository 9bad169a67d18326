"""In a body whose lines are wrapped, a change is wrapped as its importer would, and other lines stay."""

import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.markdown.reading.blocks import parse
from fetcher.merge.merge import merge
from fetcher.merge.refresh import refresh
from fetcher.merge.wrapping import rewrapped

URL = "https://mill.example/guide"
WORDS = (
    "the miller grinds rye and wheat from the farms of the valley and sells the flour at the gate to whoever comes by"
    " with a sack of his own while his daughter looks after the wheel which stands still when the brook is frozen"
).split()
COLUMNS = pytest.mark.parametrize("column", [60, 72, 78, 80])


def paragraph(number: int) -> str:
    words = [WORDS[(number * 7 + at) % len(WORDS)] for at in range(60)]
    return f"Sack {number} holds what {' '.join(words)} again."


def wrapped(text: str, column: int, indent: str = "", later: str = "") -> str:
    return textwrap.fill(
        text, column, break_long_words=False, break_on_hyphens=False, initial_indent=indent, subsequent_indent=later
    )


EDITS: list[Callable[[str], str]] = [
    lambda text: text.replace("sells the flour", "sells the finest white flour there is"),
    lambda text: text.replace("from the farms of the valley ", ""),
    lambda text: text.replace("wheel", "pump"),
    lambda text: f"As ever, {text}",
    lambda text: f"{text} Nobody pays before noon, and nobody asks for more than three sacks a day.",
    lambda text: text.split(" and ", 1)[1],
    lambda _: "",
    lambda text: text.replace("gate", "<a href='/the gate'>back door</a>").replace("brook", "<code>b r o o k</code>"),
]


@COLUMNS
@pytest.mark.parametrize("edit", EDITS)
def test_a_changed_paragraph_is_filled_again(column: int, edit: Callable[[str], str]) -> None:
    """With its importer's column, which the other paragraphs show."""
    texts = [paragraph(number) for number in range(8)]
    after = [edit(text) if at == 3 else text for at, text in enumerate(texts)]
    html = "".join(f"<p>{text}</p>" for text in after)
    shown = (
        text.replace("<a href='/the gate'>", "[").replace("</a>", "](https://mill.example/the%20gate)")
        for text in after
        if text
    )
    shown = (text.replace("<code>b r o o k</code>", "`b\0r\0o\0o\0k`") for text in shown)
    stored, want = (
        "\n# Mill\n\n" + "\n\n".join(wrapped(text, column) for text in each) + "\n" for each in (texts, shown)
    )
    result = refresh(f"<main><h1>Mill</h1>{html}</main>", url=URL, stored=stored).body
    assert result == want.replace("\0", " ")


@pytest.mark.parametrize("column", [60, 72, 78])
def test_items_and_quotes_are_filled_again(column: int) -> None:
    texts = [paragraph(number) for number in range(8)]
    after = [EDITS[0](text) for text in texts]
    quotes = "".join(f"<blockquote><p>{text}</p></blockquote><p>{text}</p>" for text in after[:4])
    html = f"<main><h1>Mill</h1>{quotes}<ul>{''.join(f'<li>{text}</li>' for text in after[4:])}</ul></main>"
    stored, want = (
        "\n# Mill\n\n"
        + "".join(f"{wrapped(text, column, '> ', '> ')}\n\n{wrapped(text, column)}\n\n" for text in each[:4])
        + "".join(f"{wrapped(text, column, '- ', '  ')}\n" for text in each[4:])
        for each in (texts, after)
    )
    # Some of the paragraphs stay, as the column is learned of those.
    stored, want = (f"{each}\nLast\n{wrapped(paragraph(20), column)}\n" for each in (stored, want))
    html = html.replace("</main>", f"<p>Last {paragraph(20)}</p></main>")
    assert refresh(html, url=URL, stored=stored).body == want


def test_lines_that_end_elsewhere_are_left() -> None:
    """A body with one sentence a line changes in the line that changed."""
    texts = [f"Sack {number} is full. It weighs a lot of stones, as ever. Nobody lifts it. " for number in range(8)]
    stored = "\n# Mill\n\n" + "\n\n".join(text.strip().replace(". ", ".\n") for text in texts) + "\n"
    html = "".join(f"<p>{text}</p>" for text in texts).replace("Sack 3 is full", "Sack 3 is as full as it can be today")
    result = refresh(f"<main><h1>Mill</h1>{html}</main>", url=URL, stored=stored).body
    assert result == stored.replace("Sack 3 is full", "Sack 3 is as full as it can be today")


SHELF = "https://library.example/shelves/what-every-miller-should-know-about-running-water"


def about_water(verb: str = "know", link: str = "the old book on", shelf: str = SHELF, extra: str = "") -> str:
    return (
        f"<main><h1>Mill</h1><p>{paragraph(1)}</p><p>Whoever likes to {verb} more about it should borrow "
        f"<a href='{shelf}'>{link} water</a>, which says all of it on a few pages, with a drawing of every wheel.</p>"
        f"{extra}<p>{paragraph(2)}</p></main>"
    )


@pytest.mark.parametrize(
    "html",
    [
        about_water(),
        about_water(verb="learn"),
        about_water(verb="read and understand a good deal"),
        about_water(link="a book on"),
        about_water(link="the well-kept and by now rather old book on"),
        about_water(shelf=SHELF.replace("-running-", "-still-")),
        about_water(extra=f"<p>{paragraph(3)}</p>"),
    ],
)
def test_a_link_may_be_wrapped_within_its_address(html: str) -> None:
    """As html2text does it: the link is no change, and what changes beside it is wrapped likewise."""
    importer = pytest.importorskip("html2text")
    stored, wanted = (importer.HTML2Text(baseurl=URL).handle(page) for page in (about_water(), html))
    assert "-\n" in stored
    result = refresh(html, url=URL, stored=stored)
    assert result.body == wanted
    assert not result.held
    assert refresh(html, url=URL, stored=result.body).body == result.body


def test_words_of_code_are_no_wrapped_address() -> None:
    """Neither in a block of code nor for whoever breaks lines elsewhere."""
    code = "```\n[water](https://library.example/run-\nning)\n```\n"
    assert parse(code).blocks[0].content.markup.code == ("[water](https://library.example/run-", "ning)")
    assert not parse("[water](/shelf/\nrunning)\n").blocks[0].links


@given(
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=60),
    st.integers(0, 59),
    st.lists(st.sampled_from(WORDS), max_size=9),
)
def test_filled_lines_are_those_of_a_new_fill(words: list[str], at: int, new: list[str]) -> None:
    """Wherever words come in, and whatever goes for them."""
    old = wrapped(" ".join(words), 40)
    changed = [*words[:at], *new, *words[at + 2 :]]
    source = old.replace("\n", " \0")
    parts = source.split(" ")
    loose = " ".join([*parts[:at], *new, *parts[at + 2 :]]).replace(" \0", "\n").replace("\0", "\n").lstrip("\n")
    if changed and loose.strip():
        assert rewrapped(loose + "\n", old + "\n", 40) == wrapped(" ".join(changed), 40) + "\n"


@pytest.mark.parametrize(
    ("definition", "label"),
    [("[1]: https://mill.example/prices/of/rye", "[1]"), ("[rye]: https://mill.example/prices/of/rye", "")],
)
def test_a_new_link_takes_the_room_that_it_takes_as_a_reference(definition: str, label: str) -> None:
    """Its address goes into a definition, wherever lines are filled before that."""
    words = (
        "Flour is milled on {} and whoever wants some of the [rye]{} has to ask for it before noon, or else to wait."
    )
    text = "Bran is sold by the sack behind the mill, at the same price in summer and in winter, and oats are not."
    before, after, rest = (textwrap.fill(each, 72) for each in (*(words.format(day, label) for day in _DAYS), text))
    link = "(https://mill.example/prices/of/oats)"
    fresh = f"{words.format(_DAYS[1], link)}\n\n{text}"
    body = merge(f"{before}\n\n{rest}\n\n{definition}", fresh).body
    assert body == f"{after}\n\n{rest}\n\n{definition.replace('of/rye', 'of/oats')}"


_DAYS = ("Mondays,", "Thursdays and Saturdays,")


def test_a_table_that_is_drawn_with_spaces_is_not_filled() -> None:
    text = textwrap.fill(
        "Flour is milled on Mondays, and whoever wants some of it has to ask for it before noon. " * 3, 72
    )
    for table in (
        "Grain    Price\nrye      four coins\noats     two coins\n",
        "Grain  Price\nrye  four\noats  two coins\n",
    ):
        stored = f"{text}\n\n{table}\n{text.replace('Mondays', 'Fridays')}\n"
        fresh = stored.replace("two coins", "three coins")
        assert merge(stored, fresh).body == fresh


def test_spaces_that_do_not_break_stay_in_lines_that_are_filled_again() -> None:
    old = "Flour is milled on Mondays at 6\u00a0o'clock, and whoever wants some of it has to ask for it.\n"
    assert rewrapped(old.replace("Mondays", "Fridays and Mondays"), old, 40).count("6\u00a0o'clock") == 1


@pytest.mark.parametrize(
    ("other", "is_long"), [("Chaff is free", True), ("Chaff is free, and who takes all of it\n    gets a coin", False)]
)
def test_items_are_not_filled_where_the_program_of_the_body_leaves_them_long(other: str, *, is_long: bool) -> None:
    """As html2text does unless it is asked to fill them, which an item of two lines tells."""
    text = textwrap.fill("Flour is milled on _Mondays_, and whoever wants some has to ask for it before noon. " * 3, 78)
    item = "Bran is sold by the sack behind the mill, at the same price in summer"
    fresh = f"{text.replace('_', '*')}\n\n- {item} and in winter, and oats are not\n- {' '.join(other.split())}\n"
    body = merge(f"{text}\n\n  * {item}\n  * {other}\n", fresh).body
    assert (f"  * {item} and in winter, and oats are not\n" in body) == is_long
