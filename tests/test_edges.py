"""Furniture at the edges of a body: menus before the text, lists of other pages after it."""

from fetcher.markdown.reading.blocks import parse
from fetcher.merge.held_back import edges
from fetcher.merge.merge import merge

MENU = "[Home](/)\n\n[Docs](/docs)\n\n[Blog](/blog)\n\n"
TEXT = (
    "# Title\n\nA paragraph that tells something at some length, as texts do, so that it is the greater part.\n\n"
    "More of it.\n"
)
OTHERS = "\n[Another page's title](/1)\n\n[One more page](/2)\n"


def found(markdown: str) -> tuple[str, str]:
    """What stands before and after the text."""
    text = parse(markdown)
    start, end = edges(text.blocks)
    return "".join(map(text.source, text.blocks[:start])), "".join(map(text.source, text.blocks[end:]))


def test_a_text_alone_has_no_edges() -> None:
    """Short last lines are not furniture by themselves."""
    assert found(TEXT) == ("", "")


def test_menus_before_the_text() -> None:
    """Links in a row before the text are a menu."""
    assert found(MENU + TEXT) == ("[Home](/)\n[Docs](/docs)\n[Blog](/blog)\n", "")


def test_other_pages_after_the_text() -> None:
    """Links after the text are other pages, with the last short line that introduces them."""
    assert found(TEXT + OTHERS)[1].endswith("[Another page's title](/1)\n[One more page](/2)\n")


def test_one_link_is_text() -> None:
    """A single link at the edge may be what the text leads to."""
    assert found(TEXT + "\n[Read on](/next)\n") == ("", "")


def test_a_body_of_links_is_a_list_of_links() -> None:
    """Furniture is never the greater part of a body."""
    assert found(MENU * 4) == ("", "")


def test_code_and_tables_end_the_edge() -> None:
    """No menu holds code or a table."""
    assert found(TEXT + OTHERS + "\n```\ncode\n```\n") == ("", "")


def test_an_empty_body() -> None:
    """Nothing has no edges."""
    assert edges([]) == (0, 0)


def test_a_link_that_is_called_otherwise_is_no_other_page() -> None:
    """Of lists that rotate, targets change; a form or a report of this year has the address of the last."""
    body = TEXT + "\n## Forms\n\n- [Form for groups](/a.pdf)\n- [Table of fees 2026](/b.pdf)\n"
    renamed, other = (
        body.replace("fees 2026", "fees 2027"),
        body.replace("[Table of fees 2026](/b", "[Ten new forms](/c"),
    )
    assert merge(body, renamed, base="https://library.example/").body == renamed
    assert merge(body, other, base="https://library.example/").body == body
