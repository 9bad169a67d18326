"""Canonical words: what a reader sees of a text, or of a tree, whatever dialect or markup wrote it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import eq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import html

# What has no width, shows only where a line breaks, or is a picture of an icon's font: it comes and goes with a
# converter's version.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ue001-\uf8ff]"
)
# Stands for a "<" that CommonMark must not read as the start of a tag.
LESS_THAN = "\ue000"
# Typographic signs that importers write as plain ones, and the other way round. NFKC folds the rest
# (ligatures, full width, no-break spaces, the ellipsis).
_PLAIN = {
    LESS_THAN: "<",
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}
# Scripts written without spaces: every sign is a piece of its own.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_PIECE = re.compile(rf"(\s*)([{_UNSPACED}]|[^\W\d_{_UNSPACED}]+|\d+|[^\w\s]|_)")
# A word is also cut where a small letter meets a capital: markup that separates two words (`<a>One</a><a>Two</a>`)
# may be lost by one converter and written as a space by another. Most texts are ASCII, where a pattern can tell.
_ASCII_PIECE = re.compile(r"\s*(?:[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\w\s]|_)")
# A refresh reads the same text nodes on the page, in the stored body, and in what it makes of both.
_TEXTS, _LONGEST = 4096, 1000


def fold(text: str) -> str:
    """The text with signs that look alike made equal; white space is left alone."""
    if text.isascii():
        return text.replace("`", "'")
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    for sign, plain in _PLAIN.items():  # a tenth of the time of str.translate, which looks at each sign by itself
        text = text.replace(sign, plain)
    return text


def split_words(text: str) -> list[str]:
    """The words and signs of a text, in order, white space left out.

    Joined, they are the text without white space: two texts read the same if these joins are equal.

    >>> split_words("It’s 2025previous OneTwo")
    ['It', "'", 's', '2025', 'previous', 'One', 'Two']
    """
    return list(split_with_joins(text)[0])


def split_with_joins(text: str) -> tuple[tuple[str, ...], bytes]:
    """The words and signs of a text, and for each whether it touches the one before, no white space between.

    The first touches if no white space is before it.
    """
    return _read_once(text) if len(text) <= _LONGEST else _read(text)


def _read(text: str) -> tuple[tuple[str, ...], bytes]:
    shown = fold(text)
    if shown.isascii():
        spaced = _ASCII_PIECE.findall(shown)
        words = tuple(map(str.lstrip, spaced))
        return words, bytes(map(eq, spaced, words))
    found: list[str] = []
    touching = bytearray()
    for space, piece in _PIECE.findall(shown):
        parts = [piece] if len(piece) == 1 or piece[1:].islower() else _cut(piece)
        found += parts
        touching.append(not space)
        touching += b"\1" * (len(parts) - 1)
    return tuple(found), bytes(touching)


_read_once = lru_cache(_TEXTS)(_read)


def _cut(piece: str) -> list[str]:
    """A run of letters cut at small-to-capital borders."""
    found, start = [], 0
    for at in range(1, len(piece)):
        if piece[at].isupper() and (not piece[at - 1].isupper() or piece[at + 1 : at + 2].islower()):
            found.append(piece[start:at])
            start = at
    return [*found, piece[start:]]


@dataclass(slots=True)
class TextRun:
    """One text node: the words `start` to `end` of the flow, the element whose text or tail it is, and its holder."""

    element: html.HtmlElement
    is_tail: bool
    holder: int  # index of the innermost element that holds the text
    start: int
    end: int


@dataclass
class Spans:
    """A tree's words in document order; `starts[k]:ends[k]` are the words inside of element `k`.

    The elements inside of it follow it, up to `after[k]`.

    `touch[w]` tells how word `w` stands to the one before: apart, touching in one text node, or unsure.
    """

    words: list[str] = field(default_factory=list)
    touch: bytearray = field(default_factory=bytearray)
    runs: list[TextRun] = field(default_factory=list)
    elements: list[html.HtmlElement] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)

    @cached_property
    def attributes(self) -> list[dict[str, str]]:
        """Those of each element: who asks for one of them takes as long as for all, and many ask."""
        return [dict(element.items()) for element in self.elements]
