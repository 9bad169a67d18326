"""The merge: the stored body with what changed, and nothing else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.markdown.reading.blocks import Block, Text, parse
from fetcher.markdown.reading.wording import plain
from fetcher.merge.held_back import Merged
from fetcher.merge.merge import merge
from fetcher.terms.outcomes import Noise
from tests.test_blocks import SOUP
from tests.texts import Doc, Style, docs, edited, styles, write


@st.composite
def versions(draw: st.DrawFn) -> tuple[str, str]:
    """A stored text, and one that was edited and written by another converter."""
    doc = draw(docs)
    return write(doc, draw(styles)), write(draw(edited(doc)), draw(styles))


def held(merged: Merged) -> list[str]:
    return [change.held for change in merged.changes if change.held]


# --- laws ---


@given(docs | SOUP, styles)
def test_a_text_merged_with_itself(doc: Doc | str, style: Style) -> None:
    """Nothing changes, and no change is found."""
    text = doc if isinstance(doc, str) else write(doc, style)
    assert merge(text, text) == Merged(text)


@given(docs, styles, styles)
def test_another_dialect_changes_nothing(doc: Doc, one: Style, other: Style) -> None:
    """The same document, written by another converter, is no change."""
    assert merge(write(doc, one), write(doc, other)) == Merged(write(doc, one))


@given(versions())
def test_a_second_merge_changes_nothing(texts: tuple[str, str]) -> None:
    """What was merged is what the fresh text makes of it."""
    stored, fresh = texts
    once = merge(stored, fresh).body
    assert merge(once, fresh).body == once


@given(versions())
def test_no_word_is_lost_and_none_is_made_up(texts: tuple[str, str]) -> None:
    """Where nothing is held back, the merged text reads like the fresh one, in its order."""
    stored, fresh = texts
    merged = merge(stored, fresh)
    if not held(merged):
        assert plain(parse(merged.body).words) == plain(parse(fresh).words)


@given(versions())
def test_what_is_held_back_is_told(texts: tuple[str, str]) -> None:
    """Each word of the fresh text is in the merged one, or in a change that says why it is not."""
    stored, fresh = texts
    merged = merge(stored, fresh)
    known = {*parse(merged.body).words, *(word for change in merged.changes for word in parse(change.added).words)}
    assert {word for word in parse(fresh).words if word.isalnum()} <= known


@given(versions())
def test_what_is_said_the_same_keeps_its_bytes(texts: tuple[str, str]) -> None:
    """A stored block whose words and links the fresh text has keeps its source, wherever it moved to."""
    stored, fresh = texts
    body = merge(stored, fresh).body
    text = parse(stored)
    said = [_said(block) for block in text.blocks]
    for block in parse(fresh).blocks:
        if said.count(_said(block)) == 1 and len(block.words) >= 4:
            source = text.source(text.blocks[said.index(_said(block))])
            # A hard break at its end may come or go, and numbers run on where items come before it.
            assert _NUMBER.sub("", source.strip()).removesuffix("\\") in body


_NUMBER = re.compile(r"^[ >]*\d+[.)]")


def _said(block: Block) -> tuple[list[str], tuple[str, ...], list[str]]:
    return block.words, block.boxes, block.links


# --- what changes, changes alone ---

PANDOC = """
Announcements

# Title of \\$4

First paragraph, with@@
a hard break, and@@
a third line.

-   one item
-   another item

1)  first
2)  second

| Name | Price |
|------|-------|
| a    | \\$4   |
| b    | \\$5   |

> A quote of@@
> two lines.

``` shiki
x = 1
y = 2
z = 3
```

A [link](/there "title") and _emphasis_.
""".replace("@@", "  ")
FRESH = """Announcements

Title of $4
===========

First paragraph, with\\
a hard break, and\\
a third line.

* one item
* another item

1. first
2. second

| Name | Price |
| --- | --- |
| a | $4 |
| b | $5 |

> A quote of\\
> two lines.

~~~python
x = 1
y = 2
z = 3
~~~

