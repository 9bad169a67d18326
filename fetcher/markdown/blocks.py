"""Writes blocks of Markdown: lists, definition lists and code blocks, in the style of a dialect."""

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from lxml import html

from fetcher.markdown.dialect import Dialect
from fetcher.page.code import language

Kind = Literal["line", "paragraph", "term", "definition", "list", "other"]


class Block(NamedTuple):
    """The source of one block; a `line` is text outside a `<p>`, as in most list items."""

    text: str
    kind: Kind = "other"
    marker: str = ""  # of a list: its bullet, or what ends its numbers


@dataclass(slots=True)
class Container:
    """An open element that collects blocks; a list also collects its items."""

    element: html.HtmlElement
    kind: Literal["root", "quote", "list", "item", "definition", "table"]
    blocks: list[Block] = field(default_factory=list)
    items: list["Item"] = field(default_factory=list)
    task: str = ""  # of an item: "[x] "


@dataclass(slots=True)
class Item:
    """A list item; an empty one is not written, but counts for the numbering. `value` is its own number, if any."""

    blocks: list[Block]
    task: str = ""
    value: int | None = None


def join(blocks: list[Block]) -> str:
    """The blocks as one text, separated by blank lines."""
    return "\n\n".join(block.text for block in blocks)


def quoted(text: str) -> str:
    """The text as a quote.

    It is what markdownify makes of it, without an expression for each line: in quotes in quotes there are many.
    """
    text = text.strip(" \t\r\n")
    return "\n".join(["> " + line if line else ">" for line in text.split("\n")]) if text else ""


def adopt(container: Container) -> None:
    """Move blocks that are in a list but in none of its items to the item before them, as browsers show them."""
    if container.blocks:
        if not container.items:
            container.items.append(Item([]))
        container.items[-1].blocks += container.blocks
        container.blocks = []


def join_definition(blocks: list[Block], at: int, hard_break: str) -> None:
    """Join the definition that begins at index `at` to its terms, the blocks before it, by hard breaks.

    Does nothing for indented code, which cannot follow a line of text.
    """
    first = next((k for k in range(at, 0, -1) if blocks[k - 1].kind != "term"), 0)
    if first < at < len(blocks) and not blocks[at].text.startswith("    "):
        terms = f"{hard_break}\n".join(block.text for block in blocks[first:at])
        blocks[first : at + 1] = [blocks[at]._replace(text=f"{terms}  \n{blocks[at].text}")]


def append_definition(blocks: list[Block], inner: list[Block]) -> None:
    """Append the blocks of a definition, with `:   ` before them where they follow a term or another definition."""
    if not inner or not blocks or blocks[-1].kind not in ("term", "definition"):
        blocks += inner
        return
    text = re.sub(r"\n(?=[^\n])", "\n    ", join(inner))
    blocks[-1] = Block(f"{blocks[-1].text}\n:   {text}", "definition")


def list_block(container: Container, dialect: Dialect, before: Block | None, depth: int) -> Block | None:
    """The list, or None if it is empty; `depth` counts the bullet lists around it.

    Its marker differs from that of a list right `before` it: with the same one, both would be one list. Items are
    numbered from the first one's number on, as Markdown readers number them whatever is written.
    """
    ordered = container.element.tag == "ol"
    bullets = dialect.bullets or dialect.bullet
    usual = dialect.number_end if ordered else bullets[depth % len(bullets)]
    marker = _OTHER[usual] if before is not None and before.marker == usual else usual
    items = [item for item in container.items if item.blocks]
    tight = _tight(items, dialect)
    first = _first_number(container) if ordered else 0
    written = [
        _item(
            item, _label(first + place, marker, dialect) if ordered else marker.ljust(dialect.bullet_width), tight=tight
        )
        for place, item in enumerate(items)
    ]
    return Block(("\n" if tight else "\n\n").join(written), "list", marker) if written else None


_OTHER = {"-": "*", "*": "-", "+": "-", ".": ")", ")": "."}


