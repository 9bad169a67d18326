"""Defines the tokens of inline source, and finds what is needed to read them: definitions of links and footnotes.

Two tokens with the same key mean the same, however they are spelled.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from fetcher.page.words import fold, split_with_joins

NOTE = "[^"  # the key of a reference to a footnote: its number is the renderer's
LOCAL = "local:"  # begins the target of a link to another file of the folder
Kind = Literal["word", "space", "mark", "extra"]


class Token(NamedTuple):
    """A part of the source, and its meaning (`key`).

    An opening and its closing mark share the number `pair`; it is -1 for a mark that stands alone. `form` is the form
    of white space: within a line, a line end, a hard break, the border of two cells or blocks. For a border of blocks
    `pair` is the number of the block that begins.
    """

    text: str
    key: str
    kind: Kind
    pair: int = -1
    form: Literal["", "line", "break", "block", "cell"] = ""


class Lookup(NamedTuple):
    """What is needed to read inline source: link definitions, the base of relative links, the footnotes."""

    definitions: Mapping[str, str] = {}
    base: str = ""
    notes: Collection[str] = ()

    def as_definitions(self) -> str:
        """Markdown that has to follow a block so that its references to links and footnotes render as such."""
        links = (f"[{label}]: <{link}>" for label, link in self.definitions.items())
        return "\n\n".join([*links, *(f"{note}: note" for note in sorted(self.notes))])


# A link reference definition of CommonMark, which may have its address in the next line.
DEFINITION = re.compile(
    r"""
    ^(?P<open> [ ]{0,3}\[(?P<label> (?!\^)(?:[^\]\\\n]|\\.)+ )\]:[ \t]*\r?\n?[ \t]* )
    (?P<angle> <?)(?P<link> [^\s>]+ )>?(?P<title> [ \t].* )?\r?\n?
    """,
    re.MULTILINE | re.VERBOSE,
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
NOTE_DEFINITION = re.compile(r"^ {0,3}(\[\^[^\]\s]+\]):", re.MULTILINE)


def definitions(text: str) -> dict[str, str]:
    """The links of a text's reference definitions, by their folded labels."""
    found: dict[str, str] = {}
    if "]:" in text:
        for definition in DEFINITION.finditer(text):
            found.setdefault(label_of(definition["label"]), address_of(definition))
    return found


def address_of(definition: re.Match[str]) -> str:
    """The address of a match of `DEFINITION`, without what escapes signs of it."""
    return _ESCAPED.sub(r"\1", definition["link"])


@lru_cache(maxsize=3)  # for one refresh, as `blocks.parse`
def lookup(text: str, base: str) -> Lookup:
    """What is needed to read the blocks of a text. The result is cached: do not change it."""
    return Lookup(definitions(text), base, frozenset(NOTE_DEFINITION.findall(text) if NOTE in text else ()))


def label_of(text: str) -> str:
    """A label, folded as labels are compared."""
    return " ".join(text.split()).casefold()


_PICTURE = re.compile(r"!\[([^\[\]]*)\](?!\()(?:\[([^\[\]]*)\])?")


def with_pictures(fresh: Lookup, stored: Lookup, text: str) -> Lookup:
    """What is needed to read a fresh text into which stored pictures were put, some of them as references."""
    labels = {label_of(label or alt) for alt, label in _PICTURE.findall(text)} if stored.definitions else set()
    known = {label: link for label, link in stored.definitions.items() if label in labels}
    return fresh._replace(definitions={**known, **fresh.definitions})


class ShownText(NamedTuple):
    """Source, and the text that it shows."""

    source: str
    shown: str


def with_words(parts: Sequence[ShownText | Token]) -> Iterator[Token]:
    """The parts, with consecutive texts cut into words and white space as those of HTML are."""
    texts: list[ShownText] = []
    for part in parts:
        if isinstance(part, ShownText):
            texts.append(part)
        elif part.kind == "space" and part.form == "line":
            texts.append(ShownText(part.text, "\n"))
        else:
            yield from _words(texts)
            texts = []
            yield part
    yield from _words(texts)


def _words(texts: Sequence[ShownText]) -> Iterator[Token]:
    source = "".join(text.source for text in texts)
    signs, starts = _shown(texts)
    yield from _space(source[: starts[0]])
    at = 0
    for word in split_with_joins(signs)[0]:
        found = signs.find(word, at)
        yield from _space(source[starts[at] : starts[found]])
        at = found + len(word)
        yield Token(source[starts[found] : starts[at]], word, "word")
    yield from _space(source[starts[at] :])


def _space(text: str) -> Iterator[Token]:
    if text:
        shows = text.strip("\u200b\u2060\ufeff\u00ad") != ""
        yield Token(text, " " if shows else text, "space" if shows else "extra", form="line" if "\n" in text else "")


def _shown(texts: Sequence[ShownText]) -> tuple[str, Sequence[int]]:
    """The shown text, and for each of its characters where it starts in the source; last, the end of the source."""
    if all(text.source == text.shown and text.shown.isascii() for text in texts):
        whole = "".join(text.shown for text in texts)
        return fold(whole), range(len(whole) + 1)
    signs: list[str] = []
    starts: list[int] = []
    at = 0
    for text in texts:
        if text.source == text.shown and text.shown.isascii():
            signs.append(fold(text.shown))
            starts += range(at, at + len(text.source))
        else:
            single = text.source == text.shown
            for k, sign in enumerate(text.shown):
                folded = fold(sign)
                signs.append(folded)
                starts += [at + k if single else at] * len(folded)
        at += len(text.source)
    return "".join(signs), [*starts, at]
