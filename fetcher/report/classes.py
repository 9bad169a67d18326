"""Classifies edits by rules: prices, limits, dates and so on; `classes.txt` has the words that tell them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from fetcher.report.changes import (
    ADDED,
    CODE,
    CODED,
    DATE,
    HEADING,
    LIMIT,
    LINK,
    LINKED,
    MARKUP,
    MOVED,
    NEGATION,
    NUMBER,
    PRICE,
    REMOVED,
    SECTION_GONE,
    SECTION_NEW,
    VERSION,
    WORDING,
    ordered,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.report.changes import Edit


def _read(text: str) -> dict[str, list[str]]:
    """The expressions of each class, for all languages."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        head, _, words = line.partition(":")
        if not head.startswith("#"):
            found.setdefault(head.split()[0], []).extend(_expression(word) for word in words.split())
    return found


def _expression(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\w*").replace("_", r"\s+").replace(r"\#", _MARK)


_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Kana and ideographs, which are written without spaces between words."""
_WITHOUT_SPACES = re.compile(rf"[{_UNSPACED}]")


def _any(words: Iterable[str], end: str = "") -> str:
    """An expression for any of the words, followed by `end`; grouped by first letters, which makes it fast."""
    spaced: defaultdict[str, list[str]] = defaultdict(list)
    unspaced: list[str] = []
    for word in sorted(words, key=len, reverse=True):
        if _WITHOUT_SPACES.search(word):
            unspaced.append(word)
        else:
            spaced[f"(?-i:[{word[0]}{word[0].upper()}])" if word[0].isalpha() else word[0]].append(word[1:])
    latin = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in spaced.items())
    found = [rf"(?<![\w-])(?:{latin}){end}(?![\w-])", *([f"(?:{'|'.join(unspaced)}){end}"] if unspaced else [])]
    return f"(?:{'|'.join(found)})"


_MARK = "\0"  # stands for a figure in an expression
_WORDS = _read(Path(__file__).with_name("classes.txt").read_text(encoding="utf-8"))
_MONTH = _any(_WORDS.pop("month"))
_PARTS = r"\d{1,20}(?:\.\d{1,20}){0,8}"  # bounded: what repeats without end is no number
_OTHERS = rf"{_PARTS}(?:\(\w{{1,3}}\)){{0,8}}(?:[-\u2013]\d{{1,20}})?"
_NEXT = r"(?:[,;]?\s*\b(?:and|or|to|und|oder|bis|et|ou|y|o|a|e|en|of)\b|[,;])"
_REFERENCE = re.compile(
    rf"(?:(?:{_any(_WORDS.pop('reference'))}|§+)\s*{_OTHERS}|{_PARTS}(?:\([a-z]{{1,3}}\)){{1,8}})(?:{_NEXT}\s*{_OTHERS})*",
    re.IGNORECASE,
)
_NUMERAL = _any(_WORDS.pop("figure"))
_NEUTRAL = re.compile(_any(_WORDS.pop("neutral")), re.IGNORECASE)
_FIGURE = rf"(?:(?<!\w)(?<![^\W\d_]-)|(?<=[{_UNSPACED}]))\d{{1,20}}(?:[.,]\d{{1,20}}){{0,8}}"
_SIGN = r"(?:[$€£¥₹₩₽]|\b(?:USD|EUR|GBP|JPY|CHF)\b)"
_UNIT = (
    rf"(?:{_SIGN}|(?:euros?|dollars?|dólares|francs?|franken|cents?|zł|kr)\b|[円元])"  # that stands behind an amount
)
_PATTERNS = {
    LINK: r"https?://\S+",
    PRICE: rf"{_SIGN}\s?{_FIGURE}|{_FIGURE}\s?{_UNIT}",
    DATE: rf"\d{{4}}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{{4}}"
    rf"|(?:\d\d?(?:st|nd|rd|th|er)?\.?\s+(?:de\s+)?)?{_MONTH}\.?\s+(?:de\s+)?(?:\d\d?(?:st|nd|rd|th)?(?!\d),?\s+)?\d{{4}}"
    rf"|(?:\d{{4}}年)?\d\d?月(?:\d\d?日)?|\d{{4}}年"
    rf"|\d\d?\.?\s+(?:de\s+)?{_MONTH}|{_MONTH}\.?\s+\d\d?(?!\d)|(?<![\d.,])(?<!\d )(?:19|20)\d\d(?![\d.,]*\d)"
    rf"|^\W*{_MONTH}\W*$",
    VERSION: rf"(?<!\w)v{_PARTS}|(?:versi[oó]ne?|versão|versie|バージョン|版本)(?:\sto|\sis)?[\s:]*{_FIGURE}"
    r"|(?<![\d.])\d{1,20}\.\d{1,20}\.\d{1,20}(?:\.\d{1,20}){0,8}(?:[-.]?(?:alpha|beta|dev|pre|rc)[-.]?\d*)?"
    r"|(?<=[^\W\d_] )(?-i:[A-Z])[\w+#]{0,40}\s\d{1,20}\.\d{1,20}(?:\.\d{1,20}){0,8}"
    r"|(?<!\w)[^\W\d_]{2,40}[-\u2010-\u2013]\d{1,3}(?:\.\d{1,20}){0,8}(?!\w)",
    NUMBER: rf"(?<!#){_FIGURE}",
}
"""Recognised by form, in this order: a figure in a date, an address, a name or in "#1" is no number."""
_LABEL = re.compile(
    r"^\W*(?:\(\w{1,3}\)|[A-Z]\.\d+(?:\.\w{1,2})*\.?|\d+\.(?:\d+\.)*\d*)\s*(?=[^\W\d_][^\W\d_A-Z]|[A-Z]{2,}\s+[A-Z]{2})"
)
"""The number of a section or an item, before its first word."""
_LETTERED = re.compile(r"^\W*\(?\w{1,3}[).]\s+(?=[^\W\d_]{2})")
_NUMBERED = re.compile(r"^\W*\d+\.(?:\d+\.)*\d*\s+(?=[^\W\d_]{2})")
"""Labels of an item that may change when its list is renumbered."""
_KINDS = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _PATTERNS.items()]
_UNFIGURED = [kind for kind in _KINDS if kind[0] in (LINK, DATE)]
"""Those that need no digit."""
_DIGIT = re.compile(r"\d")
_AMOUNT = rf"(?:{_SIGN}\s?)?(?:{_FIGURE}|{_NUMERAL})"


def _named(words: Sequence[str]) -> re.Pattern[str]:
    """The expression of a class; words that end with a figure share one, as each takes a while to compile."""
    bounds = [word.removesuffix(_MARK) for word in words if word.endswith(_MARK)]
    others = _any(word for word in words if not word.endswith(_MARK)).replace(_MARK, _AMOUNT)
    return re.compile(f"{_any(bounds, _AMOUNT)}|{others}" if bounds else others, re.IGNORECASE)


_NAMED = [(name, _named(words)) for name, words in _WORDS.items()]
_BOUND = dict(_NAMED)[LIMIT]
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_TITLE = re.compile(r"\s+[A-Z][a-z]")


def classes(edits: Iterable[Edit]) -> list[str]:
    """The classes of all edits, the most important first.

    >>> from fetcher.report.changes import Edit
    >>> classes([Edit("replaced", "row", "Fines", "$4", "$5", "", 0), Edit("linked", "row", "", "/a", "/b", "", 1)])
    ['price', 'link']
    """
    return ordered(name for edit in edits for name in classes_of(edit))


def classes_of(edit: Edit) -> set[str]:
    """The classes of an edit."""
    if edit.what == LINKED:
        return {LINK}
    found = set() if edit.what in (MOVED, MARKUP) or _is_renumbered(edit) else set(_said(*_plain(edit.old, edit.new)))
    if _is_whole(edit.old, edit.new):
        found.discard(NEGATION)  # it matters only where it reverses a sentence that stays
    if edit.what in (ADDED, REMOVED) and edit.kind == HEADING:
        found = {SECTION_NEW if edit.what == ADDED else SECTION_GONE}
    if edit.kind == CODE:  # its words are names
        found = found & {VERSION} | {CODED}
    return found or {WORDING}


def _is_whole(old: str, new: str) -> bool:
    """Whether only whole sentences were added, or only removed."""
    before, after = set(_SENTENCE.split(old.strip())), set(_SENTENCE.split(new.strip()))
    return not old or not new or before <= after or after <= before


def _is_renumbered(edit: Edit) -> bool:
    """Whether only the label of an item has changed, as from "1.5 ANY" to "(e) ANY"."""
    forms = (_LETTERED, _NUMBERED), (_NUMBERED, _LETTERED)
    return any(
        one.match(edit.old) and other.match(edit.new) and one.sub("", edit.old) == other.sub("", edit.new)
        for one, other in forms
    )


def _plain(*texts: str) -> Iterator[str]:
    """The texts without escapes, neutral phrases, labels of sections and items, and references to these."""
    return (_NEUTRAL.sub(" ", _REFERENCE.sub(" ", _LABEL.sub("", text.replace("\\", "")))) for text in texts)


def _said(old: str, new: str) -> Iterator[str]:
    """The classes that the two texts differ in; each word and figure counts for one class only."""
    if _taken(_BOUND, old)[0] != _taken(_BOUND, new)[0]:  # first, as the figure of a limit may also be a price
        yield LIMIT
    has_figures = _DIGIT.search(old) or _DIGIT.search(new)
    for name, pattern in (*(_KINDS if has_figures else _UNFIGURED), *_NAMED):
        (gone, old), (come, new) = _taken(pattern, old), _taken(pattern, new)
        if gone != come:
            yield name


def _taken(pattern: re.Pattern[str], text: str) -> tuple[Counter[str], str]:
    """The matches, counted, and the text without them; a capitalised phrase ("Permitted Users") is a name."""
    found: Counter[str] = Counter()

    def take(at: re.Match[str]) -> str:
        if not (at[0][:1].isupper() and _TITLE.match(text, at.end())):
            found[" ".join(at[0].split()).casefold()] += 1
        return " "

    rest = pattern.sub(take, text)
    return found, rest
