"""Brings a text that another converter made of a document up to date: exchanges the words that changed in the document.

Such a text has other paragraphs, other columns first, words that lines part, and on each page the furniture of the
document. So it is compared word by word with what the document gave the last time or, where that is not known, with
the reading of the document that is most like it.
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
from fetcher.terms.outcomes import Held, Noise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from fetcher.align import Hunk, Match
    from fetcher.page.page import Page

_OWN = 0.5  # share of the blocks that are written as here
_UNSURE = 0.1  # share of words that only one of two texts has, from which on nobody knows a change
_MANY = 6  # of such differences: what a converter loses, it loses all over the text
_BROKEN = 2  # pieces of words tell of a converter that loses signs
_ALIKE = 0.9  # share of these words that one by columns has, where there is one from above
_MOSTLY = 0.5  # share of the stored words that a reading has in their order
_AROUND = 3  # words on each side of a change that stand there as they are stored
_NEAR = 4  # words by which a place is found
_TOLD = 20  # differences that are reported of a text that cannot be compared
_WORD = re.compile(r"(?<!\(cid:)(?<![^\W_])(?!cid:\d)[^\W_]+")  # without the numbers of signs that pdfminer cannot read
_BARS = re.compile(r"(?<=\n)\| | \|(?: |(?=\n|$))")  # of tables, in a text that has none
_RULES = re.compile(r"\n\|(?: ?-+ ?\|)+(?=\n|$)")
_MARKUP = re.compile(r"([\\`*_\[\]<])")


def refresh_document(
    page: Page, stored: str, readings: Sequence[str], accept: AbstractSet[str] = frozenset(), past: Past = NOTHING
) -> Refreshed:
    """The stored body brought up to a document, of which `page` was made; `readings` are its text in other orders.

    The last of these is from above, across columns.
    """
    own = refresh_page(page, "")
    is_ours = not stored.strip() or past.is_own or own_share(blocks.parse(stored), own.body) >= _OWN
    if is_ours or Noise.IMPORTER in accept:
        return refresh_page(page, stored, accept, past)
    found = _Words.of(stored)
    if past.by_data and past.text:
        changes, lost = _since(found, _Words.of(past.text), _Words.of(own.body))
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
    """A text, its words as they compare, and the places of these."""

    text: str
    words: list[str]
    places: list[tuple[int, int]]

    @classmethod
    def of(cls, text: str) -> _Words:
        """The words of a text."""
        found = [*_WORD.finditer(text)]
        return cls(text, [normalize("NFKC", one.group()).casefold() for one in found], [one.span() for one in found])

    def between(self, start: int, end: int) -> str:
        """The text from the word before some to the last of them; the text of the first ones without what follows."""
        if start:
            return self.text[self.places[start - 1][1] : self.places[end - 1][1]]
        return self.text[self.places[0][0] : self.places[end - 1][1]]

    def only(self, start: int, end: int) -> str:
        """The text from the first to the last of some words; empty where there are none."""
        return self.text[self.places[start][0] : self.places[end - 1][1]] if start < end else ""


class _Change(NamedTuple):
    """Stored words that `text` takes the place of; where there are none, it is put behind the word before them."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """A reading next to the stored words."""

    words: _Words
    matches: list[Match]

    @property
    def size(self) -> int:
        """How many words they have in common."""
        return sum(match.size for match in self.matches)


def _since(stored: _Words, last: _Words, fresh: _Words) -> tuple[list[_Change], list[Held]]:
    """What changed since a document gave its `last` text, as far as its place in the stored one is found."""
    changes: list[_Change] = []
    lost = []
    for hunk in hunks_between(align(last.words, fresh.words), len(last.words), len(fresh.words)):
        if _is_same(last.words[hunk.start_a : hunk.end_a], fresh.words[hunk.start_b : hunk.end_b]):
            continue
        place = _place(stored.words, last.words, hunk)
        if place is None:
            old, new = last.only(hunk.start_a, hunk.end_a), fresh.only(hunk.start_b, hunk.end_b)
            lost.append(Held(Noise.UNWRITABLE, old, new))
        elif change := _change(fresh, hunk._replace(start_a=place, end_a=place + hunk.end_a - hunk.start_a)):
            changes.append(change)
    return changes, lost


def _place(stored: Sequence[str], last: Sequence[str], hunk: Hunk) -> int | None:
    """Where words of the last text stand among the stored ones; None where that is not certain."""
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


def _differences(stored: _Words, readings: Sequence[_Words]) -> tuple[list[_Change], list[Held]]:
    """Where the stored words differ from the reading that is most like them, as far as that is a change."""
    tried = [_Reading(one, align(stored.words, one.words)) for one in readings]
    best = max(tried, key=lambda one: one.size)
    # Where columns are read across, what stands beside what is another thing with each word that comes or goes.
    is_across = max(one.size for one in tried[:-1]) < _ALIKE * best.size
    hunks = [*hunks_between(best.matches, len(stored.words), len(best.words.words))]
    hunks = [hunk for hunk in hunks if not _is_alike(*_sides(stored, best.words, hunk))]
    news = [*_unmoved(stored, best.words, hunks)]
    size = sum(hunk.end_a - hunk.start_a + hunk.end_b - hunk.start_b for hunk in news)
    broken = sum(_has_fragment(*_sides(stored, best.words, hunk)) for hunk in news)
    is_sure = len(news) <= _MANY and size <= _UNSURE * len(stored.words) and broken < _BROKEN
    if not is_sure or is_across or best.size < _MOSTLY * len(stored.words):
        return [], [*islice(_importers(stored, best.words, hunks), _TOLD)]
    surrounded = _surrounded(best.matches)
    known = Counter(word for one in readings for word in one.words)
    changes: list[_Change] = []
    held: list[Held] = []
    for hunk in news:
        old, new = _sides(stored, best.words, hunk)
        # Numbers that come or go are those of pages and lines.
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
    """Whether words differ by nothing but where they are parted."""
    return "".join(old) == "".join(new)


def _is_alike(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether words are the same but for how converters part them: with raised letters and numbers of notes."""
    if _is_same(old, new):
        return True
    letters, others = ("".join(filter(str.isalpha, "".join(words))) for words in (old, new))
    return bool(letters) and len(old) != len(new) and sorted(letters) == sorted(others)


