"""What is written renders as the page, and is spelled as it is stored."""

import pytest

from fetcher.markdown.grid import Grid, detect_style, draw_table, parse_table
from fetcher.merge.equivalence import shown
from fetcher.merge.merge import merge
from fetcher.merge.pairing import Reproduction


@pytest.mark.parametrize(
    ("stored", "fresh", "expected"),
    [
        ("The mill grinds.", "The mill grinds. (Rye too.)", "The mill grinds. (Rye too.)"),
        ("Bread of rye lies **dry**.", "Bread of rye lies.", "Bread of rye lies."),
        ("Baked in *three* ovens, daily", "Baked in *four* ovens, daily", "Baked in *four* ovens, daily"),
        ("Ask _the miller_ for a sack", "Ask *the baker* for a sack", "Ask _the baker_ for a sack"),
        ("Ask [the miller](/m) for a sack", "Ask anybody for a sack", "Ask anybody for a sack"),
        ("Run the tool to grind it", "Run `mill -f` to grind it", "Run `mill -f` to grind it"),
        ("A sack costs \\$4 in *May*", "A sack costs $5 in _May_", "A sack costs \\$5 in *May*"),
        ("See [the oven][o] at noon\n\n[o]: /oven", "See [the oven](/oven) at dusk", "See [the oven][o] at dusk"),
        ("it&rsquo;s an old oven", "it's a new oven", "it&rsquo;s a new oven"),
        ("first line  \nsecond old line", "first line\\\nsecond new line", "first line  \nsecond new line"),
    ],
)
def test_the_least_change_that_reads_as_the_page(stored: str, fresh: str, expected: str) -> None:
    """Words, spaces and markup are the page's; what means the same keeps its stored spelling."""
    assert merge(stored, fresh).body.split("\n\n[o]")[0] == expected


_MILL = "Bread of *rye* and `oats`.\n\n"


@pytest.mark.parametrize(
    ("before", "stored", "fresh", "expected"),
    [
        (_MILL, "Ask the baker to sift", "Ask the *baker* to mill", "Ask the *baker* to mill"),
        (_MILL, "Run mill -f to sift", "Run `mill -f` to grind", "Run `mill -f` to grind"),
        ("Bread of **rye**.\n\n", "Ask the baker to sift", "Ask the *baker* to mill", "Ask the *baker* to mill"),
        ("Bread of rye.\n\n", "Ask the baker to sift", "Ask the *baker* to mill", "Ask the baker to mill"),
    ],
)
def test_a_mark_that_comes_is_written_unless_the_importer_drops_such(
    before: str, stored: str, fresh: str, expected: str
) -> None:
    """Blocks that did not change tell what an importer keeps; a body without marks may be from one that drops all."""
    assert merge(before + stored, before + fresh).body == before + expected


def test_marks_that_the_importer_dropped_elsewhere_are_dropped_again() -> None:
    """The unchanged block has lost its emphasis, although the body has code."""
    stored = "Bread of rye and `oats`.\n\nAsk the baker to sift"
    fresh = "Bread of *rye* and `oats`.\n\nAsk the *baker* to mill"
    assert merge(stored, fresh).body == "Bread of rye and `oats`.\n\nAsk the baker to mill"


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("Ask the miller.He grinds at six", "Ask the miller. He grinds at noon"),
        ("The millers'sacks lie here till six", "The millers' sacks lie here till noon"),
        ("The sacks (of rye) , all of them, lie here", "The sacks (of rye), all of them, stay here"),
    ],
)
def test_white_space_comes_along_with_another_change_of_its_line(stored: str, fresh: str) -> None:
    """By itself it is no change, as importers differ in it; a line that is written reads as the page's."""
    assert merge(stored, fresh).body == fresh
    assert merge(stored, fresh.replace("noon", "six").replace("stay", "lie")).body == stored


