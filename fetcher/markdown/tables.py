"""Collects the cells of an HTML table and writes it as a GFM table, if it holds data and not the page's layout."""

from dataclasses import dataclass, field

from lxml import html

from fetcher.markdown.dialect import Dialect
from fetcher.markdown.grid import Grid, draw_table
from fetcher.markdown.marks import plain

# A GFM cell cannot hold these: a table with one of them is there for the layout.
_NOT_IN_CELLS = (
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "blockquote",
    "dl",
    "form",
    "iframe",
    "video",
    "article",
    "section",
)
_MOST_COLUMNS = 1000


@dataclass(slots=True)
class Row:
    """One row while it is read; `cells` has a text for each column, also for those that a span covers."""

    in_head: bool
    cells: list[str] = field(default_factory=list)
    only_heads: bool = True


@dataclass(slots=True)
class Table:
    """A table while it is read; `repeats` tells to repeat a cell's text in all places that the cell spans."""

    repeats: bool = False
    rows: list[Row] = field(default_factory=list)
    # column: rows that a span from above still covers, and what stands there
    covered: dict[int, tuple[int, str]] = field(default_factory=dict)
    aligned: dict[int, str] = field(default_factory=dict)  # column: alignment

    def start_row(self, element: html.HtmlElement) -> None:
        """Begin a row."""
        if self.rows:
            self._fill_end(self.rows[-1])
        parent = element.getparent()
        self.rows.append(Row(parent is not None and parent.tag == "thead"))

    def add(self, element: html.HtmlElement, text: str) -> None:
        """Put a cell into the next free column of the last row."""
        if not self.rows:
            self.rows.append(Row(in_head=False))
        row = self.rows[-1]
        self._fill_gap(row)
        width, height = _span(element, "colspan"), _span(element, "rowspan")
        start = len(row.cells)
        own = text if self.repeats else ""
        row.cells += [text] + [own] * (width - 1)
        row.only_heads &= element.tag == "th"
        if height > 1:
            self.covered.update(dict.fromkeys(range(start, start + width), (height - 1, own)))
        if (sign := _alignment(element)) and start not in self.aligned:
            self.aligned[start] = sign

    def _fill_end(self, row: Row) -> None:
        self._fill_gap(row)
        for column, (left, text) in self.covered.items():
            if column >= len(row.cells) and left:
                self.covered[column] = left - 1, text

    def _fill_gap(self, row: Row) -> None:
        """Fill the columns that spans from above cover, up to the next free one."""
        while (covered := self.covered.get(len(row.cells), (0, "")))[0] > 0:
            self.covered[len(row.cells)] = covered[0] - 1, covered[1]
            row.cells.append(covered[1])


def _span(element: html.HtmlElement, name: str) -> int:
    value = (element.get(name) or "").strip()
    return min(max(int(value), 1), _MOST_COLUMNS) if value.isascii() and value.isdigit() and len(value) < 6 else 1


def _alignment(element: html.HtmlElement) -> str:
    style, named = element.get("style"), element.get("align")
    if not style and not named:
        return ""
    style, named = (style or "").replace(" ", "").lower(), (named or "").lower()
    return next((side for side in ("center", "right") if named == side or f"text-align:{side}" in style), "")


def is_data(element: html.HtmlElement) -> bool:
    """Whether a `table` holds data, rather than the layout of a page, a callout, or code with line numbers."""
    if element.get("role") in ("presentation", "none"):
        return False
    if next(element.iterdescendants(*_NOT_IN_CELLS), None) is not None:
        return False
    if any("\n" in "".join(pre.itertext()).strip() for pre in element.iterdescendants("pre")):
        return False
    filled = filter(_is_filled, element.iterdescendants("td", "th"))
    return next(filled, None) is not None and next(filled, None) is not None


def _is_filled(cell: html.HtmlElement) -> bool:
    return plain("".join(cell.itertext())).strip() != "" or next(cell.iterdescendants("img"), None) is not None


def table_text(table: Table, dialect: Dialect) -> str:
    """The table in GFM; empty if all cells are.

    The first row becomes the header if it is one on the page (`thead`, or only `th`); else the header is empty, since
    GFM has no table without one. A cell that spans several columns or rows is written once (see `Table.repeats`).
    """
    rows = [row for row in table.rows if any(row.cells)]
    if not rows:
        return ""
    columns = max(len(row.cells) for row in rows)
    has_head = rows[0].in_head or rows[0].only_heads
    grid = [row.cells + [""] * (columns - len(row.cells)) for row in rows]
    if not has_head:
        grid.insert(0, [""] * columns)
    signs = [table.aligned.get(column, "") for column in range(columns)]
    # Importers that end rows in two spaces end the table with a line of two spaces.
    return draw_table(Grid(grid, signs), dialect.tables) + "\n  " * (dialect.tables.frame.row[2] == "  ")
