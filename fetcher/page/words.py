"""Splits a text into canonical words: those that a reader sees, the same whatever dialect or markup wrote it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import html

# Characters without width, soft hyphens, and those of icon fonts: they come and go with a converter's version.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ue001-\uf8ff]"
)
# Stands in for a "<" that CommonMark must not read as the start of a tag.
LESS_THAN = "\ue000"
# Typographic characters that some importers replace by ASCII ones, or the other way round. NFKC folds the rest
# (ligatures, full width, no-break spaces, the ellipsis).
_PLAIN = {
    LESS_THAN: "<",
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}
# Scripts written without spaces: every character is a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_PIECE = re.compile(rf"(\s*)([{_UNSPACED}]|[^\W\d_{_UNSPACED}]+|\d+|[^\w\s]|_)")
# A word is also cut where a small letter meets a capital: one converter writes `<a>One</a><a>Two</a>` as "OneTwo",
# another as "One Two". For ASCII, which most texts are, a pattern does it.
_ASCII_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\w\s]|_")
# Results are cached: a refresh splits the same texts on the page, in the stored body, and in the new one.
_TEXTS, _LONGEST = 4096, 1000


def fold(text: str) -> str:
    """The text with look-alike characters unified (quotes, dashes, full width, …); white space stays."""
    if text.isascii():
        return text.replace("`", "'")
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    for sign, plain in _PLAIN.items():  # takes a tenth of the time of str.translate
        text = text.replace(sign, plain)
    return text


def letters_of(text: str) -> str:
    """The letters and digits of a text.

    >>> letters_of("*Rye*, 2 kg")
    'Rye2kg'
    """
    # Removing the ASCII ones, mostly white space, by a table takes a tenth of the time.
    plain = text.encode("utf-8", "surrogatepass").translate(None, _ASCII_SIGNS).decode("utf-8", "surrogatepass")
    return plain if plain.isascii() else _NO_LETTER.sub("", plain)


_ASCII_SIGNS = bytes(sign for sign in range(128) if not chr(sign).isalnum())
_NO_LETTER = re.compile(r"[^\x00-\x7f](?<=\W)")  # that is not ASCII


def split_words(text: str) -> list[str]:
    """The words, numbers and punctuation marks of a text, in order.

    Joined, they are the text without white space: two texts read the same if these joins are equal.

    >>> split_words("It’s 2025previous OneTwo")
    ['It', "'", 's', '2025', 'previous', 'One', 'Two']
    """
    return list(split_with_joins(text)[0])


def split_with_joins(text: str) -> tuple[tuple[str, ...], bytes]:
    """The words as `split_words` gives them, and for each whether it touches the one before, without white space.

    The first word touches if no white space is before it.
    """
    return _read_once(text) if len(text) <= _LONGEST else _read(text)


def _read(text: str) -> tuple[tuple[str, ...], bytes]:
    shown = fold(text)
    if shown.isascii():
        return _read_ascii(shown)
    found: list[str] = []
    touching = bytearray()
    for space, piece in _PIECE.findall(shown):
        parts = [piece] if len(piece) == 1 or piece[1:].islower() else _cut(piece)
        found += parts
        touching.append(not space)
        touching += b"\1" * (len(parts) - 1)
    return tuple(found), bytes(touching)


def _read_ascii(shown: str) -> tuple[tuple[str, ...], bytes]:
    found: list[str] = []
    touching = bytearray()
    for chunk in shown.split():
        if chunk.isalpha() and (chunk.islower() or chunk[1:].islower()):  # one word, as most are
            found.append(chunk)
            touching.append(0)
        else:
            parts = _ASCII_PIECE.findall(chunk)
            found += parts
            touching += b"\0" + b"\1" * (len(parts) - 1)
    if found:
        touching[0] = not shown[0].isspace()
    return tuple(found), bytes(touching)


_read_once = lru_cache(_TEXTS)(_read)


def _cut(piece: str) -> list[str]:
    """The parts of a run of letters, cut before capitals: "OneTwo" is One and Two, "HTMLPage" is HTML and Page."""
    found, start = [], 0
    for at in range(1, len(piece)):
        if piece[at].isupper() and (not piece[at - 1].isupper() or piece[at + 1 : at + 2].islower()):
            found.append(piece[start:at])
            start = at
    return [*found, piece[start:]]


@dataclass(slots=True)
class TextRun:
    """The words `start:end` of one text node: the text of `element`, or its tail; `holder` is the element around it."""

    element: html.HtmlElement
    is_tail: bool
    holder: int  # index of the innermost element around the text
    start: int
    end: int


@dataclass
class Spans:
    """The words of a tree in document order, and its elements as spans over them.

    Element `k` holds the words `starts[k]:ends[k]`, and its descendants are the elements from `k + 1` up to `after[k]`.
    `touch[w]` tells how word `w` is joined to the one before: `APART`, `TOUCHING` or `UNSURE` (in `word_spans`).

    In `<p>A <b>bold</b> word</p>` the words are A, bold and word; `p` is the span 0:3, and `b` the span 1:2.
    """

    words: list[str] = field(default_factory=list)
    touch: bytearray = field(default_factory=bytearray)
    runs: list[TextRun] = field(default_factory=list)
    elements: list[html.HtmlElement] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)

    def tagged(self, *tags: str) -> list[int]:
        """The elements with one of these tags, in order."""
        found = [self._by_tag.get(tag, []) for tag in tags]
        return found[0] if len(found) == 1 else sorted(chain.from_iterable(found))

    @cached_property
    def _by_tag(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for k, tag in enumerate(self.tags):
            found.setdefault(tag, []).append(k)
        return found

    @cached_property
    def tags(self) -> list[str]:
        """The tag of each element."""
        return [element.tag for element in self.elements]

    @cached_property
    def attributes(self) -> list[dict[str, str]]:
        """The attributes of each element; reading all at once takes as long as reading one."""
        return [dict(element.items()) for element in self.elements]