A [link](https://example.org/there) and *emphasis*.
"""
BASE = "https://example.org/page"


def diff(old: str, new: str) -> list[tuple[str, str]]:
    """The stored body's lines before and after, where they differ, when `old` is `new` on the page."""
    assert FRESH.count(old) == 1
    stored, merged = PANDOC.split("\n"), merge(PANDOC, FRESH.replace(old, new), base=BASE).body.split("\n")
    gone = [line for line in stored if line not in merged]
    come = [line for line in merged if line not in stored]
    assert [line for line in stored if line in merged] == [line for line in merged if line in stored]
    return [("\n".join(gone), "\n".join(come))]


def test_another_converter_changes_nothing() -> None:
    """The whole body of another dialect keeps its bytes."""
    assert merge(PANDOC, FRESH, base=BASE) == Merged(PANDOC)


@pytest.mark.parametrize(
    ("old", "new", "gone", "come"),
    [
        pytest.param(
            "a hard break, and", "a soft break, and", "a hard break, and  ", "a soft break, and  ", id="broken line"
        ),
        pytest.param("| b | $5 |", "| b | $6 |", "| b    | \\$5   |", "| b    | \\$6   |", id="table cell"),
        pytest.param("y = 2", "y = 20", "y = 2", "y = 20", id="line of code"),
        pytest.param("another item", "another new item", "-   another item", "-   another new item", id="list item"),
        pytest.param("2. second", "2. third", "2)  second", "2)  third", id="number"),
        pytest.param("two lines", "many lines", "> two lines.", "> many lines.", id="quote"),
        pytest.param("Title of $4", "Title of $5", "# Title of \\$4", "# Title of \\$5", id="heading"),
        pytest.param("* another item", "* another item\n* third item", "", "-   third item", id="new item"),
        pytest.param("2. second", "2. second\n3. third", "", "3)  third", id="new number"),
        pytest.param("| b | $5 |", "| b | $5 |\n| c | $6 |", "", "| c    | $6    |", id="new row"),
        pytest.param("| a | $4 |\n", "", "| a    | \\$4   |", "", id="row that went"),
        pytest.param("* one item\n", "", "-   one item", "", id="item that went"),
        pytest.param("y = 2\n", "", "y = 2", "", id="line of code that went"),
        pytest.param(
            "(https://example.org/there)",
            "(/elsewhere)",
            'A [link](/there "title") and _emphasis_.',
            'A [link](/elsewhere "title") and _emphasis_.',
            id="link",
        ),
    ],
)
def test_only_the_changed_line_differs(old: str, new: str, gone: str, come: str) -> None:
    """One thing changes on the page: one line changes in the body, in the body's own dialect."""
    assert diff(old, new) == [(gone, come)]


def test_a_moved_block_keeps_its_bytes() -> None:
    """Where a paragraph moved to, it stands as it was stored."""
    stored = "# T\n\nmoved _words_ of \\$4 here\n\nstays where it is now\n\nand this stays as well\n"
    fresh = "# T\n\nstays where it is now\n\nand this stays as well\n\nmoved *words* of $4 here\n"
    body = merge(stored, fresh).body
    assert body == "# T\n\nstays where it is now\n\nand this stays as well\n\nmoved _words_ of \\$4 here\n"


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("Axes \\& ropes\n\n_Bring a lamp and boots_ with you.", "Axes & ropes\n\n*Bring a lamp and boots* with you."),
        ("* Bring a lamp and boots.\n\n* Axes \\& ropes", "- Bring a lamp and boots.\n- Axes & ropes"),
    ],
)
def test_what_stands_beside_a_moved_block_moves_with_it(stored: str, fresh: str) -> None:
    """Few words are known again by their neighbour, and what stood between both stays."""
    ways = [f"The {name} way leads along the brook, where it is dark, wet and narrow." for name in ("long", "short")]
    before = "\n\n".join([ways[0], stored, *ways[1:], f"{ways[1]} Nobody uses it."])
    after = "\n\n".join([*ways, f"{ways[1]} Nobody uses it.", fresh])
    assert merge(f"{before}\n", f"{after}\n").body == after.replace(fresh, f"{stored}\n")


