"""Writes the blocks of a PDF as an HTML page, and joins words that were hyphenated at the end of a line.

Where it is uncertain whether a hyphen belongs to a word, a soft hyphen marks the place of the line end, after the
hyphen if that is likely to belong to the word. `resolve_hyphens` decides once other texts are known.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from fetcher.documents.lines import HYPHEN as MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.documents.layout import Block
    from fetcher.documents.lines import Line
    from fetcher.documents.pdf import Word

_DEEPER = 0.7  # font sizes by which a nested list is indented


def html(blocks: Sequence[Block], title: str) -> str:
    """The HTML page of the blocks, with soft hyphens where lines broke words."""
    hyphens = Hyphens([one for block in blocks for one in block.lines])
    parts: list[str] = []
    for is_list, run in groupby(blocks, lambda block: block.kind == "li"):
        group = [*run]
        parts += [_lists(group, hyphens)] if is_list else [_element(block, hyphens) for block in group]
    text = "\n".join(parts)
    # The title in the metadata is often the name of a file or of a template: use it only if the text has it.
    return page(text, title if title and escape(title) in text else _first_heading(blocks, hyphens))


def page(body: str, title: str) -> str:
    """The HTML page with this body."""
    head = f"<head><meta charset=utf-8><title>{escape(title)}</title></head>"
    return f"<!doctype html>\n<html>{head}<body><main>\n{body}\n</main></body></html>\n"


def _first_heading(blocks: Sequence[Block], hyphens: Hyphens) -> str:
    first = next((block for block in blocks if block.kind == "h"), None)
    return " ".join(word.text for word in hyphens.join(_words(first))) if first else ""


def _element(block: Block, hyphens: Hyphens) -> str:
    if block.table:
        rows = enumerate(block.table.rows)
        return f"<table>{''.join(_row(row, hyphens, 'td' if at else 'th') for at, row in rows)}</table>"
    if block.kind == "pre":
        return f"<pre>{escape(_code(block.lines))}</pre>"
    tag = f"h{block.level}" if block.kind == "h" else "p"
    return f"<{tag}>{_text(hyphens.join(_words(block)))}</{tag}>"


def _row(row: Sequence[Sequence[Line]], hyphens: Hyphens, tag: str) -> str:
    cells = (_text(hyphens.join(line.words for line in cell)) for cell in row)
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


def _lists(items: Sequence[Block], hyphens: Hyphens) -> str:
    """The items as lists, nested by their indents."""
    stack: list[tuple[float, str, int]] = []  # of open lists: indent, tag, number of the last item
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
        parts.append(f"<li>{_text(hyphens.join(_words(item)))}")
    parts += [f"</li></{tag}>" for _, tag, _ in reversed(stack)]
    return "".join(parts)


def _is_other(last: tuple[float, str, int], item: Block, room: float) -> bool:
    """Whether an item at the indent of a list is not the next one of that list."""
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
    """The text of fixed-width lines, with spaces as they are indented."""
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


_HYPHENS = ("-", "\u2010", MARK)
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_MARKED = re.compile(rf"([^\W\d_]+(?:-[^\W\d_]+)*)(-?){MARK}([^\W\d_]+)")
_MARKS = re.compile(rf"-?{MARK}")
_EVEN = 0.5  # share of lines with the same right end in justified text
_POINTS = 2.0  # tolerance for that
_SHORT = 4  # lines with so few words are not counted


class Hyphens:
    """Joins the words that the lines of a document hyphenate."""

    def __init__(self, lines: Sequence[Line]) -> None:
        ends = [one.words[-1].text for one in lines]
        self._known = known_words(_unparted(lines))
        self._parts = _are_even(lines) or sum(end.endswith(_HYPHENS) and len(end) > 1 for end in ends) > len(ends) / 50

    def join(self, lines: Iterable[Sequence[Word]]) -> list[Word]:
        """The words of a block's lines; hyphenated ones are joined, with a soft hyphen in them."""
        found: list[Word] = []
        for line in lines:
            last = found[-1].text if found else ""
            if last.endswith(_HYPHENS) and last[-2:-1].isalpha() and line[0].text[:1].isalpha():
                found[-1] = found[-1]._replace(text=self._with(last, line[0].text))
                found += line[1:]
            else:
                found += line
        return found

    def _with(self, before: str, after: str) -> str:
        one, other = _last(before[:-1]), _first(after)
        if after[:1].isupper() or f"{one}-{other}" in self._known:
            is_soft = False
        elif f"{one}{other}" in self._known:
            is_soft = True
        else:
            is_soft = self._parts and not (one in self._known and other in self._known)
        return f"{before[:-1]}{'' if is_soft else '-'}{MARK}{after}"


def known_words(texts: Iterable[str]) -> frozenset[str]:
    """The words of texts in the form for lookups: in lower case, with plain hyphens."""
    return frozenset(word.casefold().replace("\u2010", "-") for text in texts for word in _WORD.findall(text))


def resolve_hyphens(text: str, known: frozenset[str]) -> str:
    """A text with its soft hyphens resolved: the hyphen before one stays or goes as in the `known` words.

    If these do not tell, what the text has stays.

    >>> resolve_hyphens("self-\u00adservice and anony\u00admous", frozenset({"selfservice"}))
    'selfservice and anonymous'
    """

    def one(found: re.Match[str]) -> str:
        before, hyphen, after = found.groups()
        if f"{before}-{after}".casefold() in known:
            hyphen = "-"
        elif f"{before}{after}".casefold() in known:
            hyphen = ""
        return f"{before}{hyphen}{after}"

    return _MARKED.sub(one, text).replace(MARK, "")


def without_hyphens(text: str) -> str:
    """A text without its soft hyphens and the hyphens before them."""
    return _MARKS.sub("", text)


def _unparted(lines: Sequence[Line]) -> Iterator[str]:
    """The words of the lines, without those that may be broken at a line end."""
    is_parted = False
    for one in lines:
        texts = [word.text for word in one.words][is_parted:]
        is_parted = one.words[-1].text.endswith(_HYPHENS)
        yield from texts[: len(texts) - is_parted]


def _last(text: str) -> str:
    found = _WORD.findall(text)
    return found[-1].casefold() if found else ""


def _first(text: str) -> str:
    found = _WORD.match(text)
    return found.group().casefold() if found else ""


def _are_even(lines: Sequence[Line]) -> bool:
    """Whether most lines end at the same place, as in justified text."""
    ends: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for one in lines:
        if len(one.words) > _SHORT:
            ends[round(one.x0 / _POINTS)][round(one.x1 / _POINTS)] += 1
    usual = sum(max(found.values()) for found in ends.values())
    return usual > _EVEN * sum(found.total() for found in ends.values())
