"""A page of a manual with the constructs of documentation, its edits, and its text in the syntax of each generator."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

# What stands between these is code; what follows `->` in brackets is where the words before lead.
WORDS = re.compile(r"[^\W\d_]+")
_MARKS = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)]+)\)")


class Block(NamedTuple):
    """One block: its kind, and its lines; of a table the cells of a row are parted by a bar."""

    kind: str  # title, heading, text, list, steps, table, code, note, terms, quote
    lines: tuple[str, ...]
    name: str = ""  # the language of code


def _block(kind: str, *lines: str, name: str = "") -> Block:
    return Block(kind, lines, name)


MANUAL = (
    _block("title", "Keeping a sluice"),
    _block("text", "A sluice holds back the water of a canal, and its keeper lets **boats** through by `motor`."),
    _block("heading", "Before a shift"),
    _block("text", "Read the [log of the night](log.html) first, then walk along both banks and look for driftwood."),
    _block("list", "Oil the hinges", "Clean the gauge with vinegar", "Test the `horn` twice"),
    _block("note", "Never open both gates at once, since the basin behind them would run dry within the hour."),
    _block("heading", "Filling the basin"),
    _block("steps", "Shut the lower gate", "Turn the crank until the bell rings", "Wait for still water"),
    _block("code", "# lift the paddles", "level = read_gauge()", "while level < 40:", "    turn(crank=2)",
           "    level += 1", name="python"),
    _block("text", "The pump answers on the command line as well:"),
    _block("code", "sluice fill --slowly", "sluice status", name="bash"),
    _block("heading", "Dues"),
    _block("table", "Boat|Summer|Winter", "Barge|twelve|seven", "Rowing boat|free|free", "Steamer|twenty|nineteen"),
    _block("quote", "Whoever waits at the gate is served in the order of arrival, and the doctor before all others."),
    _block("heading", "Words"),
    _block("terms", "Paddle|A board that closes the culvert.", "Pound|The water between two sluices."),
    _block("text", "Short answers count."),
    _block("heading", "See also"),
    _block("list", "[Bridges](bridges.html)", "[Ferries](ferries.html)"),
)  # fmt: skip


class Edit(NamedTuple):
    """One edit of the manual: its name, and what it puts in the place of what."""

    name: str
    old: str
    new: str


EDITS = (
    Edit("word", "both banks and", "the north bank and"),
    Edit("cell", "|seven", "|eight"),
    Edit("code line", "    turn(crank=2)", "    turn(crank=5, gently=True)"),
    Edit("list item", "Clean the gauge with vinegar", "Clean the gauge with lemon juice"),
    Edit("paragraph", "Short answers count.", "A keeper who falls ill sends word before the first bell."),
)


@dataclass(frozen=True)
class Syntax:
    """How a generator writes what is not the same in all of Markdown."""

    note: str = "> **Note**\n>\n> {}"
    terms: bool = False  # has definition lists


def edited(blocks: tuple[Block, ...], edit: Edit) -> tuple[Block, ...]:
    """The blocks with one edit."""
    return tuple(
        block._replace(lines=tuple(line.replace(edit.old, edit.new) for line in block.lines)) for block in blocks
    )


def words(blocks: tuple[Block, ...]) -> list[str]:
    """The words that a reader sees of the blocks, a note's label among them."""
    found: list[str] = []
    for block in blocks:
        found += ["Note"] if block.kind == "note" else []
        for line in block.lines:
            found += WORDS.findall(line if block.kind == "code" else _MARKS.sub(r"\1\2\3", line))
    return found