def test_how_well_the_dialect_is_known_is_told_by_the_blocks_that_did_not_change() -> None:
    """Only where something is written: most visits need not know."""
    stored = "# The mill\n\nIt *grinds* rye.\n\nIt grinds oats, too.\n\n+ flour\n+ bran\n\nIt opens at six.\n"
    fresh = "# The mill\n\nIt _grinds_ rye.\n\nIt grinds oats, too.\n\n+ flour\n+ bran\n\nIt opens at noon.\n"
    assert merge(stored, fresh).reproduction == Reproduction(5, 4)
    assert merge(stored, stored).reproduction == Reproduction()


def test_signs_without_width_beside_markup_stay() -> None:
    stored = "Read [*the rules*\u2060](/r) of the mill at six"
    fresh = "Read [*the rules\u2060*\u2060](/r) of the mill at noon"
    assert merge(stored, fresh).body == fresh


def test_an_address_that_is_no_code_any_more_is_a_link() -> None:
    stored = "Bread of `rye`.\n\nOpen `http://mill.example/` by six"
    fresh = "Bread of `rye`.\n\nOpen <http://mill.example/> by noon"
    assert merge(stored, fresh).body == fresh


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("    mill --start\n    mill --sift", "```\nmill --start\nmill *sacks --sift\n```"),
        ("~~~ sh\nmill --start\n~~~", "```\nmill --stop &\n```"),
    ],
)
def test_code_keeps_its_form_and_has_the_page_s_signs(stored: str, fresh: str) -> None:
    """Indented code stays indented, a fence stays as it is, and each line is the page's."""
    text = "Grain comes in at the top of the mill and leaves at its foot.\n\n{}\n\nThat is all of it.\n"
    body = merge(text.format(stored), text.format(fresh)).body
    assert shown(body) == shown(text.format(fresh))
    assert stored.split("\n", maxsplit=1)[0][:4] in body


@pytest.mark.parametrize("lines", ["\n\nmill --to {}", "\nmill --to <{}>"])
def test_a_line_of_code_is_all_that_changes_of_it(lines: str) -> None:
    """Empty lines around it stay, and what looks like a tag in it is none."""
    text = (
        "Grain comes in at the top of the mill and leaves at its foot.\n\n``` sh\n{}\nstop\n```\n\nThat is all of it.\n"
    )
    stored, wanted = (text.format(lines.format(name)) for name in ("sackRoom", "loft"))
    fresh = text.format(lines.format("loft").strip()).replace("``` sh", "```bash")
    assert merge(stored, fresh).body == wanted


def test_a_table_of_html_keeps_its_tags() -> None:
    """A word that changes in a cell changes there, whatever the tags around it."""
    stored = "<table><tr><td>Rye sack</td><td>four coins</td></tr></table>\n"
    fresh = "|  |  |\n| --- | --- |\n| Rye sack | five coins |\n"
    assert merge(stored, fresh).body == stored.replace("four", "five")


@pytest.mark.parametrize(
    ("stored", "fresh", "numbers"),
    [
        ((1, 2, 3), ("sift the flour", "warm the stone oven", "knead the dough", "bake the loaf"), [1, 2, 3, 4]),
        ((1, 1, 1), ("sift the flour", "warm the stone oven", "knead the dough", "bake the loaf"), [1, 1, 1, 1]),
        ((1, 2, 3), ("knead the dough", "bake the loaf"), [1, 2]),
        ((1, 2, 3), ("sift the flour", "bake the loaf"), [1, 2]),
        ((4, 5, 6), ("sift the flour", "bake the loaf"), [4, 5]),
    ],
)
def test_the_numbers_of_a_list_run_on(stored: tuple[int, ...], fresh: tuple[str, ...], numbers: list[int]) -> None:
    """Where an item comes or goes those behind it are counted anew, unless all have the same number."""
    texts = ("sift the flour", "knead the dough", "bake the loaf")
    old = "".join(f"{number}. {text} with care\n" for number, text in zip(stored, texts, strict=True))
    new = "".join(f"{number}. {text} with care\n" for number, text in enumerate(fresh, 1))
    assert [int(line.split(".")[0]) for line in merge(old, new).body.splitlines()] == numbers


