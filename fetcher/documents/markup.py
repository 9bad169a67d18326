"""Blocks of a PDF as the HTML of a page."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from fetcher.documents.hyphens import Hyphens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetcher.documents.layout import Block
    from fetcher.documents.lines import Line
    from fetcher.documents.pdf import Word

_DEEPER = 0.7  # sizes of the type from the mark of an item to those of items in it


def html(blocks: Sequence[Block], title: str) -> str:
    """The page that blocks make; where lines part words, these hold marks (`hyphens`)."""
    hyphens = Hyphens([one for block in blocks for one in block.lines])
    parts: list[str] = []
    for is_list, run in groupby(blocks, lambda block: block.kind == "li"):
        group = [*run]
        parts += [_lists(group, hyphens)] if is_list else [_element(block, hyphens) for block in group]
    text = "\n".join(parts)
    # Many a title is that of the file, or of the one that it was made after.
    return page(text, title if title and escape(title) in text else _first_heading(blocks, hyphens))


def page(body: str, title: str) -> str:
    """The page of a document with a body."""
    head = f"<head><meta charset=utf-8><title>{escape(title)}</title></head>"
    return f"<!doctype html>\n<html>{head}<body><main>\n{body}\n</main></body></html>\n"


def _first_heading(blocks: Sequence[Block], hyphens: Hyphens) -> str:
    first = next((block for block in blocks if block.kind == "h"), None)
    return " ".join(word.text for word in hyphens.joined(_words(first))) if first else ""


def _element(block: Block, hyphens: Hyphens) -> str:
    if block.table:
        rows = enumerate(block.table.rows)
        return f"<table>{''.join(_row(row, hyphens, 'td' if at else 'th') for at, row in rows)}</table>"
    if block.kind == "pre":
        return f"<pre>{escape(_code(block.lines))}</pre>"
    tag = f"h{block.level}" if block.kind == "h" else "p"
    return f"<{tag}>{_text(hyphens.joined(_words(block)))}</{tag}>"


def _row(row: Sequence[Sequence[Line]], hyphens: Hyphens, tag: str) -> str:
    cells = (_text(hyphens.joined(line.words for line in cell)) for cell in row)
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


def _lists(items: Sequence[Block], hyphens: Hyphens) -> str:
    """Items as lists, deeper ones inside of those above them."""
    stack: list[tuple[float, str, int]] = []  # of open lists: indent, sign of the end, number of the last item
    parts: list[str] = []
    for item in items:
        room = _DEEPER * item.lines[0].size
        while stack and (stack[-1][0] > item.indent + room or _is_other(stack[-1], item, room)):
            parts.append(f"</li></{stack.pop()[1]}>")
        tag, number = ("ol", int(item.mark[:-1])) if item.mark[:-1].isdigit() else ("ul", 0)
        if stack and stack[-1][0] >= item.indent - room:
            parts.append("</li>")
            stack[-1] = stack[-1][0], tag, number
        else:
            parts.append(f"<ol start={number}>" if number != 1 and tag == "ol" else f"<{tag}>")
            stack.append((item.indent, tag, number))
        parts.append(f"<li>{_text(hyphens.joined(_words(item)))}")
    parts += [f"</li></{tag}>" for _, tag, _ in reversed(stack)]
    return "".join(parts)


def _is_other(last: tuple[float, str, int], item: Block, room: float) -> bool:
    """Whether an item is not the next one of a list at its own indent."""
    if last[0] < item.indent - room:
        return False
    number = int(item.mark[:-1]) if item.mark[:-1].isdigit() else 0
    return (last[1] == "ol") != bool(number) or (bool(number) and number != last[2] + 1)


def _words(block: Block) -> Iterator[Sequence[Word]]:
    for at, line in enumerate(block.lines):
        yield line.words[1:] if at == 0 and block.mark and line.mark else line.words


def _text(words: Sequence[Word]) -> str:
    parts = []
    for link, group in groupby(words, lambda word: word.link):
        text = escape(" ".join(word.text for word in group))
        parts.append(f'<a href="{escape(link)}">{text}</a>' if link else text)
    return " ".join(parts)


def _code(lines: Sequence[Line]) -> str:
    """Lines of signs that are all as wide, indented as they stand."""
    left = min(line.x0 for line in lines)
    widths = [(word.x1 - word.x0) / len(word.text) for line in lines for word in line.words]
    wide = sum(widths) / len(widths) or 1.0
    found = []
    for line in lines:
        text = ""
        for word in line.words:
            text += " " * max(round((word.x0 - left) / wide) - len(text), 1 if text else 0) + word.text
        found.append(text)
    return "\n".join(found)
