"""Updates a body that another converter made of a document (PDF, Word): replaces the words that changed in it.

Such a body has its own paragraphs and order of columns, words broken at line ends, and page headers and footers. So it
is compared word by word: with the text of the document at the last visit or, if that is unknown, with the reading order
of the document that matches it best.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from fetcher.align import align, hunks_between
from fetcher.markdown.reading import blocks
from fetcher.merge.held_back import NOTHING, Past
from fetcher.merge.refresh import Refreshed, refresh_page
from fetcher.region.choice import own_share
from fetcher.terms.outcomes import HeldBack, Noise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from fetcher.align import Hunk, Match
    from fetcher.page.page import Page

_OWN = 0.5  # share of blocks spelled as this program does: then it wrote the body itself
_UNSURE = 0.1  # share of differing words above which changes cannot be told from what a converter does
_MANY = 6  # differences above which the same holds: a converter loses things all over the text
_BROKEN = 2  # word fragments from which on the same holds: the converter loses characters
_ALIKE = 0.9  # share of matching words that reading by columns must keep, compared with the best order
_MOSTLY = 0.5  # least share of the stored words that a reading has to match in order
_AROUND = 3  # matching words required on both sides of a change
_NEAR = 4  # words of context by which a place is found
_TOLD = 20  # differences that are reported for a text that cannot be compared
_WORD = re.compile(r"(?<!\(cid:)(?<![^\W_])(?!cid:\d)[^\W_]+")  # skips "(cid:12)": glyphs that pdfminer cannot read
_BARS = re.compile(r"(?<=\n)\| | \|(?: |(?=\n|$))")  # cell delimiters of tables
_RULES = re.compile(r"\n\|(?: ?-+ ?\|)+(?=\n|$)")
_MARKUP = re.compile(r"([\\`*_\[\]<])")


def refresh_document(
    page: Page, stored: str, readings: Sequence[str], accept: AbstractSet[str] = frozenset(), past: Past = NOTHING
) -> Refreshed:
    """The stored body after the merge with a document, of which `page` was made.

    `readings` are the document's text in several reading orders; the last one goes from top to bottom across columns.
    """
    own = refresh_page(page, "")
    is_ours = not stored.strip() or past.is_own or own_share(blocks.parse(stored), own.body) >= _OWN
    if is_ours or Noise.IMPORTER in accept:
        return refresh_page(page, stored, accept, past)
    found = _Words.of(stored)
    if past.by_data and past.text:
        changes, lost = _changes_since(found, _Words.of(past.text), _Words.of(own.body))
    else:
        changes, lost = _differences(found, [*map(_Words.of, readings)])
    body, changes, unwritable = _written(found, changes)
    return Refreshed(
        body,
        page.title,
        sum(len(_WORD.findall(change.text)) for change in changes),
        sum(change.end - change.start for change in changes),
        (*lost, *unwritable),
        given=own.body,
        by_data=True,
    )


class _Words(NamedTuple):
    """A text, its words normalised for comparison, and their positions."""

    text: str
    words: list[str]
    places: list[tuple[int, int]]

    @classmethod
    def of(cls, text: str) -> _Words:
        """A text with its words."""
        found = [*_WORD.finditer(text)]
        return cls(text, [normalize("NFKC", one.group()).casefold() for one in found], [one.span() for one in found])

    def between(self, start: int, end: int) -> str:
        """The text of some words with what stands before them, back to the end of the previous word."""
        if start:
            return self.text[self.places[start - 1][1] : self.places[end - 1][1]]
        return self.text[self.places[0][0] : self.places[end - 1][1]]

    def only(self, start: int, end: int) -> str:
        """The text from the first to the last of some words; empty if there are none."""
        return self.text[self.places[start][0] : self.places[end - 1][1]] if start < end else ""


class _Change(NamedTuple):
    """A range of stored words to be replaced by `text`; an empty range means to insert it there."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading order of a document, aligned with the stored words."""

    words: _Words
    matches: list[Match]

    @property
    def size(self) -> int:
        """The number of words in common."""
        return sum(match.size for match in self.matches)