def test_a_date_in_a_list_of_dates_is_no_time_that_changes_by_itself() -> None:
    """One alone, or in a list of other things, is."""
    older = "- [June 9, 2025](/terms/2025-06-09)\n- [May 2, 2024](/terms/2024-05-02)\n"
    new = "- [April 10, 2026](/terms/2026-04-10)\n"
    text = "# Terms\n\nThey were these before:\n\n{}\nWhoever uses the ferry accepts them.\n"
    assert merge(text.format(older), text.format(new + older)).body == text.format(new + older)
    assert merge(text.format(older), text.format(older.partition("\n")[2])).body == text.format(
        older.partition("\n")[2]
    )
    other = "- About tickets\n- About dogs\n"
    assert merge(text.format(other), text.format(new + other)).body == text.format(other)


@pytest.mark.parametrize("empty", ["\\", "&nbsp;", "\u00a0"])
def test_empty_paragraphs_around_a_text_that_is_exchanged_stay(empty: str) -> None:
    """Unless those of the page show: then they are the page's."""
    text = f"# Terms\n\n{empty}\n\n{{}}\n\n{empty}\n\n{empty}\n\nWhoever uses the ferry accepts them.\n"
    fresh = "# Terms\n\nSummer 2027\n\nWhoever uses the ferry accepts them.\n"
    assert merge(text.format("In force since May"), fresh).body == text.format("Summer 2027")
    fresh = fresh.replace("2027\n", f"2027\n\n{empty}\n")
    assert merge(text.format("In force since May"), fresh).body == fresh


def test_lines_of_a_paragraph_come_and_go() -> None:
    """A line that comes or goes takes its hard break with it, in the stored dialect."""
    stored = "one two  \nthree four\n\nother words\n"
    assert merge(stored, "one two\\\nthree four\\\nfive six\n\nother words\n").body == (
        "one two  \nthree four  \nfive six\n\nother words\n"
    )
    assert merge(stored, "one two\n\nother words\n").body == "one two\n\nother words\n"
    assert merge("one two\\\nthree four\n", "one two\n").body == "one two\n"


def test_links_to_other_files_stay() -> None:
    """A link that the importer rewrote to a file of the folder is no link of the page's."""
    stored = "See [the other page](other.md#part) for more.\n"
    assert merge(stored, "See [the other page](/other) for more.\n", base=BASE) == Merged(stored)


def test_tracking_is_no_change() -> None:
    """A link with another campaign in it leads to the same."""
    stored = "See [it](/a?utm_source=one).\n"
    assert merge(stored, "See [it](/a?utm_source=two).\n", base=BASE) == Merged(stored)


def test_line_ends_are_the_stored_ones() -> None:
    """New lines end as the stored ones do; a missing last line end stays missing."""
    assert (
        merge("one two\r\n\r\nlast words", "one two\n\nnew line\n\nlast words\n").body
        == "one two\r\n\r\nnew line\r\n\r\nlast words"
    )


def test_new_blocks_inside_of_quotes() -> None:
    """A new paragraph of a quote is parted from the others by a quoted blank line."""
    assert merge("> one two\n>\n> five six\n", "> one two\n>\n> three four\n>\n> five six\n").body == (
        "> one two\n>\n> three four\n>\n> five six\n"
    )


def test_quotes_with_a_blank_line_between_them_are_two() -> None:
    """A new quote before or behind another does not run into it; a paragraph of the same quote does."""
    stored = "> Bread is dear.\n\nSaid the miller, and ground on.\n"
    quotes = "> Rye was dearer.\n\n> Bread is dear.\n\n> Oats are not.\n>\n> Nor is bran.\n"
    fresh = stored.replace("> Bread is dear.\n", quotes)
    assert merge(stored, fresh).body == fresh


@pytest.mark.parametrize("new", ["That is all of it.\n\n{}", "## Oats\n\n{}That is all of it.\n", "## Oats\n\n{}"])
def test_new_code_has_the_lines_of_indent_around_it(new: str) -> None:
    """Whatever stands before it; code that stays keeps its own where another block comes between."""
    stored = "So:\n\n    \n    grind rye\n    \n\nThat is all of it.\n"
    fresh = stored.replace("That is all of it.\n", new.format("    \n    sift bran\n    \n\n")).rstrip("\n") + "\n"
    assert merge(stored, fresh).body == fresh
    headed = stored.replace("So:", "So:\n\n## Then")
    assert merge(stored, headed).body == headed