def test_a_table_that_gets_another_column_stays_a_table() -> None:
    """The rule under its head has as many cells as the head, or no reader takes it for a table."""
    stored = "Seats are few.\n\n| Deck | Coins |\n|------|------:|\n| Bow | 5 |\n| Stern | 4 |\n\nBoard by six.\n"
    fresh = (
        "Seats are few.\n\n| Deck | Coins | Sun |\n| --- | --- | --- |\n| Bow | 5 | noon |\n| Stern | 4 | dusk |\n\n"
        "Board by six.\n"
    )
    wider = merge(stored, fresh).body
    assert "| Deck | Coins | Sun |\n|------|------:|------:|\n| Bow | 5 | noon |\n" in wider
    assert merge(wider, stored).body == stored


def test_an_indent_that_comes_into_code_is_a_change_where_other_code_shows_that_indents_are_kept() -> None:
    """Python reads another program then; only an importer that drops all indents tells nothing by them."""
    stored = "Run it.\n\n```\nfor boat in fleet:\n    moor(boat)\n```\n\nThen close.\n\n```\nlock = 1\nring = 2\n```\n"
    fresh = stored.replace("ring", "  ring")
    assert merge(stored, fresh).body == fresh
    flat = stored.replace("    moor", "moor")
    assert merge(flat, fresh.replace("    moor", "  moor")).body == flat


@pytest.mark.parametrize(
    ("left", "right", "row", "written"),
    [
        ("", "", "| Oats | 7 |", "Oats | 7"),
        ("| ", "", "| Oats | 7 |", "| Oats | 7"),
        ("", " |", "| Oats | 7 |", "Oats | 7 |"),
        ("", "", "| Oats |  |", "| Oats |  |"),
        ("| ", "", "|  | 7 |", "|  | 7"),
        ("", "", "| - Oats | 7 |", "| - Oats | 7 |"),
    ],
    ids=["no edges", "left", "right", "empty cell at the end", "empty cell at the edge", "no list item"],
)
@pytest.mark.parametrize("at", [0, 1])
def test_a_new_row_has_the_edges_of_its_table(left: str, right: str, row: str, written: str, at: int) -> None:
    """That holds where delimiters were put by hand, too, so that nobody can draw the table again."""
    lines = [f"{left}{line}{right}\n" for line in ("Grain | Sacks", ":----|-----:", "Rye | 12", "Spelt | 30")]
    fresh = ["| Grain | Sacks |\n", "| :-- | --: |\n", "| Rye | 12 |\n", "| Spelt | 30 |\n"]
    text = "The mill keeps grain.\n\n{}\nIt closes at six.\n"
    fresh.insert(3 + at, f"{row}\n")
    wanted = [*lines[: 3 + at], f"{written}\n", *lines[3 + at :]]
    assert merge(text.format("".join(lines)), text.format("".join(fresh))).body == text.format("".join(wanted))


@pytest.mark.parametrize("unseen", ["<!-- rye -->", "<!-- rye --> <!-- oats -->", "\u200b"])
@pytest.mark.parametrize("end", [" ", "\n"])
@pytest.mark.parametrize(("gone", "come"), [("dawn", "early dawn"), ("Its", "The old"), ("dawn", "dusk")])
def test_white_space_around_what_nobody_sees_stays(unseen: str, end: str, gone: str, come: str) -> None:
    """A comment is kept as it stands when a word beside it changes; the page shows one space there."""
    stored = f"The mill is old.\n\nIts wheel {unseen}{end}turns from dawn.\n"
    fresh = stored.replace(f" {unseen}{end}", " ").replace(gone, come)
    assert merge(stored, fresh).body == stored.replace(gone, come)


_ROWS = ("Grain | Sacks | Price", "Rye bread | 12 | 30 c", "Oats | 7 | 22 c")