def _changes_since(stored: _Words, last: _Words, fresh: _Words) -> tuple[list[_Change], list[HeldBack]]:
    """The changes since the `last` text of a document whose place in the stored text is certain, and the others."""
    changes: list[_Change] = []
    lost = []
    for hunk in hunks_between(align(last.words, fresh.words), len(last.words), len(fresh.words)):
        if _is_same(last.words[hunk.start_a : hunk.end_a], fresh.words[hunk.start_b : hunk.end_b]):
            continue
        place = _place(stored.words, last.words, hunk)
        if place is None:
            old, new = last.only(hunk.start_a, hunk.end_a), fresh.only(hunk.start_b, hunk.end_b)
            lost.append(HeldBack(Noise.UNWRITABLE, old, new))
        elif change := _change(fresh, hunk._replace(start_a=place, end_a=place + hunk.end_a - hunk.start_a)):
            changes.append(change)
    return changes, lost


def _place(stored: Sequence[str], last: Sequence[str], hunk: Hunk) -> int | None:
    """The position of a hunk of the last text among the stored words; None if it is not certain."""
    for before, after in ((_NEAR, _NEAR), (_NEAR, 0), (0, _NEAR)):
        start, end = max(0, hunk.start_a - before), min(len(last), hunk.end_a + after)
        sought = [*last[start:end]]
        if not sought:
            continue
        firsts = (at for at, word in enumerate(stored) if word == sought[0])
        found = [*islice((at for at in firsts if [*stored[at : at + len(sought)]] == sought), 2)]
        if len(found) == 1:
            return found[0] + hunk.start_a - start
    return None


def _differences(stored: _Words, readings: Sequence[_Words]) -> tuple[list[_Change], list[HeldBack]]:
    """The changes between the stored words and the reading that matches them best, and what is held back."""
    tried = [_Reading(one, align(stored.words, one.words)) for one in readings]
    best = max(tried, key=lambda one: one.size)
    # In text read across columns, each added or removed word changes what stands next to what.
    is_across = max(one.size for one in tried[:-1]) < _ALIKE * best.size
    hunks = [*hunks_between(best.matches, len(stored.words), len(best.words.words))]
    hunks = [hunk for hunk in hunks if not _is_same_but_for_breaks(*_sides(stored, best.words, hunk))]
    news = [*_unmoved(stored, best.words, hunks)]
    size = sum(hunk.end_a - hunk.start_a + hunk.end_b - hunk.start_b for hunk in news)
    broken = sum(_has_fragment(*_sides(stored, best.words, hunk)) for hunk in news)
    is_sure = len(news) <= _MANY and size <= _UNSURE * len(stored.words) and broken < _BROKEN
    if not is_sure or is_across or best.size < _MOSTLY * len(stored.words):
        return [], [*islice(_importers(stored, best.words, hunks), _TOLD)]
    surrounded = _surrounded(best.matches)
    known = Counter(word for one in readings for word in one.words)
    changes: list[_Change] = []
    held: list[HeldBack] = []
    for hunk in news:
        old, new = _sides(stored, best.words, hunk)
        # Numbers alone that come or go are page or line numbers.
        is_news = bool(old and new) or (any(map(str.isalpha, old + new)) and not (old and all(map(known.get, old))))
        change = _change(best.words, hunk) if hunk in surrounded and is_news else None
        if change:
            changes.append(change._replace(text=_MARKUP.sub(r"\\\1", change.text)))
        else:
            held += _importers(stored, best.words, [hunk])
    return changes, held


def _sides(stored: _Words, fresh: _Words, hunk: Hunk) -> tuple[list[str], list[str]]:
    return stored.words[hunk.start_a : hunk.end_a], fresh.words[hunk.start_b : hunk.end_b]