def test_what_ends_a_table_stands_behind_its_last_row() -> None:
    """Whatever follows it now, and a new row as well."""
    stored = "Grain| Price  \n---|---  \nrye| 4  \n  \nThe miller is paid in coins.\n\n## Oats\n\nNone are sold here.\n"
    headed = stored.replace("The", "## Bran\n\nThe")
    assert merge(stored, headed.replace("  \n  \n", "  \n\n")).body == headed
    longer = stored.replace("  \nThe", "oats| 2  \n  \nThe")
    assert merge(stored, longer).body == longer


def test_a_new_tight_list_does_not_end_as_the_items_with_paragraphs_do() -> None:
    stored = (
        "1.  Sift it.\n    \n    Twice.\n    \n2.  Grind it.\n    \n\nThen rest a while.\n\n## Oats\n\nNone are left.\n"
    )
    fresh = stored.replace("## Oats\n\n", "## Oats\n\n1.  Sow them\n2.  Wait for rain\n\n")
    assert merge(stored, fresh).body == fresh


def test_tables_stay_apart() -> None:
    """The head of a new table is no row of the one above."""
    one, other = "| a | b |\n|---|---|\n| c | d |\n", "| e | f |\n|---|---|\n| g | h |\n"
    assert merge("words that stay\n", f"{one}\n{other}\nwords that stay\n").body == f"{one}\n{other}\nwords that stay\n"


def test_links_change_each_in_its_place() -> None:
    """Of two links with the same target, the second may lead elsewhere now."""
    assert merge("- [a](/x) [b](/x)\n", "- [a](/x) [b](/y)\n").body == "- [a](/x) [b](/y)\n"


def test_another_kind_of_list_is_another_dialect() -> None:
    """Bullets that became numbers read the same."""
    assert merge("- one\n- two\n", "1. one\n2. two\n") == Merged("- one\n- two\n")


def test_a_new_item_among_another_kind_of_list() -> None:
    """A new item is one of the stored list, or a list of its own, but always there."""
    body = merge("- one item\n- two items\n", "1. one item\n2. new entry\n3. two items\n").body
    assert parse(body).words == ["one", "item", "new", "entry", "two", "items"]


# --- what is held back ---

TEXT = (
    "# Title\n\nA text of some length that tells something, and goes on for a while, so that it is most of the body.\n"
)
MENU = "[Home](/)\n\n[Docs](/docs)\n\n"


@pytest.mark.parametrize(
    ("stored", "fresh", "kind"),
    [
        (MENU + TEXT, MENU.replace("Docs", "Guides") + TEXT, Noise.EDGES),
        (TEXT + "\nUpdated this week\n", TEXT + "\nUpdated 2 weeks ago\n", Noise.TIME),
        (TEXT + "\n1,204 views\n", TEXT + "\n1,310 views\n", Noise.COUNTER),
        (TEXT, TEXT.replace("goes on", "Goes on"), Noise.LETTERS),
        ("a b c[^1]\n\n[^1]: d e f\n", "a b c[1](#n)\n\n1. d e f\n", Noise.LINK),
    ],
)
def test_noise_is_held_back_and_told(stored: str, fresh: str, kind: Noise) -> None:
    """What changes by itself is not written, and is reported with its kind."""
    merged = merge(stored, fresh)
    assert merged.body == stored
    assert set(held(merged)) == {kind}


@pytest.mark.parametrize(
    ("stored", "fresh", "kind"),
    [
        (MENU + TEXT, MENU.replace("Docs", "Guides") + TEXT, Noise.EDGES),
        (TEXT + "\nUpdated this week\n", TEXT + "\nUpdated 2 weeks ago\n", Noise.TIME),
        (TEXT + "\n1,204 views\n", TEXT + "\n1,310 views\n", Noise.COUNTER),
        (TEXT, TEXT.replace("goes on", "Goes on"), Noise.LETTERS),
    ],
)
def test_accepted_noise_is_written(stored: str, fresh: str, kind: Noise) -> None:
    """A kind that the user accepts is a change like any other."""
    assert merge(stored, fresh, accept={kind}).body == fresh


