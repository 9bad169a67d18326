"""Drawn tables (`+---+`): a change redraws the whole table, or stays out where nobody could draw it."""

import pytest

from fetcher.markdown.reading.commonmark import to_html
from fetcher.merge.merge import merge
from fetcher.merge.refresh import Refreshed, refresh
from fetcher.terms.outcomes import Noise

_TEXT = "# Ferries\n\nThe board hangs at the pier.\n\n{}\nBoats leave on the hour.\n"
_DRAWN = """\
+-------+------+
| Ferry | Pier |
+=======+:====:+
| Heron | 12   |
+-------+------+
| Gull  | 7    |
+-------+------+
"""
_ROWS = "| Ferry | Pier |\n|---|:-:|\n| Heron | 12 |\n| Gull | 7 |\n"
_HIGH = """\
+-------+------------+
| Ferry | Runs       |
+=======+============+
| Heron | all days   |
|       | but Monday |
+-------+------------+
| Gull  | in summer  |
+-------+------------+
"""
_LOW = "| Ferry | Runs |\n|---|---|\n| Heron | all days but Monday |\n| Gull | in summer |\n"


def _visited(drawn: str, rows: str) -> Refreshed:
    """A body with a drawn table after a visit to a page whose table has these rows."""
    page = f"<title>Ferries</title><main>{to_html(_TEXT.format(rows), 0)}</main>"
    return refresh(page, url="https://pier.example/", stored=_TEXT.format(drawn))


@pytest.mark.parametrize(
    ("gone", "come", "drawn"),
    [
        ("7", "8", _DRAWN.replace("7 ", "8 ")),
        ("7", "11", _DRAWN.replace("7 ", "11")),
        ("| Gull | 7 |\n", "", _DRAWN.replace("| Gull  | 7    |\n+-------+------+\n", "")),
        ("| Gull", "| Tern | 9 |\n| Gull", _DRAWN.replace("| Gull", "| Tern  | 9    |\n+-------+------+\n| Gull")),
        ("| 7 |\n", "| 7 |\n| Tern | 9 |\n", f"{_DRAWN}| Tern  | 9    |\n+-------+------+\n"),
        (
            "Gull",
            "Black gull",
            _DRAWN.replace("-------+", "------------+")
            .replace("=======+", "============+")
            .replace("Ferry ", "Ferry      ")
            .replace("Heron ", "Heron      ")
            .replace("Gull  ", "Black gull "),
        ),
    ],
    ids=["same length", "longer but fits", "row gone", "row between", "row behind", "column widens"],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_changed_table_is_drawn_anew(gone: str, come: str, drawn: str, newline: str) -> None:
    """All edges stand below each other, with a line under each row; the second merge finds nothing left."""
    stored, wanted = (_TEXT.format(table).replace("\n", newline) for table in (_DRAWN, drawn))
    fresh = _TEXT.format(_ROWS.replace(gone, come, 1))
    assert merge(stored, fresh).body == wanted
    assert merge(wanted, fresh).body == wanted


def test_a_table_without_a_head_keeps_having_none() -> None:
    stored = _TEXT.format("+-------+----+\n| Heron | 12 |\n+-------+----+\n")
    fresh = _TEXT.format("|  |  |\n|---|---|\n| Heron | 14 |\n")
    assert merge(stored, fresh).body == stored.replace("12", "14")


def test_columns_that_were_drawn_wider_than_their_cells_stay_so() -> None:
    wide = _DRAWN.replace(" |\n", "     |\n").replace("-+\n", "-----+\n").replace("====:+", "========:+")
    assert merge(_TEXT.format(wide), _TEXT.format(_ROWS.replace("12", "twelve"))).body == _TEXT.format(
        wide.replace("12    ", "twelve")
    )


def test_other_changes_leave_a_drawing_as_it_is() -> None:
    """That its columns are aligned otherwise than on the page, or drawn in code, is no change of the page."""
    for table in (_DRAWN, f"```\n{_DRAWN}```\n"):
        stored = _TEXT.format(table)
        rows = _ROWS.replace(":-:", "---") if table == _DRAWN else table
        assert merge(stored, _TEXT.format(rows).replace("hour", "half hour")).body == stored.replace(
            "hour", "half hour"
        )


@pytest.mark.parametrize(("gone", "come"), [("in summer", "in spring"), ("Gull ", "Tern "), ("Monday", "Sunday")])
def test_words_of_a_cell_with_several_lines_change_where_they_fit(gone: str, come: str) -> None:
    """No reader could tell which words of a longer cell belong to which line."""
    body = _visited(_HIGH, _LOW.replace(gone, come)).body
    assert body == _TEXT.format(_HIGH.replace(gone.ljust(len(come)), come.ljust(len(gone))))


@pytest.mark.parametrize(
    ("gone", "come"),
    [
        ("Monday", "Mondays and Tuesdays"),
        ("| Gull | in summer |\n", ""),
        ("| Gull", "| Tern | at night |\n| Gull"),
        ("summer |\n", "summer |\n| Tern | at night |\n"),
    ],
    ids=["too long", "row gone", "row between", "row behind"],
)
def test_a_change_that_does_not_fit_a_drawing_is_reported_and_not_written(gone: str, come: str) -> None:
    found = _visited(_HIGH, _LOW.replace(gone, come))
    assert found.body == _TEXT.format(_HIGH)
    assert Noise.UNWRITABLE in {each.reason for each in found.held}


def test_a_drawing_that_nobody_could_draw_is_no_change_where_the_page_has_none() -> None:
    found = _visited(_HIGH, _LOW)
    assert found.body == _TEXT.format(_HIGH)
    assert Noise.UNWRITABLE not in {each.reason for each in found.held}
