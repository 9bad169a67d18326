"""What of a text a user's regular expressions find: changes there are not written.

The expressions are RE2's, whose time is linear in the text: none of them, on no page, takes a run's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fetcher.sites.rules import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fetcher.sites.rules import PageRules


@dataclass(frozen=True, slots=True)
class Ignored:
    """Kinds of change (`rules.KINDS`) and regular expressions for words whose changes are not to be written.

    `untold` are kinds of which the page says nothing: links, say, where it is known by its words alone.
    """

    kinds: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    untold: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.kinds or self.patterns or self.untold)

    def why(self, old: Part, new: Part) -> str:
        """The kind or the expression for which a change of a part of a text into another is ignored; empty for none.

        An expression has to find all words of both parts, each in its own text: what it finds may be longer.
        """
        if not _worded(old.changed) and not _worded(new.changed):
            return ""
        if "numbers" in self.kinds and _is_number(old.changed) and _is_number(new.changed):
            return "numbers"
        if not self.patterns:
            return ""
        parts = _laid_out(old), _laid_out(new)
        return next((one for one in self.patterns if all(_finds(one, *part) for part in parts)), "")

    def why_lines(self, old: str, new: str) -> str:
        """As `why`, of lines that changed: what is left of them without all that the expressions find is the same."""
        if _without(self.patterns, old) != _without(self.patterns, new):
            return ""
        return next((one for one in self.patterns if compiled(one).search(f"{old}\n{new}")), "")


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of a text, and which these are: `words` and, for each, whether it touches the one before."""

    words: Sequence[str]
    touch: bytes | bytearray
    start: int
    end: int

    @property
    def changed(self) -> Sequence[str]:
        """The words of the part."""
        return self.words[self.start : self.end]


NOTHING_IGNORED = Ignored()
UNTOLD = frozenset({"links", "markup", "images"})
"""What the words of a page do not tell."""


def ignored_by(rules: PageRules, *, plain: bool = False) -> Ignored:
    """What the rules of a page ignore, and what it cannot tell if it is `plain`, without links and marks."""
    if not rules.ignore and not plain:
        return NOTHING_IGNORED
    said = [text for _, text in rules.ignore]
    patterns = tuple(text for text in said if text not in KINDS)
    return Ignored(frozenset(KINDS).intersection(said), patterns, UNTOLD if plain else frozenset())


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """The expression that a pattern means; raises ValueError where it means none."""
    import re2  # noqa: PLC0415  # only who has patterns waits for it

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if error.args and isinstance(error.args[0], bytes) else error
        raise ValueError(f"{pattern!r} is no regular expression of RE2: {said}") from error


def _finds(pattern: str, text: str, places: Iterable[slice]) -> bool:
    """Whether what the pattern finds in the text covers all these places of it."""
    found = bytearray(len(text))
    for start, end in _spans(pattern, text):
        found[start:end] = b"\1" * (end - start)
    return all(all(found[place]) for place in places)


def _laid_out(part: Part) -> tuple[str, list[slice]]:
    """The text of which this is a part, and where in it the words of the part stand; signs are no matter."""
    pieces, places, at = [], [], 0
    for k, word in enumerate(part.words):
        piece = word if part.touch[k] or not k else f" {word}"
        at += len(piece)
        pieces.append(piece)
        if part.start <= k < part.end and _is_word(word):
            places.append(slice(at - len(word), at))
    return "".join(pieces), places


def _spans(pattern: str, text: str) -> list[tuple[int, int]]:
    return [found.span() for found in compiled(pattern).finditer(text) if found.end() > found.start()]


def _without(patterns: Iterable[str], text: str) -> str:
    for pattern in patterns:
        pieces, at = [], 0
        for start, end in _spans(pattern, text):
            pieces.append(text[at:start])
            at = end
        text = "".join([*pieces, text[at:]])
    return " ".join(text.split())


def _is_number(words: Sequence[str]) -> bool:
    worded = list(_worded(words))
    return bool(worded) and all(word.isdecimal() for word in worded)


def _worded(words: Sequence[str]) -> list[str]:
    return [word for word in words if _is_word(word)]


def _is_word(word: str) -> bool:
    return any(sign.isalnum() for sign in word)
