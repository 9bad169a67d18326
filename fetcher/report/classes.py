"""What a change is about, by rule: prices, limits, dates and so on, the words for which stand in `classes.txt`."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from fetcher.report.changes import ADDED, LINKED, MARKUP, MOVED, REMOVED
from fetcher.report.outline import CODE, HEADING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fetcher.report.changes import Edit

PRICE, LIMIT, DEPRECATION, PERMISSION, NEGATION = "price", "limit", "deprecation", "permission", "negation"
SECTION_GONE, SECTION_NEW = "section gone", "section new"
VERSION, DATE, NUMBER, CODED, LINK, WORDING = "version", "date", "number", "code", "link", "wording"
CLASSES = (
    *(PRICE, LIMIT, DEPRECATION, PERMISSION, NEGATION, SECTION_GONE, SECTION_NEW),
    *(VERSION, DATE, NUMBER, CODED, LINK, WORDING),
)
"""What matters most to a reader first; `wording` is what no rule knows."""


def _read(text: str) -> dict[str, list[str]]:
    """The expressions of each class, of all languages."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        head, _, words = line.partition(":")
        if not head.startswith("#"):
            found.setdefault(head.split()[0], []).extend(_expression(word) for word in words.split())
    return found


def _expression(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\w*").replace("_", r"\s+")


def _any(words: Iterable[str]) -> str:
    return rf"(?<!\w)(?:{'|'.join(sorted(words, key=len, reverse=True))})(?!\w)"


_WORDS = _read(Path(__file__).with_name("classes.txt").read_text(encoding="utf-8"))
_MONTH = _any(_WORDS.pop("month"))
_FIGURE = r"(?<!\w)\d+(?:[.,]\d+)*"
_SIGN = r"(?:[$€£¥₹]|\b(?:USD|EUR|GBP|JPY|CHF)\b)"
_PATTERNS = {
    LINK: r"https?://\S+",
    PRICE: rf"{_SIGN}\s?{_FIGURE}|{_FIGURE}\s?{_SIGN}",
    DATE: rf"\d{{4}}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{{4}}"
    rf"|(?:\d\d?(?:st|nd|rd|th|er)?\.?\s+(?:de\s+)?)?{_MONTH}\.?\s+(?:de\s+)?(?:\d\d?(?:st|nd|rd|th)?(?!\d),?\s+)?\d{{4}}"
    rf"|\d\d?\.?\s+{_MONTH}|{_MONTH}\.?\s+\d\d?(?!\d)|(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d)"
    rf"|^\W*{_MONTH}\W*$",
    VERSION: rf"(?<!\w)v\d+(?:\.\d+)*|(?<!\w)versi[oó]n\s{_FIGURE}|(?<![\d.])\d+\.\d+\.\d+(?:\.\d+)*",
    NUMBER: _FIGURE,
}
"""Told by their form, in this order: the 1 of a date or an address is no number."""
_LABEL = re.compile(r"^\W*(?:\(\w{1,3}\)|[A-Z]\.\d+(?:\.\w{1,2})*\.?|\d+\.(?:\d+\.?)*)\s*(?=[^\W\d_][^\W\d_A-Z])")
"""The number of a section or an item, before its first word."""
_KINDS = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _PATTERNS.items()]
_NAMED = [(name, re.compile(_any(words), re.IGNORECASE)) for name, words in _WORDS.items()]


def classes(edits: Iterable[Edit]) -> list[str]:
    """The classes of all edits, those that matter most first.

    >>> from fetcher.report.changes import Edit
    >>> classes([Edit("replaced", "row", "Fines", "$4", "$5", "", 0), Edit("linked", "row", "", "/a", "/b", "", 1)])
    ['price', 'link']
    """
    found = {name for edit in edits for name in _of(edit)}
    return [name for name in CLASSES if name in found]


def _of(edit: Edit) -> set[str]:
    if edit.what == LINKED:
        return {LINK}
    found = set() if edit.what in (MOVED, MARKUP) else set(_said(_plain(edit.old), _plain(edit.new)))
    if edit.what in (ADDED, REMOVED):
        found.discard(NEGATION)  # turns what a sentence says: in a whole block it is a word like others
        if edit.kind == HEADING:
            found = {SECTION_NEW if edit.what == ADDED else SECTION_GONE}
    if edit.kind == CODE:
        found.add(CODED)
    return found or {WORDING}


def _plain(text: str) -> str:
    """The text without escapes, and without the number that it has as a section or an item."""
    return _LABEL.sub("", text.replace("\\", ""))


def _said(old: str, new: str) -> Iterator[str]:
    """What stands oftener in one text than in the other; each word and figure is taken for one thing only."""
    for name, pattern in (*_KINDS, *_NAMED):
        if _counted(pattern, old) != _counted(pattern, new):
            yield name
        old, new = pattern.sub(" ", old), pattern.sub(" ", new)


def _counted(pattern: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(" ".join(found.split()).casefold() for found in pattern.findall(text))