@pytest.mark.parametrize(
    ("between", "end"),
    [("\t", "\n"), ("\n\n", "\n\n"), ("\n", "\n")],
    ids=["cells by tabs", "cells as paragraphs", "cells as lines"],
)
@pytest.mark.parametrize(
    ("gone", "come"),
    [
        ("12", "14"),
        ("12", "14 or more"),
        ("\nOats | 7 | 22 c", ""),
        ("\nOats", "\nMalt | 9 | 40 c\nOats"),
        ("22 c", "22 c\nWheat | 3 | 41 c"),
    ],
)
def test_a_table_that_is_stored_as_text_stays_text(between: str, end: str, gone: str, come: str) -> None:
    """Rows with bars would stand in no table there: a reader would see the bars."""

    def text(rows: str) -> str:
        return "The mill keeps grain.\n\n" + rows.replace("\n", end).replace(" | ", between) + "\n\nIt closes at six.\n"

    def table(rows: str) -> str:
        head, *others = (f"| {row} |" for row in rows.split("\n"))
        return "\n".join(["The mill keeps grain.\n", head, "|---|---|---|", *others, "\nIt closes at six.\n"])

    rows = "\n".join(_ROWS)
    assert merge(text(rows), table(rows)).body == text(rows)
    assert merge(text(rows), table(rows.replace(gone, come))).body == text(rows.replace(gone, come))


def test_rows_that_an_importer_cut_off_come_at_once() -> None:
    """A second merge would add what the first has left out."""
    stored = "The mill keeps grain.\nGrain\n"
    fresh = "The mill keeps grain.\n\n| Grain | Sacks |\n|---|---|\n| Rye | 12 |\n\nIt closes at six on all days.\n"
    body = merge(stored, fresh).body
    assert "Rye 12" in body
    assert "|" not in body
    assert merge(body, fresh).body == body


def test_a_row_of_a_wide_table_is_not_padded_where_narrow_ones_are() -> None:
    narrow = "| Grain | Sacks |\n|-------|-------|\n| Rye   | 12    |\n"
    wide = f"| Grain | Use |\n|----|----|\n| Rye | {'for bread and more bread ' * 4}of all kinds |\n"
    stored = f"{narrow}\nThe other mill has a list of its own.\n\n{wide}"
    row = "| Oats | for horses |\n"
    assert merge(stored, stored + "| Oats       | for horses            |\n").body == stored + row


def test_a_table_that_gets_wide_is_padded_no_more_where_others_show_that() -> None:
    narrow = "| Grain | Sacks |\n|-------|-------|\n| Rye   | 12    |\n"
    wide = f"| Mill | Use |\n|----|----|\n| Upper | {'for bread and more bread ' * 4}of all kinds |\n"
    row = f"| Oats | {'for horses and more horses ' * 4}of all kinds |\n"
    stored = f"{wide}\nThe other mill has a list of its own.\n\n{narrow}"
    body = merge(stored, stored + row).body
    assert body == f"{stored[: -len(narrow)]}| Grain | Sacks |\n|----|----|\n| Rye | 12 |\n{row}"


_ITEMS = "- rye\n- oats\n- wheat\n"


def test_code_by_its_indent_stays_code_in_a_new_list() -> None:
    """Stored items of such lists tell where text begins in them, and code begins four columns behind that."""
    stored = f"The mill keeps grain.\n\n{_ITEMS}\nIt closes at six.\n"
    new = "- Start it:\n\n      mill --start\n          --slow\n\n- Stop it:\n\n      mill --stop\n"
    fresh = f"{stored}\n{new}\nThat is all there is to do.\n"
    assert merge(stored, fresh).body == fresh


@pytest.mark.parametrize(
    "new", ["- a new beam\n\n- a new stone\n", "- a new beam\n- a new stone\n"], ids=["loose", "tight"]
)
def test_a_new_list_has_blank_lines_as_the_page_has_them(new: str) -> None:
    stored = f"The mill keeps grain.\n\n{_ITEMS}\nIt closes at six.\n"
    fresh = f"{stored}\nThis year it has got what follows.\n\n{new}"
    assert merge(stored, fresh).body == fresh
    joined = stored.replace("- wheat\n", f"- wheat\n{new}")
    assert merge(stored, joined).body == stored.replace("- wheat\n", "- wheat\n- a new beam\n- a new stone\n")


def test_new_rows_of_a_table_that_is_aligned_by_spaces_stand_under_its_columns() -> None:
    stored = "The mill keeps grain.\n\nRye bread   12    30 c\nOats        7     22 c\n"
    fresh = (
        "The mill keeps grain.\n\n| Rye bread | 12 | 30 c |\n|---|---|---|\n| Oats | 7 | 22 c |\n| Malt | 9 | 40 c |\n"
    )
    assert merge(stored, fresh).body == f"{stored}Malt        9     40 c\n"


