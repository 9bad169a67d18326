"""The region: the part of a page that a seed stores, learned from the stored body."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from lxml import html

from fetcher.align import Match, align
from fetcher.flow import Flow, Run
from fetcher.looks import Look, look


@dataclass(slots=True)
class Region:
    """Which text runs of a flow the seed stores (`keep[k]` for `flow.runs[k]`), and what was left out inside of it."""

    keep: list[bool]
    excluded: list[tuple[html.HtmlElement, str]] = field(default_factory=list)


def region(page: Flow, stored: Sequence[str], anchors: frozenset[str] = frozenset()) -> Region:
    matches = settle(align(stored, page.words), stored, page)
    return _Chooser(page, stored, matches, anchors).choose()


def settle(matches: list[Match], stored: Sequence[str], page: Flow) -> list[Match]:
    """The matches with every one that has a twin nearer to the bulk of them moved there, and stray ones dropped."""
    if not matches:
        return []
    words = page.words
    bulk = max(range(len(matches)), key=lambda k: matches[k].size)
    moved = matches[:]
    for k in range(bulk - 1, -1, -1):
        moved[k] = _slide(moved[k], words, moved[k].start_b, moved[k + 1].start_b, last=True)
    for k in range(bulk + 1, len(moved)):
        moved[k] = _slide(moved[k], words, moved[k - 1].end_b, moved[k].end_b, last=False)
    whole = {(run.start, run.end) for run in page.runs}
    return _fitted(_solid(_meant(moved, len(stored), len(words), whole)), page)


_SHIFTS = 12


def _fitted(matches: list[Match], page: Flow) -> list[Match]:
    """The matches with what is only on the page shifted, where the words allow it, to the borders of text nodes.

    `(a) (b)` against `(b)` may be read as `(a) (` or `(a)` inserted: the one that is a node is meant.
    """
    starts, ends = {run.start for run in page.runs}, {run.end for run in page.runs}
    fitted = matches[:1]
    for match in matches[1:]:
        last = fitted[-1]
        shift = 0
        if last.end_a == match.start_a:
            shift = _shift(page.words, last, match, starts, ends)
        if shift:
            fitted[-1] = Match(last.start_a, last.start_b, last.size + shift)
            match = Match(match.start_a + shift, match.start_b + shift, match.size - shift)
        fitted.append(match)
    return [match for match in fitted if match.size]


def _shift(words: Sequence[str], last: Match, match: Match, starts: set[int], ends: set[int]) -> int:
    start, end = last.end_b, match.start_b
    best, found = (start in starts) + (end in ends), 0
    for step in (-1, 1):
        for k in range(1, _SHIFTS):
            shift = step * k
            if step < 0 and (k > last.size or words[start + shift] != words[end + shift]):
                break
            if step > 0 and (k > match.size or words[start + shift - 1] != words[end + shift - 1]):
                break
            score = (start + shift in starts) + (end + shift in ends)
            if score > best:
                best, found = score, shift
    return found


def _meant(matches: list[Match], size_a: int, size_b: int, whole: set[tuple[int, int]]) -> list[Match]:
    """Without the matches that are shorter than the edits on both of their sides: words shared by chance."""
    kept: list[Match] = []
    for at, match in enumerate(matches):
        before = kept[-1] if kept else Match(0, 0, 0)
        after = matches[at + 1] if at + 1 < len(matches) else Match(size_a, size_b, 0)
        left = max(match.start_a - before.end_a, match.start_b - before.end_b)
        right = max(after.start_a - match.end_a, after.start_b - match.end_b)
        if match.size > min(left, right, 8) or (match.size > 1 and (match.start_b, match.end_b) in whole):
            kept.append(match)
    return kept


_SHORT = 50
_WINDOW = 4000


def _slide(match: Match, words: Sequence[str], low: int, high: int, *, last: bool) -> Match:
    if match.size > _SHORT or high - low <= match.size:
        return match
    wanted = words[match.start_b : match.end_b]
    if last:
        low = max(low, high - _WINDOW)
        places = range(high - match.size, low - 1, -1)
    else:
        high = min(high, low + _WINDOW)
        places = range(low, high - match.size + 1)
    for at in places:
        if words[at] == wanted[0] and words[at : at + match.size] == wanted:
            return Match(match.start_a, at, match.size)
    return match


_FAR = 30


def _solid(matches: list[Match]) -> list[Match]:
    """Without the small groups of matches far from all others: words that two texts share by chance."""
    groups: list[list[Match]] = []
    for match in matches:
        if groups and match.start_b - groups[-1][-1].end_b < _FAR:
            groups[-1].append(match)
        else:
            groups.append([match])
    total = sum(match.size for match in matches)
    solid = []
    for group in groups:
        size = sum(match.size for match in group)
        span = group[-1].end_b - group[0].start_b
        longest = max(match.size for match in group)
        if size >= total / 2 or longest >= 8 or (longest >= 2 and size >= span * 0.6):
            solid += group
    return solid


class _Chooser:
    def __init__(self, page: Flow, stored: Sequence[str], matches: list[Match], anchors: frozenset[str]) -> None:
        self.page = page
        self.stored = stored
        self.anchors = anchors
        matched = bytearray(len(page.words))
        long = bytearray(len(page.words))
        # the share of a gap that stored words fill: what replaces them is new text, not something left out
        self.gap = [0] * (len(page.words) + 1)
        previous = Match(0, 0, 0)
        self.lost = sum(word.isalnum() for word in stored) - sum(
            word.isalnum() for match in matches for word in stored[match.start_a : match.end_a]
        )
        for match in [*matches, Match(len(stored), len(page.words), 0)]:
            matched[match.start_b : match.end_b] = b"\1" * match.size
            if match.size >= 6:
                long[match.start_b : match.end_b] = b"\1" * match.size
            lost = match.start_a - previous.end_a
            start, end = previous.end_b, match.start_b
            if not previous.size:  # before the first match lie menus too: only what is next to it can be a new beginning
                start = max(start, end - 3 * lost - 5)
            if not match.size:
                end = min(end, start + 3 * lost + 5)
            for at in range(start, end):
                self.gap[at] = lost
            previous = match
        self.first = matches[0].start_b if matches else 0
        self.last = matches[-1].end_b if matches else 0
        self.upto = [0, *accumulate(matched)]
        self.long = [0, *accumulate(long)]
        self.children: dict[int, list[int]] = defaultdict(list)
        for k, parent in enumerate(page.parents):
            self.children[parent].append(k)
        self.looks: dict[int, Look] = {}
        self.signatures: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for k, element in enumerate(page.elements):
            if page.ends[k] > page.starts[k]:
                if self.solid(k):
                    self.signatures[_signature(element)][0] += 1
                elif page.parents[k] >= 0 and self._but_for(k, page.parents[k]):
                    self.signatures[_signature(element)][1] += 1

    def _but_for(self, k: int, parent: int) -> bool:
        """Whether the rest of the parent is stored: only then was `k` left out, and is not new with all around it."""
        rest = self.size(parent) - self.size(k)
        return rest > 0 and self.hit(parent) >= 0.6 * rest

    def solid(self, k: int) -> bool:
        start, end = self.page.starts[k], self.page.ends[k]
        return self.long[end] > self.long[start] or (self.upto[end] - self.upto[start]) * 3 > end - start

    def hit(self, k: int) -> int:
        return self.upto[self.page.ends[k]] - self.upto[self.page.starts[k]]

    def size(self, k: int) -> int:
        return self.page.ends[k] - self.page.starts[k]

    def choose(self) -> Region:
        wanted = self._wanted()
        result = Region([])
        for run in self.page.runs:
            result.keep.append(self._keeps(run, wanted))
        result.excluded = [(self.page.elements[k], why) for k, (keep, why) in self.verdicts.items() if not keep]
        return result

    def _wanted(self) -> list[bool]:
        """For each element: whether its words are wanted where nothing inside says otherwise."""
        self.verdicts: dict[int, tuple[bool, str]] = {}
        self.thin: dict[int, tuple[bool, str]] = {}
        wanted: list[bool] = []
        for k, parent in enumerate(self.page.parents):
            if parent < 0:
                wanted.append(True)
            elif not wanted[parent]:
                wanted.append(False)
            elif not self.size(k):
                wanted.append(True)
            elif self.solid(k):
                wanted.append(True)
                if self.size(k) > 7 * self.hit(k) and self.solid(parent):
                    self.thin[k] = self._decide(k, parent)
            elif not self.solid(parent):  # inside of new content that was let in
                wanted.append(not self._left_out(k))
            else:
                verdict = self._decide(k, parent)
                self.verdicts[k] = verdict
                wanted.append(verdict[0])
        return wanted

    def _keeps(self, run: Run, wanted: list[bool]) -> bool:
        k = run.holder
        if not wanted[k]:
            return False
        if self.upto[run.end] > self.upto[run.start] or not self.solid(k):
            return True
        return bool(self.gap[run.start]) or self._dense(k) or self.first < run.start and run.end < self.last

    def _dense(self, k: int) -> bool:
        return self.hit(k) >= 0.3 * self.size(k)

    def _left_out(self, k: int) -> str:
        """Why an importer that left nothing like it in would have left this out; empty if nothing speaks for it."""
        page = self.page
        element = page.elements[k]
        hits, misses = self.signatures[_signature(element)]
        if hits * 4 > misses:
            return ""
        looks = {look(element)}
        if looks & {Look.HIDDEN, Look.APART}:
            return "looks apart" if Look.APART in looks else "hidden"
        inner = [j for j in self._inside(k) if look(page.elements[j]) in (Look.HIDDEN, Look.APART)]
        if inner and sum(self.size(j) for j in inner) >= self.size(k):
            return "holds only what looks apart"
        if misses >= 3 and element.get("class"):
            return "never stored"
        return ""

    def _inside(self, k: int) -> list[int]:
        """The elements inside of `k`, outermost hidden or apart ones without what is inside of them."""
        found, end, j = [], self.page.ends[k], k + 1
        skip_to = -1
        while j < len(self.page.elements) and self.page.starts[j] < end:
            if self.page.starts[j] >= skip_to and self.size(j):
                found.append(j)
                if look(self.page.elements[j]) in (Look.HIDDEN, Look.APART):
                    skip_to = self.page.ends[j]
            j += 1
        return found

    def _decide(self, k: int, parent: int) -> tuple[bool, str]:
        page = self.page
        element = page.elements[k]
        size = self.size(k)
        here = look(element)
        signature = _signature(element)
        if why := self._left_out(k):
            replaced = self.gap[page.starts[k]]
            if not (why == "never stored" and replaced >= 0.3 * size and replaced >= 2):
                return False, why
        siblings = [j for j in self.children[parent] if j != k and self.size(j)]
        alike = [j for j in siblings if _signature(page.elements[j]) == signature]
        stored = [j for j in alike if self.solid(j)]
        inside = self.first < page.starts[k] and page.ends[k] < self.last
        replaced = self.gap[page.starts[k]]
        if replaced >= 0.3 * size and replaced >= 2:
            return True, "replaces stored text"
        if self.size(parent) > 7 * self.hit(parent) and parent in self.thin:
            return self.thin[parent]
        if self._named(k):
            return False, "was there when it was stored"
        line = here is Look.INLINE and look(page.elements[parent]) in (Look.CONTENT, Look.INLINE)
        if line:
            return (inside or self._dense(parent)), "inline"
        fresh = size + sum(self.size(j) for j in alike if not self.solid(j))
        # A page that grew without losing a word of the stored text did not change: its importer left that out.
        edited = self.lost >= 5
        known = sum(self.size(j) for j in stored)
        usual = (len(stored) * 2 >= len(alike) and (edited or fresh <= known)) or (
            bool(stored) and fresh <= known + 3 * self.lost
        )
        if here is Look.CONTENT and stored:
            usual = True
        if not inside:
            near = usual and len(stored) >= (1 if here is Look.CONTENT else 2)
            return (near and (edited or self._dense(parent))), "beside the stored text"
        if alike:
            if usual:
                return True, "like stored siblings"
            return False, "unlike stored siblings"
        if here is Look.CONTENT:
            return True, "content"
        return False, "unknown box"

    def _named(self, k: int) -> bool:
        if not self.anchors:
            return False
        return any(
            mark in self.anchors
            for element in self.page.elements[k].iter()
            for mark in (element.get("id"), element.get("name"))
            if mark
        )


def _signature(element: html.HtmlElement) -> tuple[str, str]:
    return element.tag, " ".join((element.get("class") or "").split())