@pytest.mark.parametrize(
    ("line", "kind"), [("Updated 3 days ago · 8,229 views", Noise.COUNTER), ("Posted 2 hours ago", Noise.TIME)]
)
def test_a_line_of_how_long_ago_comes_with_no_paragraphs_beside_it(line: str, kind: Noise) -> None:
    told = "The miller hires two hands for the harvest.\n\nThey sleep above the stable.\n"
    merged = merge(TEXT, f"{TEXT}\n{line}\n\n{told}")
    assert merged.body == f"{TEXT}\n{told}"
    assert held(merged) == [kind]
    assert merge(merged.body, f"{TEXT}\n{line}\n\n{told}").body == merged.body


def test_a_date_comes_with_what_is_told_of_it() -> None:
    fresh = f"{TEXT}\nMay 4, 2026\n\nThe miller hires two hands for the harvest.\n"
    assert merge(TEXT, fresh).body == fresh


HEADED = TEXT + "\n## See also\n\n- [Sacks](/s)\n- [Sieves](/v)\n- [Millstones](/m)\n"


def test_a_heading_above_a_last_list_of_links_that_stays_is_renamed() -> None:
    """A list that rotates takes its heading with it."""
    renamed = HEADED.replace("See also", "More tools")
    assert merge(HEADED, renamed).body == renamed
    rotated = renamed.replace("[Sacks](/s)", "[Carts](/c)")
    assert merge(HEADED, rotated).body == HEADED


def test_small_differences_come_along() -> None:
    """Capitals change where the words beside them do."""
    stored, fresh = "one Two three four five\n", "one two three seven five\n"
    assert merge(stored, fresh).body == fresh


@pytest.mark.parametrize("size", [500, 2_000])
def test_the_cost_grows_with_the_length(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a change in every hundredth block, the signs that are read are bounded by the length of the text."""
    read = 0

    def counting(markdown: str) -> Text:
        nonlocal read
        read += len(markdown)
        return parse(markdown)

    monkeypatch.setattr("fetcher.merge.merge.parse", counting)
    stored = "".join(f"- item {k} of the list\n" for k in range(size))
    fresh = "".join(f"- item {k} of the {'page' if k % 100 == 50 else 'list'}\n" for k in range(size))
    assert merge(stored, fresh).body == fresh
    assert read < 6 * len(stored)


def test_a_text_goes_on_after_its_last_list() -> None:
    """A list of short items with links may end a text; a sentence after it is no other page's title."""
    text = "A paragraph that tells something at some length, as texts do, so that it is the greater part.\n\n" * 3
    stored = f"# Title\n\n{text}- One [thing](/1) of many\n- Another [thing](/2)\n"
    news = "Nobody pays more than what a new copy costs, however late a book is."
    assert merge(stored, f"{stored}\n{news}\n").body.endswith(f"\n\n{news}\n")
    assert merge(stored, f"{stored}- One more [thing](/3)\n").body == stored


def test_code_that_changes_keeps_the_empty_lines_that_its_importer_put_at_its_end() -> None:
    stored = "Kilns heat slowly.\n\n```\nheat = 900\nhold = 20\n\n```\n\nGlass cools for a day.\n"
    fresh = stored.replace("20\n\n```", "25\n```")
    assert merge(stored, fresh).body == stored.replace("20", "25")


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("It mills rye. It mills oats.", "It mills rye.\n\nIt rests.\n\nIt mills oats."),
        ("It mills rye. It rests. It mills oats.", "It mills rye. It mills oats."),
        ("It mills rye. It mills oats.", "It mills rye. It rests *now*. It mills oats."),
    ],
)
def test_a_sentence_comes_or_goes_as_a_whole(stored: str, fresh: str) -> None:
    """Where sentences begin alike, what is new is one of them, and stands in a paragraph of its own if it does so."""
    before, after = f"{TEXT}\n{stored}\n", f"{TEXT}\n{fresh}\n"
    merged = merge(before, after)
    assert merged.body == after
    (change,) = merged.changes
    assert (change.removed or change.added).startswith("It rests")