@pytest.mark.parametrize("fresh", ["{new}\n\n---", "---\n\n{new}", "{new}\n\n---\n\nSo is this one, beyond the break."])
def test_a_thematic_break_beside_new_text_is_not_written_again(fresh: str) -> None:
    around = "The mill stands at the river.\n\n{}\n\nIt grinds rye and oats.\n"
    fresh = fresh.format(new="This paragraph is new and says a lot.")
    assert merge(around.format("* * *"), around.format(fresh)).body == around.format(fresh.replace("---", "* * *"))


def test_indented_code_that_follows_indented_code_is_both_blocks_of_the_page() -> None:
    """Markdown reads one block of code: what parted the two is told by nothing, and no change."""
    stored = (
        "Run the mill.\n\n    for sack in sacks:\n        grind(sack)\n    \n\n    $ mill\n    done\n\nThen close it.\n"
    )
    fresh = (
        "Run the mill.\n\n```\nfor sack in sacks:\n    grind(sack)\n```\n\n```\n$ mill\ndone\n```\n\nThen close it.\n"
    )
    assert merge(stored, fresh).body == stored
    assert "done again" in merge(stored, fresh.replace("done", "done again")).body


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("* rye\n* oats\n1. Weigh.\n2. Pay.\n", "* rye\n* oats\n* malt\n1. Weigh.\n2. Pay.\n"),
        ("* rye\n* oats\n1. Weigh.\n2. Pay.\n", "* rye\n1. Weigh.\n2. Pay.\n"),
        ("  * rye\n  * oats\n\n\nThe end of it.\n", "  * rye\n  * oats\n  * malt\n\n\nThe end of it.\n"),
        ("# Mill\nIt grinds.\n# Oven\nIt bakes.\n", "# Mill\nIt grinds.\n# Ice\nIt melts.\n# Oven\nIt bakes.\n"),
        ("> Grind it.\n> \n> They said.\n\nDone.\n", "> Grind it.\n> \n> Twice.\n> \n> They said.\n\nDone.\n"),
        ("*   rye\n    \n*   oats\n    \n\nDone.\n", "*   rye\n    \n*   malt\n    \n*   oats\n    \n\nDone.\n"),
    ],
)
def test_new_blocks_are_parted_as_the_body_parts_such_blocks(stored: str, fresh: str) -> None:
    """Blank lines show nothing, and still an importer would have written these."""
    plain = fresh.replace("> \n", ">\n").replace("    \n", "\n").replace("\n\n\n", "\n\n")
    assert merge(stored, plain).body == fresh


@pytest.mark.parametrize("key", ["Esc", '<span class="key">Esc</span>', "`Esc`"])
def test_markup_that_the_importer_dropped_does_not_come_back_with_another_word(key: str) -> None:
    """What it never had is no change; what goes on the page beside a changed word goes here, too."""
    assert merge(f"Press {key} and run the old mill.", "Press `Esc` and run the new mill.").body == (
        f"Press {key} and run the new mill."
    )
    assert merge("Press **Esc** and run the old mill.", "Press Esc and run the new mill.").body == (
        "Press Esc and run the new mill."
    )


@pytest.mark.parametrize(
    ("stored", "fresh", "expected"),
    [
        (
            "Ask the miller, who has 10<sup>3</sup> sacks.",
            "Ask [the miller](/m), who has 10³ sacks.",
            "Ask [the miller](/m), who has 10<sup>3</sup> sacks.",
        ),
        ("<b>Mind:</b> ask [the miller](/m).", "**Mind:** ask the miller.", "<b>Mind:</b> ask the miller."),
        ("Rye costs ~~5~~ 6, <u>not</u> 10.", "Rye costs 5 6, not 10.", "Rye costs 5 6, <u>not</u> 10."),
    ],
)
def test_marks_that_come_and_go_are_seen_beside_raw_html(stored: str, fresh: str, expected: str) -> None:
    """One tag does not blind the comparison, and is not exchanged for the page's spelling either."""
    around = "The [oven](/o) bakes.\n\n{}\n\nThe [mill](/l) grinds, and ~~hums~~.\n"
    body = merge(around.format(stored), around.format(fresh), base="https://mill.example/").body
    assert body == around.format(expected)