def _importers(stored: _Words, fresh: _Words, hunks: Sequence[Hunk]) -> Iterator[Held]:
    for hunk in hunks:
        old, new = stored.only(hunk.start_a, hunk.end_a), fresh.only(hunk.start_b, hunk.end_b)
        yield Held(Noise.IMPORTER, old, new)


def _surrounded(matches: Sequence[Match]) -> set[Hunk]:
    """The differences on both sides of which some words are the same."""
    found = set()
    for one, other in pairwise(matches):
        if one.size >= _AROUND and other.size >= _AROUND:
            found |= {*hunks_between([one, other], other.end_a, other.end_b)}
    return found


def _unmoved(stored: _Words, fresh: _Words, hunks: Sequence[Hunk]) -> Iterator[Hunk]:
    """The differences but those whose words stand elsewhere in the other text."""
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
    """Whether a word on one side is the begin or the end of one on the other."""
    pairs = ((one, other) for one in old for other in new if one != other and one.isalpha() and other.isalpha())
    return any(
        one in (other[: len(one)], other[-len(one) :]) or other in (one[: len(other)], one[-len(other) :])
        for one, other in pairs
    )


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)


def _is_in(words: Sequence[str], runs: AbstractSet[tuple[str, ...]]) -> bool:
    """Whether most of some words stand as they do in a text of these runs."""
    own = [*_runs(words)]
    return sum(run in runs for run in own) * 2 > len(own)


def _change(fresh: _Words, hunk: Hunk) -> _Change | None:
    """What is to be written of a difference; None where it has no place."""
    start, end = hunk.start_a, hunk.end_a
    if hunk.start_b == hunk.end_b:
        return _Change(start, end, "") if start else None
    if start < end:
        return _Change(start, end, fresh.only(hunk.start_b, hunk.end_b))
    return _Change(start, end, fresh.between(hunk.start_b, hunk.end_b)) if start and hunk.start_b else None


def _written(stored: _Words, changes: Sequence[_Change]) -> tuple[str, list[_Change], list[Held]]:
    """The stored text with the changes in it, and which these are: those stay out that would break a table."""
    text = stored.text
    held: list[Held] = []
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
            held.append(Held(Noise.UNWRITABLE, text[start:end].strip(), change.text.strip()))
            continue
        text = f"{text[:start]}{change.text}{text[end:]}"
        made.append(change)
    return text, made, held