def _is_same(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether words differ only in where they are separated."""
    return "".join(old) == "".join(new)


def _is_same_but_for_breaks(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether words are the same apart from their separation and from superscripts and footnote numbers."""
    if _is_same(old, new):
        return True
    letters, others = ("".join(filter(str.isalpha, "".join(words))) for words in (old, new))
    return bool(letters) and len(old) != len(new) and sorted(letters) == sorted(others)


def _importers(stored: _Words, fresh: _Words, hunks: Sequence[Hunk]) -> Iterator[HeldBack]:
    for hunk in hunks:
        old, new = stored.only(hunk.start_a, hunk.end_a), fresh.only(hunk.start_b, hunk.end_b)
        yield HeldBack(Noise.IMPORTER, old, new)


def _surrounded(matches: Sequence[Match]) -> set[Hunk]:
    """The hunks that have enough matching words on both sides."""
    found = set()
    for one, other in pairwise(matches):
        if one.size >= _AROUND and other.size >= _AROUND:
            found |= {*hunks_between([one, other], other.end_a, other.end_b)}
    return found


def _unmoved(stored: _Words, fresh: _Words, hunks: Sequence[Hunk]) -> Iterator[Hunk]:
    """The hunks without those whose words stand elsewhere in the other text."""
    gone, come = Counter[str](), Counter[str]()
    for hunk in hunks:
        old, new = _sides(stored, fresh, hunk)
        gone.update(old)
        come.update(new)
    stored_runs, fresh_runs = {*_runs(stored.words)}, {*_runs(fresh.words)}
    for hunk in hunks:
        old, new = _sides(stored, fresh, hunk)
        is_moved = Counter(old) <= come and Counter(new) <= gone
        if not is_moved and not _is_in(old, fresh_runs) and not _is_in(new, stored_runs):
            yield hunk


def _has_fragment(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether a word on one side is the beginning or the end of one on the other."""
    pairs = ((one, other) for one in old for other in new if one != other and one.isalpha() and other.isalpha())
    return any(
        one in (other[: len(one)], other[-len(one) :]) or other in (one[: len(other)], one[-len(other) :])
        for one, other in pairs
    )


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)


def _is_in(words: Sequence[str], runs: AbstractSet[tuple[str, ...]]) -> bool:
    """Whether most trigrams of the words are among those of a text."""
    own = [*_runs(words)]
    return sum(run in runs for run in own) * 2 > len(own)


def _change(fresh: _Words, hunk: Hunk) -> _Change | None:
    """The change that a hunk makes; None if it has no place in the stored text."""
    start, end = hunk.start_a, hunk.end_a
    if hunk.start_b == hunk.end_b:
        return _Change(start, end, "") if start else None
    if start < end:
        return _Change(start, end, fresh.only(hunk.start_b, hunk.end_b))
    return _Change(start, end, fresh.between(hunk.start_b, hunk.end_b)) if start and hunk.start_b else None


def _written(stored: _Words, changes: Sequence[_Change]) -> tuple[str, list[_Change], list[HeldBack]]:
    """The stored text with the changes made, these changes, and those held back because they would break a table."""
    text = stored.text
    held: list[HeldBack] = []
    made: list[_Change] = []
    has_rows = "\n|" in stored.text
    for change in sorted(changes, reverse=True):
        if not has_rows:
            change = change._replace(text=_BARS.sub(" ", _RULES.sub("", change.text)))  # noqa: PLW2901
        first = change.start - (change.start == change.end or not change.text)
        start = stored.places[first][1] if first < change.start else stored.places[first][0]
        end = stored.places[max(change.end - 1, first)][1]
        row = stored.text.rfind("\n", 0, start) + 1
        if stored.text.startswith("|", row) and "\n" in text[start:end] + change.text:
            held.append(HeldBack(Noise.UNWRITABLE, text[start:end].strip(), change.text.strip()))
            continue
        text = f"{text[:start]}{change.text}{text[end:]}"
        made.append(change)
    return text, made, held