_TABLES = {
    "fitted rule": "| Grain | Sacks |\n|-------|------:|\n| Rye   | 12    |\n| Oats  | 7     |\n",
    "rule with spaces": "| Grain | Sacks |\n| ----- | ----: |\n| Rye   |    12 |\n| Oats  |     7 |\n",
    "compact": "| Grain | Sacks |\n| --- | ---: |\n| Rye | 12 |\n| Oats | 7 |\n",
    "tight": "|Grain|Sacks|\n|---|--:|\n|Rye|12|\n|Oats|7|\n",
    "no edges": "Grain | Sacks\n--- | ---:\nRye | 12\nOats | 7\n",
    "breaks at the ends": "Grain| Sacks  \n---|--:  \nRye| 12  \nOats| 7  \n",
    "wider than needed": "| Grain     | Sacks |\n|:----------|------:|\n| Rye       |    12 |\n| Oats      |     7 |\n",
    "thin empty cells": "| Grain | Sacks |\n| --- | --- |\n| Rye | 12 |\n| Oats | |\n",
    "wide signs": "| Grain | Sacks |\n|-------|-------|\n| 小麦  | 12    |\n| Oats  | 7     |\n",
}


@pytest.mark.parametrize("stored", _TABLES.values(), ids=_TABLES)
def test_a_changed_table_is_drawn_as_its_importer_draws_tables(stored: str) -> None:
    """All columns fit their cells again, and new rows look as the others do."""
    table = parse_table(stored)
    style = detect_style(stored)
    assert table
    assert style
    rows = [*table.rows, ["Buckwheat", "4"]]
    rows[1] = ["Rye", "12 or 13"]
    fresh = "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], ["---", "---"], *rows[1:]])
    wanted = draw_table(Grid(rows, table.signs), style) + "\n"
    if "小麦" in stored:
        fresh, wanted = fresh.replace("Rye", "小麦"), wanted.replace("Rye  ", "小麦 ")
    assert merge(stored, fresh).body == wanted
    assert merge(wanted, fresh).body == wanted


def test_a_table_that_no_known_style_draws_keeps_its_other_rows() -> None:
    stored = "| Grain |  Sacks|\n|---|-------|\n|  Rye | 12|\n| Oats| 7 |\n"
    fresh = "| Grain | Sacks |\n|---|---|\n| Rye | 12 and more |\n| Oats | 7 |\n"
    assert merge(stored, fresh).body == stored.replace("12", "12 and more")


def test_the_line_under_a_heading_is_as_long_as_its_text_where_it_was() -> None:
    text = "It grinds rye and oats.\n"
    for before, after in (("========", "============"), ("===", "===")):
        body = merge(f"The mill\n{before}\n\n{text}", f"# The old mill\n\n{text}").body
        assert body == f"The old mill\n{after}\n\n{text}"


@pytest.mark.parametrize("heading", ["## {} ##", "{}\n---"])
def test_a_heading_in_the_place_of_another_is_written_as_those_of_its_level(heading: str) -> None:
    """The title of the body may be written otherwise."""
    text = "# Mill\n\nRye is ground at dawn each day.\n\n{}\n\nOats are ground at dusk in winter.\n"
    old, new = text.format(heading.format("Sacks")), text.format("## Wide bags of flax")
    assert merge(old, new).body == text.format(heading.format("Wide bags of flax"))


HOPPER = "Hopper\n:   Takes the _grain_ from the sacks\n"
STONE = "Stone\n:   Grinds it to flour\n\n    Two men turn it over once a year.\n"


