"""Keeps only the changes that two answers for a page both show: two fetches of it, or its HTML and its Markdown."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from fetcher.align import Match, align
from fetcher.markdown.reading import blocks
from fetcher.merge.place_history import Difference, name, value
from fetcher.merge.refresh import refresh_text
from fetcher.seeds import frontmatter
from fetcher.terms.outcomes import TROUBLES, HeldBack, Noise, Outcome
from fetcher.visits.visit import in_lf, seed_result

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetcher.memory.memory import Base
    from fetcher.visits.fetched import Fetched
    from fetcher.visits.recall import Stored
    from fetcher.visits.results import Result, Visited, VisitOptions

# A hunk with a smaller share of its words in both fetches changes each time: a rotating list, a quote of the day.
_MOSTLY = 0.8
_HALF = 0.5

# HTML and Markdown with a smaller share of words in common are not the same page.
_ALIKE = 0.95
_QUOTED = 500  # characters quoted of the words that only one of them has

_WORD = re.compile(r"\s*\S+|\s+")


def confirmed(first: Visited, second: Visited, again: Fetched, stored: Stored, options: VisitOptions) -> Visited:
    """The visit with only those changes that both fetches show; `again` is the second answer."""
    pairs = zip(first.results, second.results, strict=True)
    results = tuple(_confirmed_seed(one, other, again, stored, options) for one, other in pairs)
    return replace(second, results=results)


def agreed_representation(
    by_html: Visited, by_markdown: Visited, answer: Fetched, stored: Stored, options: VisitOptions
) -> Visited:
    """The visit with only those changes that both the HTML and the Markdown (`answer`) of a page show.

    Seeds for which both give the same body are read from the Markdown from now on. For the others, what only one of
    the two shows is held back.
    """
    pairs = zip(by_html.results, by_markdown.results, strict=True)
    results = tuple(_represented_seed(one, other, answer, stored, options) for one, other in pairs)
    return replace(by_html, results=results)


def agreed(stored: str, first: str, second: str) -> tuple[str, tuple[HeldBack, ...]]:
    """The stored text with the changes that two new versions have in common, and the held-back rest.

    >>> agreed("One.\\n\\n10 readers\\n", "Two.\\n\\n11 readers\\n", "Two.\\n\\n12 readers\\n")[0]
    'Two.\\n\\n10 readers\\n'
    """
    if first == second:
        return second, ()
    if stored in (first, second):
        return stored, tuple(_differences(stored, second if first == stored else first))
    versions = _Versions(stored, first, second)
    pieces, held = [], []
    for hunk, is_shown in versions.hunks():
        old, new = versions.stored_text(hunk), versions.second_text(hunk)
        pieces.append(new if is_shown else old)
        if old != new and not is_shown:
            held.append(HeldBack(Noise.UNCONFIRMED, old.strip(), new.strip()))
    return "".join(pieces), tuple(held)


class _Hunk(NamedTuple):
    """A range of words of the stored text, and the range that replaces it in the second version."""

    start: int
    end: int
    new_start: int
    new_end: int


class _Versions:
    """A stored text and its second version as words, each marked if the first version has it too."""

    def __init__(self, stored: str, first: str, second: str) -> None:
        self._stored_lines, self._second_lines = blocks.split_lines(stored), blocks.split_lines(second)
        self._stored, self._second = _words(self._stored_lines), _words(self._second_lines)
        shown = _words(blocks.split_lines(first))
        self._still, self._too = _matched(self._stored, shown), _matched(self._second, shown)

    def hunks(self) -> Iterator[tuple[_Hunk, bool]]:
        """Both texts hunk by hunk, each with whether the first version has what the second has there.

        Hunks are made of lines, or of words where the first version has most of the words of the lines.
        """
        places, new_places = _places(self._stored_lines), _places(self._second_lines)
        for lines in _pieces(self._stored_lines, self._second_lines):
            hunk = _Hunk(places[lines.start], places[lines.end], new_places[lines.new_start], new_places[lines.new_end])
            if self._share_shown(hunk) >= _MOSTLY:
                yield from self._by_word(hunk)
            else:
                yield hunk, False

    def stored_text(self, hunk: _Hunk) -> str:
        """The stored text of a hunk."""
        return "".join(self._stored[hunk.start : hunk.end])

    def second_text(self, hunk: _Hunk) -> str:
        """The text of a hunk in the second version."""
        return "".join(self._second[hunk.new_start : hunk.new_end])

    def _by_word(self, hunk: _Hunk) -> Iterator[tuple[_Hunk, bool]]:
        old, new = self._stored[hunk.start : hunk.end], self._second[hunk.new_start : hunk.new_end]
        for piece in _pieces(old, new):
            start, new_start = hunk.start, hunk.new_start
            words = _Hunk(
                start + piece.start, start + piece.end, new_start + piece.new_start, new_start + piece.new_end
            )
            yield words, self._is_shown(words)

    def _is_shown(self, hunk: _Hunk) -> bool:
        if hunk.new_start < hunk.new_end:
            return self._share_shown(hunk) >= _HALF
        return sum(self._still[hunk.start : hunk.end]) < _HALF * (hunk.end - hunk.start)

    def _share_shown(self, hunk: _Hunk) -> float:
        size = hunk.new_end - hunk.new_start
        return sum(self._too[hunk.new_start : hunk.new_end]) / size if size else 1.0


def _differences(stored: str, other: str) -> Iterator[HeldBack]:
    old, new = blocks.split_lines(stored), blocks.split_lines(other)
    for piece in _pieces(old, new):
        removed, added = "".join(old[piece.start : piece.end]), "".join(new[piece.new_start : piece.new_end])
        if removed != added:
            yield HeldBack(Noise.UNCONFIRMED, removed.strip(), added.strip())


def _words(lines: Sequence[str]) -> list[str]:
    return [word for line in lines for word in _WORD.findall(line)]


def _places(lines: Sequence[str]) -> list[int]:
    """The number of words before each line, and before the end."""
    return [0, *accumulate(len(_WORD.findall(line)) for line in lines)]


def _matched(words: Sequence[str], others: Sequence[str]) -> bytearray:
    """For each word, 1 if it is aligned with one of the others."""
    found = bytearray(len(words))
    for match in align(words, others):
        found[match.start_a : match.end_a] = b"\1" * match.size
    return found


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[_Hunk]:
    """The two sequences as pairs of equal or replaced ranges, in order."""
    end = new_end = 0
    for match in [*align(old, new), Match(len(old), len(new), 0)]:
        if end < match.start_a or new_end < match.start_b:
            yield _Hunk(end, match.start_a, new_end, match.start_b)
        if match.size:
            yield _Hunk(match.start_a, match.end_a, match.start_b, match.end_b)
        end, new_end = match.end_a, match.end_b


def _represented_seed(one: Result, other: Result, answer: Fetched, stored: Stored, options: VisitOptions) -> Result:
    if one.record.outcome in TROUBLES or other.record.outcome in TROUBLES:
        return one
    if one.record.outcome is Outcome.FILLED:
        missing = _differing_words(_body(one), _body(other))
        return replace(one, record=replace(one.record, held=(missing,))) if missing else other
    if _body(one) == _body(other):
        return other
    result = _agreement(one, other, answer, stored, options, Noise.REPRESENTATION)
    return replace(result, differences={**result.differences, **_to_look_at_again(result, stored)})


def _to_look_at_again(result: Result, stored: Stored) -> dict[str, Difference]:
    """Differences that make the next visit read both versions again; the one after that does not."""
    held = [one for one in result.record.held if one.reason == Noise.REPRESENTATION]
    places = {name(result.record.path, one.removed, one.added): one for one in held}
    return {
        place: Difference(value(one.removed), value(one.added), held=place not in stored.memory.places)
        for place, one in places.items()
    }


def _differing_words(html: str, markdown: str) -> HeldBack | None:
    """The words that only the HTML and only the Markdown of a page have; None if these are few."""
    one, other = blocks.parse(html).words, blocks.parse(markdown).words
    still, too = _matched(one, other), _matched(other, one)
    if sum(still) >= _ALIKE * len(one) and sum(too) >= _ALIKE * len(other):
        return None
    removed, added = (
        " ".join(word for word, is_shared in zip(words, shared, strict=True) if not is_shared)[:_QUOTED]
        for words, shared in ((one, still), (other, too))
    )
    return HeldBack(Noise.REPRESENTATION, removed, added)


def _confirmed_seed(one: Result, other: Result, again: Fetched, stored: Stored, options: VisitOptions) -> Result:
    if one.record.outcome is not Outcome.CHANGED:
        return one
    if other.record.outcome in TROUBLES or _body(one) == _body(other):
        return other
    return _agreement(one, other, again, stored, options, Noise.UNCONFIRMED)


def _agreement(
    one: Result, other: Result, again: Fetched, stored: Stored, options: VisitOptions, reason: Noise
) -> Result:
    """The result with what two results agree on; the rest is held back for the reason."""
    body = in_lf(stored.seeds[other.record.path])
    both, rest = agreed(body, _body(one), _body(other))
    counted = refresh_text(both, url=again.final_url, stored=body, accept=options.accept)
    held = (*other.record.held, *(replace(one, reason=reason) for one in rest))
    refreshed = replace(counted, body=both, title=other.record.title, about=other.record.page, held=held)
    result = seed_result(other.record.path, stored, again, options, refreshed)
    record = replace(
        result.record,
        shares_page_with=other.record.shares_page_with,
        unchanged_blocks=other.record.unchanged_blocks,
        reproduced_blocks=other.record.reproduced_blocks,
    )
    base = _base(one, other, result, stored, both) if reason is Noise.UNCONFIRMED else None
    return replace(result, record=record, base=base, differences=other.differences)


def _base(one: Result, other: Result, written: Result, stored: Stored, both: str) -> Base | None:
    """The base to remember if `both` is `written`: the text that both answers agree on, the rest as before.

    None if it does not have exactly the changes that the file has: they would look like edits by hand later.
    """
    path = other.record.path
    before, body = stored.bases.get(path), in_lf(stored.seeds[path])
    first, second, made = (result.base or before for result in (one, other, written))
    if first is None or second is None or made is None:
        return None
    prior = before.text if before else body
    text, _ = agreed(prior, first.text, second.text)
    is_told = _word_changes(prior, text) == _word_changes(body, both)
    return replace(second, text=text, bodies=made.bodies, refused=made.refused) if is_told else None


def _word_changes(old: str, new: str) -> tuple[Counter[str], Counter[str]]:
    """The words that are added and those that are removed."""
    one, other = (Counter(blocks.parse(text).words) for text in (old, new))
    return other - one, one - other


def _body(result: Result) -> str:
    """The body that the result would write, in LF."""
    span = frontmatter.find(result.new)
    return result.new[span.body :].replace("\r\n", "\n") if span else ""