def test_a_block_that_moved_moves() -> None:
    """In its stored spelling, as it only stands elsewhere now."""
    blocks = [f"The *{name}* miller lives in the {name} house by the brook." for name in ("first", "next", "last")]
    stored = "\n\n".join(blocks).replace("*", "_") + "\n"
    one, two, three = stored.rstrip("\n").split("\n\n")
    fresh = "\n\n".join([blocks[1], blocks[2], blocks[0]]) + "\n"
    assert merge(stored, fresh).body == "\n\n".join([two, three, one]) + "\n"


def test_a_bracket_goes_with_its_partner() -> None:
    """Text that was a link gone wrong is one now: nothing of it is left."""
    before, after = (
        f"{TEXT}\n{line}\n"
        for line in (r"See \[how to berth\] (#how_to_berth) below.", "See [how to berth](#how) below.")
    )
    assert merge(before, after).body == after


def test_a_sign_of_emphasis_goes_with_its_partner() -> None:
    """Where none is read, as the text goes on right behind it, it is written so that it is read."""
    before, after = (
        f"{TEXT}\n- {line} may close a berth at any time, and tell you so on the day before.\n"
        for line in ("**4. Closing of a berth.**Harbour", "**4. Closing of a berth**.Wardens")
    )
    assert merge(before, after).body == after


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("Mills are free. Bring a sack of rye.", "Mills are free.\n\nBring a sack of oats."),
        ("Mills are free.\n\nBring a sack of rye.", "Mills are free. Bring a sack of oats."),
    ],
)
def test_paragraphs_that_change_are_cut_as_on_the_page(stored: str, fresh: str) -> None:
    """Unless the body joins paragraphs elsewhere, too."""
    assert merge(f"{TEXT}\n{stored}\n", f"{TEXT}\n{fresh}\n").body == f"{TEXT}\n{fresh}\n"
    joined, parted = (end.join(["The brook turns the wheel.", "Ice stops it."]) for end in (" ", "\n\n"))
    result = merge(f"{joined}\n\n{stored}\n", f"{parted}\n\n{fresh}\n").body
    assert result == f"{joined}\n\n{stored.replace('rye', 'oats')}\n"


@pytest.mark.parametrize("row", ["|  |\n| --- |\n| {} |", "{}"])
def test_rows_keep_the_empty_head_of_their_table_where_all_before_it_is_another_text(row: str) -> None:
    """Without its head a table is none: its rows would read as lines with bars."""
    last = "Ask the miller who lives at the river"
    table = f"|  |\n| --- |\n| {last} |\n"
    stored = f"# Old\n\nWhat the mill had to say before.\n\n{table}"
    new = "# House\n\nNothing of this was there.\n\n"
    assert merge(stored, new + row.format(last) + "\n").body == new + table


@pytest.mark.parametrize(
    ("stored", "fresh", "now"),
    [
        ("* Fish\n    * Perch\n* Fowl\n", "- Fish\n  - Perch\n    - In the pond\n- Fowl\n",
         "* Fish\n    * Perch\n        * In the pond\n* Fowl\n"),
        ("* Fish\n  + Perch\n* Fowl\n", "- Fish\n  - Perch\n    - In the pond\n- Fowl\n",
         "* Fish\n  + Perch\n    - In the pond\n* Fowl\n"),
        ("1.  Fish\n2.  Fowl\n", "1. Fish\n   - Perch\n   - Pike\n2. Fowl\n",
         "1.  Fish\n    - Perch\n    - Pike\n2.  Fowl\n"),
        ("*   Fish\n*   Fowl\n", "*   Fish\n    *   Perch\n*   Fowl\n", "*   Fish\n    *   Perch\n*   Fowl\n"),
        ("1. Fish\n\n2. Fowl\n", "1. Fish\n\n   - Perch\n   - Pike\n\n2. Fowl\n",
         "1. Fish\n\n   - Perch\n   - Pike\n\n2. Fowl\n"),
        ("* Fish\n\t* Perch\n* Fowl\n", "- Fish\n  - Perch\n    - In the pond\n- Fowl\n",
         "* Fish\n\t* Perch\n\t\t* In the pond\n* Fowl\n"),
        ("> * Fish\n> * Fowl\n", "> * Fish\n>   * Perch\n> * Fowl\n", "> * Fish\n>   * Perch\n> * Fowl\n"),
    ],
)  # fmt: skip
def test_a_list_deeper_than_all_goes_on_as_they_do(stored: str, fresh: str, now: str) -> None:
    """It is set in as far as an inner list is in the one around it, takes its turn at a sign, and is as tight."""
    assert merge(stored, fresh).body == now
    assert merge(now, fresh).body == now


