"""Finds where a body's words occur on a page: aligns both, and drops what they share by chance."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from itertools import pairwise
from operator import attrgetter

from fetcher.align import Match, align
from fetcher.page.semantics import HEADINGS
from fetcher.page.word_spans import WordSpans

_SHORT = 50  # the most words of a match that may have a twin elsewhere: a title, a menu entry
_WINDOW = 4000  # words in which to look for a twin
_FAR = 30  # the fewest words between two groups of matches
_LONG = 8  # words in a row that two texts hardly share by chance
_SHIFTS = 12  # the most words by which a border may move


def match(stored: Sequence[str], page: WordSpans) -> list[Match]:
    """The common runs, in order: `start_a` in the stored words, `start_b` in the page's."""
    found = align(stored, page.words)
    if not found:
        return []
    found = _without_chance_matches(_at_nearest_twins(found, page.words), page, len(stored))
    return _shifted_to_borders(_without_stray_groups(found, _headings(page)), page)


def _at_nearest_twins(matches: list[Match], words: Sequence[str]) -> list[Match]:
    """The matches, each moved to its twin nearest to the longest match: a title is the article's, not the menu's."""
    bulk = max(range(len(matches)), key=lambda k: matches[k].size)
    settled = matches[:]
    for k in range(bulk - 1, -1, -1):
        settled[k] = _last_twin(settled[k], words, settled[k].start_b, settled[k + 1].start_b)
    for k in range(bulk + 1, len(settled)):
        settled[k] = _first_twin(settled[k], words, settled[k - 1].end_b, settled[k].end_b)
    return settled


def _last_twin(found: Match, words: Sequence[str], low: int, high: int) -> Match:
    if found.size > _SHORT:
        return found
    return _twin(found, words, range(high - found.size, max(low, high - _WINDOW) - 1, -1))


def _first_twin(found: Match, words: Sequence[str], low: int, high: int) -> Match:
    if found.size > _SHORT:
        return found
    return _twin(found, words, range(low, min(high, low + _WINDOW) - found.size + 1))


def _twin(found: Match, words: Sequence[str], places: range) -> Match:
    wanted = words[found.start_b : found.end_b]
    for at in places:
        if words[at] == wanted[0] and words[at : at + found.size] == wanted:
            return Match(found.start_a, at, found.size)
    return found


def _without_chance_matches(matches: list[Match], page: WordSpans, size_a: int) -> list[Match]:
    """The matches without those shorter than the gaps on both sides, unless they are a whole text node or heading."""
    headings = _headings(page)
    end = Match(size_a, len(page.words), 0)
    kept: list[Match] = []
    for at, found in enumerate(matches):
        before = kept[-1] if kept else Match(0, 0, 0)
        after = matches[at + 1] if at + 1 < len(matches) else end
        left = max(found.start_a - before.end_a, found.start_b - before.end_b)
        right = max(after.start_a - found.end_a, after.start_b - found.end_b)
        place = found.start_b, found.end_b
        if found.size > min(left, right, _LONG) or place in headings or (found.size > 1 and _is_run(page, *place)):
            kept.append(found)
    return kept


def _is_run(page: WordSpans, start: int, end: int) -> bool:
    """Whether the words `start:end` are a whole text node."""
    at = bisect_left(page.runs, start, key=attrgetter("start"))
    return at < len(page.runs) and (page.runs[at].start, page.runs[at].end) == (start, end)


def _headings(page: WordSpans) -> set[tuple[int, int]]:
    return {(page.starts[k], page.ends[k]) for k in page.tagged(*HEADINGS)}


def _without_stray_groups(matches: list[Match], headings: Collection[tuple[int, int]]) -> list[Match]:
    """The matches without the small groups that are far from all others.

    A heading stays if the stored text continues after new text below it; it may be one word, such as "News".
    """
    groups: list[list[Match]] = []
    for found in matches:
        if groups and found.start_b - groups[-1][-1].end_b < _FAR:
            groups[-1].append(found)
        else:
            groups.append([found])
    total = sum(found.size for found in matches)
    return [
        found
        for group, after in pairwise([*groups, []])
        if _is_large_or_dense(group, total) or _is_heading_before(group, after, headings)
        for found in group
    ]


def _is_heading_before(group: list[Match], after: list[Match], headings: Collection[tuple[int, int]]) -> bool:
    found = group[-1]
    return bool(after) and found.end_a == after[0].start_a and (found.start_b, found.end_b) in headings


def _is_large_or_dense(group: list[Match], total: int) -> bool:
    size = sum(found.size for found in group)
    longest = max(found.size for found in group)
    dense = size >= 0.6 * (group[-1].end_b - group[0].start_b)
    return size * 2 >= total or longest >= _LONG or (dense and longest > 1)


def _shifted_to_borders(matches: list[Match], page: WordSpans) -> list[Match]:
    """The matches with each insertion shifted, if the words allow it, to the borders of text nodes.

    If `(a) (b)` replaces `(b)`, either `(a) (` or `(a)` may be new: it is the one that is a text node or an element.
    """
    fitted = matches[:1]
    if not any(last.end_a == found.start_a for last, found in pairwise(matches)):
        return fitted + matches[1:]
    starts, ends = {run.start for run in page.runs}, {run.end for run in page.runs}
    spans = {*zip(page.starts, page.ends, strict=True)}
    for found in matches[1:]:
        last = fitted[-1]
        shift = _shift(page.words, last, found, starts, ends, spans) if last.end_a == found.start_a else 0
        fitted[-1] = Match(last.start_a, last.start_b, last.size + shift)
        fitted.append(Match(found.start_a + shift, found.start_b + shift, found.size - shift))
    return [found for found in fitted if found.size]


def _shift(
    words: Sequence[str], last: Match, found: Match, starts: set[int], ends: set[int], spans: set[tuple[int, int]]
) -> int:
    """By how many words to shift the gap between two matches so that it begins and ends at borders."""

    def borders(shift: int) -> int:
        start, end = last.end_b + shift, found.start_b + shift
        return (start in starts) + (end in ends) + ((start, end) in spans)

    possible = [0]
    for shift in range(-1, -min(_SHIFTS, last.size + 1), -1):
        if words[last.end_b + shift] != words[found.start_b + shift]:
            break
        possible.append(shift)
    for shift in range(1, min(_SHIFTS, found.size + 1)):
        if words[last.end_b + shift - 1] != words[found.start_b + shift - 1]:
            break
        possible.append(shift)
    return max(possible, key=lambda shift: (borders(shift), -abs(shift)))