def _first_number(container: Container) -> int:
    empty = next((place for place, item in enumerate(container.items) if item.blocks), 0)
    asked = container.items[empty].value if container.items else None
    return _integer(container.element.get("start"), 1) + empty if asked is None else asked


def _integer(text: str | None, otherwise: int) -> int:
    return int(text) if text and re.fullmatch(r"\s*\d{1,8}\s*", text, re.ASCII) else otherwise


def item_value(element: html.HtmlElement) -> int | None:
    """The number that an item's `value` attribute sets; None if it sets none."""
    value = _integer(element.get("value"), -1)
    return None if value < 0 else value


def _label(number: int, end: str, dialect: Dialect) -> str:
    label = f"{number % 1_000_000_000}{end} "  # CommonMark reads nine digits
    return label.ljust(dialect.number_width)


def _item(item: Item, label: str, *, tight: bool) -> str:
    if len(label.rstrip()) == len(label):
        label += " "
    text = ("\n" if tight else "\n\n").join(block.text for block in item.blocks)
    if "\n" in text:
        text = re.sub(r"\n(?=[^\n])", "\n" + " " * len(label), text)
    return label + (item.task if item.blocks[0].kind in ("line", "paragraph") else "") + text


def _tight(items: list[Item], dialect: Dialect) -> bool:
    """Whether the list is tight: its items hold text and lists, but no paragraphs (unless the dialect says `tight`)."""
    if dialect.lists == "loose":
        return False
    texts = {"line", "term", "definition", "other"} | ({"paragraph"} if dialect.lists == "tight" else set())
    return all(_tight_item(item.blocks, texts) for item in items)


def _tight_item(blocks: list[Block], texts: set[str]) -> bool:
    first, *rest = blocks
    return (first.kind == "list" or first.kind in texts) and all(_interrupts(block) for block in rest)


def _interrupts(block: Block) -> bool:
    """Whether the block is a list that can interrupt a paragraph: one with bullets, or numbers from 1."""
    return block.kind == "list" and (block.marker in "-*+" or re.match(r"1[.)]", block.text) is not None)


def code_block(text: str, info: str, dialect: Dialect) -> str:
    """A code block: with a fence longer than any in the code, or indented where the dialect does so.

    A line end at the end of `text` makes an empty last line.

    >>> code_block("a", "python", Dialect())
    '```python\\na\\n```'
    """
    if dialect.code == "indented" and not info and text.strip() and text[0] not in " \n":
        empty = "    " if dialect.code_ended else ""
        lines = [*[""] * dialect.code_lead, *text.split("\n")]
        return "\n".join("    " + line if line.strip() else empty for line in lines)
    sign = dialect.fence[0]
    longest = max((len(run) for run in re.findall(rf"^\s*({sign}{{3,}})", text, re.MULTILINE)), default=2)
    fence = sign * max(3, longest + 1)
    return f"{fence}{' ' if info and dialect.info_space else ''}{info}\n{text}\n{fence}"


def first_class(pre: html.HtmlElement) -> str:
    """The first class of a `pre`, or of the `code` in it, without the prefix `language-`."""
    names = (pre.get("class") or next((code.get("class") for code in pre.iter("code")), None) or "").split()
    return names[0].removeprefix("language-") if names else ""


def told_class(pre: html.HtmlElement) -> str:
    """The first class of a `pre`, or of the `code` in it, that names a language (`language-`); else the first class."""
    names = (pre.get("class") or next((code.get("class") for code in pre.iter("code")), None) or "").split()
    return next((name for name in names if name.startswith("language-")), first_class(pre)).removeprefix("language-")


def info(pre: html.HtmlElement, dialect: Dialect) -> str:
    """The info string of a code block in the dialect."""
    if dialect.info != "language":
        return {"class": first_class, "told": told_class}.get(dialect.info, lambda _: "")(pre)
    # Importers that indent code look for its language only in the code itself.
    return language(pre, boxes=dialect.code != "indented")