@pytest.mark.parametrize(
    ("stored", "fresh", "now"),
    [
        ("1. Fish\n\n2. Fowl\n\nBirds\n", "1. Fish\n\n2. Fowl\n\nBirds\n\n1. Owls\n2. Rooks\n",
         "1. Fish\n\n2. Fowl\n\nBirds\n\n1. Owls\n2. Rooks\n"),
        ("  * Fish\n  * Fowl\n\nBirds\n", "- Fish\n- Fowl\n\nBirds\n\n1. Owls\n2. Rooks\n",
         "  * Fish\n  * Fowl\n\nBirds\n\n  1. Owls\n  2. Rooks\n"),
    ],
)  # fmt: skip
def test_a_new_list_is_as_tight_as_on_the_page_and_set_in_as_the_others(stored: str, fresh: str, now: str) -> None:
    """What stands between the items of other lists tells nothing of it."""
    assert merge(stored, fresh).body == now


@pytest.mark.parametrize(
    ("stored", "fresh", "now"),
    [
        ("1. Fish\n\nBirds\n\n1. Owls\n", "1. Fish\n\nBirds\n\n1. Rooks\n2. Owls\n",
         "1. Fish\n\nBirds\n\n1. Rooks\n2. Owls\n"),
        ("1. Fish\n1. Fowl\n\nBirds\n\n1. Owls\n", "1. Fish\n2. Fowl\n\nBirds\n\n1. Rooks\n2. Owls\n",
         "1. Fish\n1. Fowl\n\nBirds\n\n1. Rooks\n1. Owls\n"),
    ],
)  # fmt: skip
def test_numbers_run_on_unless_a_list_of_several_repeats_them(stored: str, fresh: str, now: str) -> None:
    """Lists of one item each begin alike in any dialect."""
    assert merge(stored, fresh).body == now


@pytest.mark.parametrize(
    ("stored", "fresh", "now"),
    [
        ("Open until 5&nbsp;pm in May.", "Open until 6\u00a0pm in May.", "Open until 6&nbsp;pm in May."),
        ("Open at 5&#160;am in May.", "Open at 5\u00a0am in June.", "Open at 5&#160;am in June."),
        ("A list\\<sack\\> holds rye.", "A list\\<sack> holds oats.", "A list\\<sack\\> holds oats."),
        ("A list&lt;sack&gt; holds rye.", "A list\\<sack> holds oats.", "A list&lt;sack&gt; holds oats."),
    ],
)
def test_signs_that_stay_are_spelled_as_they_are_stored(stored: str, fresh: str, now: str) -> None:
    """Entities and escapes, beside words that change."""
    assert merge(f"{TEXT}\n{stored}\n", f"{TEXT}\n{fresh}\n").body == f"{TEXT}\n{now}\n"


@pytest.mark.parametrize(
    ("stored", "now"),
    [
        ("Day|Hour\n---|---\nMay 1|\n", "Day|Hour\n---|---\nMay 1|nine\nMay 2|ten\n"),
        ("Day | Hour\n--- | ---\nMay 1 |\n", "Day | Hour\n--- | ---\nMay 1 | nine\nMay 2 | ten\n"),
        ("Day | Hour  \n---|---  \nMay 1 | nine  \n",
         "Day | Hour  \n---|---  \nMay 1 | nine  \nMay 2 | ten  \n"),
    ],
)  # fmt: skip
def test_rows_without_edges_stay_without(stored: str, now: str) -> None:
    """Cells that are filled and rows that come are drawn as the others are."""
    fresh = "| Day | Hour |\n| --- | --- |\n| May 1 | nine |\n| May 2 | ten |\n"
    assert merge(f"{TEXT}\n{stored}", f"{TEXT}\n{fresh}").body == f"{TEXT}\n{now}"