def markdown(blocks: tuple[Block, ...], syntax: Syntax) -> str:
    """The blocks as Markdown."""
    term = "{}\n:   {}" if syntax.terms else "**{}**\n\n{}"
    shapes: Shapes = {
        "title": lambda block: f"# {block.lines[0]}",
        "heading": lambda block: f"## {block.lines[0]}",
        "text": lambda block: block.lines[0],
        "list": lambda block: "\n".join(f"- {line}" for line in block.lines),
        "steps": lambda block: "\n".join(f"{n}. {line}" for n, line in enumerate(block.lines, 1)),
        "code": lambda block: "\n".join([f"```{block.name}", *block.lines, "```"]),
        "note": lambda block: syntax.note.format(block.lines[0]),
        "quote": lambda block: f"> {block.lines[0]}",
        "table": lambda block: "\n".join(_rows(block.lines)),
        "terms": lambda block: "\n\n".join(term.format(*line.split("|")) for line in block.lines),
    }
    return _written(blocks, shapes)


Shapes = Mapping[str, Callable[[Block], str]]


def _written(blocks: tuple[Block, ...], shapes: Shapes) -> str:
    return "\n\n".join(shapes[block.kind](block) for block in blocks) + "\n"


def _rows(lines: tuple[str, ...]) -> list[str]:
    head, *rows = (f"| {line.replace('|', ' | ')} |" for line in lines)
    return [head, "|---|---|---|", *rows]


def _marked(block: Block, code: str, strong: str, link: str) -> Block:
    """The block with the marks of its lines written in other shapes, into which text and target are put."""
    shapes = (code, strong, link)
    if block.kind == "code":
        return block
    return block._replace(
        lines=tuple(
            _MARKS.sub(lambda found: shapes[min(found.lastindex or 3, 3) - 1].format(*found.groups()), line)
            for line in block.lines
        )
    )


def restructured(blocks: tuple[Block, ...], *, numbered: bool = False) -> str:
    """The blocks as reStructuredText, with line numbers beside code if it is `numbered`."""
    options = ["   :linenos:"] if numbered else []
    table = [".. list-table::", "   :header-rows: 1", ""]
    shapes: Shapes = {
        "title": lambda block: f"{block.lines[0]}\n{'=' * len(block.lines[0])}",
        "heading": lambda block: f"{block.lines[0]}\n{'-' * len(block.lines[0])}",
        "text": lambda block: block.lines[0],
        "list": lambda block: "\n".join(f"- {line}" for line in block.lines),
        "steps": lambda block: "\n".join(f"#. {line}" for line in block.lines),
        "code": lambda block: "\n".join(
            [f".. code-block:: {block.name}", *options, "", *(f"   {line}" for line in block.lines)]
        ),
        "note": lambda block: f".. note::\n\n   {block.lines[0]}",
        "quote": lambda block: f"..\n\n    {block.lines[0]}",
        "table": lambda block: "\n".join(
            [*table, *("   * - " + line.replace("|", "\n     - ") for line in block.lines)]
        ),
        "terms": lambda block: "\n".join("{}\n   {}".format(*line.split("|")) for line in block.lines),
    }
    return _written(tuple(_marked(block, "``{0}``", "**{1}**", "`{2} <{3}>`__") for block in blocks), shapes)


def asciidoc(blocks: tuple[Block, ...]) -> str:
    """The blocks as AsciiDoc."""
    shapes: Shapes = {
        "title": lambda block: f"= {block.lines[0]}",
        "heading": lambda block: f"== {block.lines[0]}",
        "text": lambda block: block.lines[0],
        "list": lambda block: "\n".join(f"* {line}" for line in block.lines),
        "steps": lambda block: "\n".join(f". {line}" for line in block.lines),
        "code": lambda block: "\n".join([f"[source,{block.name}]", "----", *block.lines, "----"]),
        "note": lambda block: f"NOTE: {block.lines[0]}",
        "quote": lambda block: f"____\n{block.lines[0]}\n____",
        "table": lambda block: "\n".join(["[%header,cols=3*]", "|===", *(f"|{line}" for line in block.lines), "|==="]),
        "terms": lambda block: "\n".join("{}:: {}".format(*line.split("|")) for line in block.lines),
    }
    return _written(tuple(_marked(block, "`{0}`", "*{1}*", "link:{3}[{2}]") for block in blocks), shapes)