@pytest.mark.parametrize(
    "now",
    [
        f"{HOPPER}\n{STONE.replace('Two', 'Three')}",
        f"{HOPPER}\nRunner\n:   Turns all day\n\n{STONE}",
        f"{STONE}\n{HOPPER}",
        f"{HOPPER.replace('sacks', 'bags')}:   Or from a cart\n\n{STONE}",
        HOPPER,
    ],
    ids=["a word below the first paragraph", "a term", "order", "another definition", "none"],
)
def test_definitions_are_written_as_definitions(now: str) -> None:
    """What is below their sign is text, and their spelling stays."""
    text = "# Parts\n\nA mill has many parts, as this list shows.\n\n{}\nAll of it is made of oak.\n"
    body = merge(text.format(f"{HOPPER}\n{STONE}"), text.format(now).replace("_", "*")).body
    assert body == text.format(now)


def test_a_new_item_is_set_in_as_the_others_of_its_list() -> None:
    """Not as those of other lists, whose numbers are shorter."""
    sacks = "".join(f"{number}. **Sack {number} of the mill**\n\n" for number in range(2, 10))
    text = f"1. **Rye of the lower mill**\n\n   1. It is ground at dawn.\n\n{sacks}10. **Oats of the mill**\n\n"
    oats, dusk = "    1. They are _ground_ at noon, all of them.\n\n", "    {}. Whoever comes at dusk has to wait.\n"
    stored, now = (f"# Mill\n\n{text}{oats}{more}" for more in (dusk.format(2), f"{NEW}\n{dusk.format(3)}"))
    assert merge(stored, now.replace("_", "*")).body == now


def test_an_item_that_becomes_one_of_a_new_item_is_set_in_below_it() -> None:
    waiting = "1.  **Waiting.** Whoever comes to the mill at {} has to wait until the morning, whatever they bring.\n"
    stored = f"# Mill\n\n1.  **Rye of the mill**\n\n{waiting.format('dusk').replace('1', '2')}"
    fresh = f"# Mill\n\n1.  **Rye of the mill**\n\n2.  **General rules**\n\n    {waiting.format('noon')}"
    assert merge(stored, fresh).body == fresh


NEW = "    2. Barley is ground by the upper mill.\n"


def test_boxes_of_tasks_are_ticked_as_on_the_page() -> None:
    """A new task has its own box, whatever that of its neighbour; an item without one gets none."""
    stored = "What is left to do:\n\n* [ ] grind the rye\n* [x] sift the oats\n"
    fresh = "What is left to do:\n\n- [x] grind the rye\n- [ ] sift the oats\n- [ ] weigh the malt\n- close the mill\n"
    assert merge(stored, fresh).body == fresh.replace("- ", "* ")


def test_lines_whose_breaks_were_stripped_are_no_paragraphs_that_touch() -> None:
    """Though no others follow each other in the body."""
    around = "It grinds all day.{}\nAsk for more.\n\n## Hours\n\nAt six.\n"
    stored, fresh = around.format(""), around.format("\\") + "\nBring your own sacks along.\n"
    assert merge(stored, fresh).body == f"{stored}\nBring your own sacks along.\n"
    more = fresh.replace("all day.\\\n", "all day.\\\nIt never stops.\\\n")
    assert "all day.\nIt never stops.\nAsk for more.\n" in merge(stored, more).body


def test_a_term_is_as_strong_as_the_others_are() -> None:
    """An importer that writes terms as plain text does so with a changed one."""
    around = "{0}Dry run{0}\n\nThe stones turn without any grain.\n\n{0}{1}{0}\n\nThe stones are cut again.\n"
    for sign, new in (("", "Milling by day"), ("", "Milling"), ("**", "Milling by day")):
        stored = around.format(sign, "Milling by night")
        assert merge(stored, around.format("**", new)).body == around.format(sign, new)


def test_lines_whose_breaks_an_importer_stripped_part_no_new_paragraphs() -> None:
    """One importer, markitdown 0.1.9, does so: lines that touch tell nothing of how paragraphs are parted."""
    around = (
        "Rye is ground.\n\nOats are not.\n\nMalt is.\n\nIt grinds all day.{}\nAsk for more.\n\n## Hours\n\nAt six.\n"
    )
    stored, fresh = around.format(""), around.format("\\") + "\nBring your own sacks along.\n"
    assert merge(stored, fresh).body == f"{stored}\nBring your own sacks along.\n"
