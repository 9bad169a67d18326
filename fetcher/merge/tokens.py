"""The source of a block as tokens: its words, the white space between them, and the markup around them.

A token has a key, which is what it means: two tokens with the same key say the same, however they are spelled.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fetcher.page.words import fold, split_with_joins

NOTE = "[^"  # the key of a reference to a footnote: its number is the renderer's
LOCAL = "local:"  # begins the target of a link to another file of the folder
Kind = Literal["word", "space", "mark", "extra"]


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of source, and what it means.

    `pair` is the number that a mark which opens and the one which closes share, -1 where a mark stands alone. `form`
    tells how white space looks: in a line, as the end of one, as a break, as the border of two cells or blocks; `pair`
    is then the number of the block that begins.
    """

    text: str
    key: str
    kind: Kind
    pair: int = -1
    form: Literal["", "line", "break", "block", "cell"] = ""


class Lookup(NamedTuple):
    """What helps to read a source: where references lead, what links resolve against, which footnotes there are."""

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
NOTE_DEFINITION = re.compile(r"^ {0,3}(\[\^[^\]\s]+\]):", re.MULTILINE)


def definitions(text: str) -> dict[str, str]:
    """Where the references of a text lead, by their folded label."""
    found: dict[str, str] = {}
    if "]:" in text:
        for definition in DEFINITION.finditer(text):
            found.setdefault(label_of(definition["label"]), definition["link"])
    return found


def lookup(text: str, base: str) -> Lookup:
    """What helps to read the blocks of a text."""
    return Lookup(definitions(text), base, frozenset(NOTE_DEFINITION.findall(text)))


def label_of(text: str) -> str:
    """A label as it compares."""
    return " ".join(text.split()).casefold()


_PICTURE = re.compile(r"!\[([^\[\]]*)\](?!\()(?:\[([^\[\]]*)\])?")


def with_pictures(fresh: Lookup, stored: Lookup, text: str) -> Lookup:
    """What helps to read a fresh text, pictures of which are the stored ones, and may be references as those are."""
    labels = {label_of(label or alt) for alt, label in _PICTURE.findall(text)} if stored.definitions else set()
    known = {label: link for label, link in stored.definitions.items() if label in labels}
    return fresh._replace(definitions={**known, **fresh.definitions})


class ShownText(NamedTuple):
    """Source that shows text."""

    source: str
    shown: str


def with_words(parts: Sequence[ShownText | Token]) -> Iterator[Token]:
    """The parts with texts that follow each other cut into words and white space, as a reader of HTML cuts them."""
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


def _shown(texts: Sequence[ShownText]) -> tuple[str, list[int]]:
    """The texts as they read, and for each sign where it starts in their source; last, where that ends."""
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
