"""Recognises changes that a page makes by itself: times and counters by their form, rotating lists by memory.

A list that rotates is known by what stands beside it, as the words in it are others at each visit.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from fetcher.markdown.reading.wording import plain
from fetcher.merge.place_history import Difference, Place, is_churn, name, value
from fetcher.merge.times import RELATIVE, is_date, is_phrase, is_stamp, is_time, words_of
from fetcher.terms.outcomes import Noise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from fetcher.markdown.reading.blocks import Block, Text
    from fetcher.merge.pairing import Hunk

# What pages count by themselves. A number beside such a word is a counter where nothing else stands there.
_COUNTED = frozenset(
    """
    view views like likes comment comments reply replies star stars fork forks watching download downloads
    follower followers clap claps share shares review reviews rating ratings vote votes upvotes visit visits online
    subscriber subscribers reaction reactions play plays answer answers hit hits
    vues commentaires avis aufrufe kommentare bewertungen vistas comentarios visualizzazioni commenti
    visualizações weergaven reacties просмотров visningar kommentarer wyświetleń komentarzy görüntülenme yorum
    """.split()
)


class Side(NamedTuple):
    """One side of an edit: its text, and the text before and after it in its block."""

    text: str
    before: str = ""
    after: str = ""


def churn(old: Side, new: Side) -> str:
    """The kind of noise that an edit is, such as a relative time; empty where it is a real change.

    >>> str(churn(Side("2", "Posted ", " hours ago"), Side("5", "Posted ", " hours ago")))
    'time'
    >>> churn(Side("a week", "Cancel within ", "."), Side("a month", "Cancel within ", "."))
    ''
    """
    if not (old.text or new.text):
        return ""
    if _is_letters(old, new):
        return Noise.LETTERS
    if not (old.before or old.after) and (why := _alone(old.text, new.text)):
        return why
    if is_phrase(*old) and (is_phrase(*new) or is_date(new.text)):
        return Noise.TIME
    if _numeric(old.text) and _numeric(new.text) and _is_counter(old) and _is_counter(new):
        return Noise.COUNTER
    return ""


def _alone(old: str, new: str) -> str:
    """The kind of noise that an exchange of two whole blocks is."""
    if is_time(old, new) or is_stamp(old, new):
        return Noise.TIME
    return Noise.COUNTER if _is_tally(old) and _is_tally(new) else ""


def _is_tally(text: str) -> bool:
    """Whether a text is empty, or only says when and how often: "Updated 3 days ago · 1,204 views"."""
    parts = [part.split() for part in _SEPARATOR.split(text) if part.strip()]
    counts = [_is_count(words) for words in parts]
    times = (is_time("", " ".join(words)) for words, is_count in zip(parts, counts, strict=True) if not is_count)
    return not parts or (any(counts) and not all(counts) and all(times))


def _is_count(words: Sequence[str]) -> bool:
    names = [word.lower().rstrip(":") for word in words if not _numeric(word)]
    return 0 < len(names) == len(words) - 1 and _COUNTED.issuperset(names)


def _is_counter(side: Side) -> bool:
    """Whether only the name of what is counted stands beside a number, up to the next separator."""
    before, after = _SEPARATOR.split(side.before)[-1], _SEPARATOR.split(_THOUSANDS.sub("", side.after))[0]
    words = [word for word in words_of(f"{before} {after}") if not word.isdigit()]
    return bool(words) and _COUNTED.issuperset(words)


_THOUSANDS = re.compile(r"^[kKmM]\b")
_SEPARATOR = re.compile(r"[·•|/;–—]|\s-\s|,\s")


def _is_letters(old: Side, new: Side) -> bool:
    """Whether only capitals of prose and punctuation between its words differ."""
    if _joined(old).lower() != _joined(new).lower():  # not folded: "Maße" and "Masse" are two words
        return False
    if _joined(old) != _joined(new) and not (_is_plain_word(old) and _is_plain_word(new)):
        return False
    return all(_is_between_words(*each) for side in (old, new) for each in _signs(side))


def _joined(side: Side) -> str:
    """The words of a text, completed by the parts of words that touch it on both sides."""
    before, after = side.before.rstrip().rpartition(" "), side.after.lstrip().partition(" ")
    space_before, space_after = " " * side.before.endswith(" "), " " * side.after.startswith(" ")
    return " ".join(_WORD.findall(before[2] + space_before + side.text + space_after + after[0]))


_WORD = re.compile(r"[^\W_]+")


def _glued(side: Side) -> str:
    """The text with what touches it on both sides, up to the next space."""
    before = "" if side.text[:1].isspace() else side.before.rpartition(" ")[2]
    return before + side.text + ("" if side.text[-1:].isspace() else side.after.partition(" ")[0])


def _is_plain_word(side: Side) -> bool:
    """Whether a text is prose, and touches no name such as `Dock.open` or `v2`."""
    return not _NAME.search(_glued(side))


_NAME = re.compile(r"\w[.:/@\\_#]\w|\d[^\W\d_]|[^\W\d_]\d|_|(?:^|\s)[-./@:]+\w|\w\(")


def _signs(side: Side) -> Iterator[tuple[str, str, str]]:
    """Each punctuation character of a text, with the character before and after it."""
    text, start = side.before + side.text + side.after, len(side.before)
    raised = {at for match in _RAISED.finditer(text) for at in (match.start(1), match.start(2))}
    for at in range(start, start + len(side.text)):
        sign = "" if at in raised else text[at]
        if sign and not (sign.isalnum() or sign.isspace()):
            yield sign, text[max(0, at - 1) : at], text[at + 1 : at + 2]


_RAISED = re.compile(r"\^(\()[^()]*(\))")  # superscripts of some dialects


# Punctuation that may come and go without a change of meaning.
_QUOTES, _DASHES, _STOPS, _BULLETS = "'\"«»‹›", "-", ".,;:!…¡、。・", "·•"
_PLACES = "¶§#↩↵⤴↑🔗⚓∞\ufe0e\ufe0f"  # signs of links to a place of the page, at the end of a block
_SLIPS = "*\\_^`|[]"  # of a dialect's escapes and markup


def _is_between_words(sign: str, before: str, after: str) -> bool:
    """Whether punctuation only separates or ends words of prose, and belongs to no number, name or code."""
    inside = before.isalnum() and after.isalnum()
    if sign in _QUOTES:
        return not (before.isdigit() and after.isdigit())
    if sign in _DASHES:
        opens = after.isalnum() and not before.isalnum()
        return not (opens or before in _DASHES or after in _DASHES) and not (
            inside and (before.isdigit() or after.isdigit())
        )
    if sign in _STOPS:
        return not after.isalnum() or sign == "¡"
    if sign in _PLACES:
        return not (after or before.isalnum())
    return sign in _BULLETS or sign in _SLIPS


def _numeric(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text.strip()))


_NUMBER = re.compile(r"[\d.,'\s]*\d[\d.,'\s]*[kKmM+]?")


_LISTS = frozenset({"ul", "ol"})
_BESIDE = 8  # words of the block beside a list that name the list


@dataclass(frozen=True, slots=True)
class ChangedList:
    """A list, or a row of links, that differs: its hunks, what is stored of it and what the page shows.

    It is remembered under each of its `names`. Of its `size` stored blocks, `kept` are still on the page.
    """

    hunks: Sequence[Hunk]
    names: Sequence[str]
    stored: str
    shown: str
    size: int
    kept: int

    def rotates(self, places: Mapping[str, Place]) -> bool:
        """Whether the list rotates: its old items come back. A list that only grows has really changed."""
        return self.kept < self.size and any(is_churn(places.get(name), self.shown) for name in self.names)

    def tells(self, places: Mapping[str, Place]) -> bool:
        """Whether memory is to know of it: half of it was exchanged, now or before. Less is an edit of some items."""
        return self.kept * 2 <= self.size or any(name in places for name in self.names)


class ChangedLists:
    """The stretches in which a stored text and a page differ, and which of them rotate as far as `places` tell."""

    def __init__(self, stored: Text, fresh: Text, hunks: Sequence[Hunk], places: Mapping[str, Place]) -> None:
        self._stored, self._fresh = stored.blocks, fresh.blocks
        self._told = [changed for changed in self._differing(hunks) if changed.tells(places)]
        self._rotating = {hunk for changed in self._told if changed.rotates(places) for hunk in changed.hunks}

    def rotates(self, hunk: Hunk) -> bool:
        """Whether a hunk is part of a rotating list."""
        return hunk in self._rotating

    def differences(self, written: AbstractSet[Hunk]) -> dict[str, Difference]:
        """What is to be remembered, by name; `written` are the hunks with changes that are written."""
        return {
            name: Difference(value(changed.stored), value(changed.shown), written.isdisjoint(changed.hunks))
            for changed in self._told
            for name in changed.names
        }

    def _differing(self, hunks: Sequence[Hunk]) -> Iterator[ChangedList]:
        for run in (list(group) for is_list, group in groupby(hunks, self._is_list) if is_list):
            start, end = run[0].start_a, run[-1].end_a
            old, new = self._stored[start:end], self._fresh[run[0].start_b : run[-1].end_b]
            if not old or _words(old) == _words(new):
                continue
            stored, shown = _lasting(old), _lasting(new)
            if stored != shown:
                kept = sum(hunk.end_a - hunk.start_a for hunk in run if self._is_kept(hunk))
                yield ChangedList(run, self._names(start, end), stored, shown, end - start, kept)

    def _is_list(self, hunk: Hunk) -> bool:
        return all(map(_is_item, hunk.old(self._stored) or hunk.new(self._fresh)))

    def _is_kept(self, hunk: Hunk) -> bool:
        """Whether stored items are still on the page, maybe with more or fewer words."""
        old, new = hunk.old(self._stored), hunk.new(self._fresh)
        if plain(_words(old)) == plain(_words(new)):
            return True
        one, other = Counter(_lasting(old).split()), Counter(_lasting(new).split())
        return hunk.linked and (one <= other or other <= one)

    def _names(self, start: int, end: int) -> tuple[str, str]:
        """A name by the block before, and one by the block after, as one of the two may change."""
        before = [*self._stored[start - 1].words[-_BESIDE:], self._twins[start - 1]] if start else []
        after = [*self._stored[end].words[:_BESIDE], self._twins[end]] if end < len(self._stored) else []
        return name("after", *before), name("before", *after)

    @cached_property
    def _twins(self) -> list[str]:
        """For each stored block how many before it say the same, as `Parameters` may stand above many lists."""
        seen: Counter[str] = Counter()
        found = []
        for block in self._stored:
            found.append(str(seen[block.content.line]))
            seen[block.content.line] += 1
        return found


def _is_item(block: Block) -> bool:
    """Whether a block is part of a list, or a paragraph that is mostly a link."""
    if block.boxes and not _LISTS.isdisjoint(block.boxes):
        return True
    return block.kind == "p" and 0 < len(block.words) <= block.linked * 2


def _words(blocks: Sequence[Block]) -> list[str]:
    return [word for block in blocks for word in block.words]


def _lasting(blocks: Sequence[Block]) -> str:
    """The words without numbers and relative times, which change in lists that stay."""
    words = (word.casefold() for word in _words(blocks) if word.isalpha())
    return " ".join(word for word in words if word not in RELATIVE)
