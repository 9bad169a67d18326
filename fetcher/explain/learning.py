"""Derives rules for a site from its pages and their seeds: selectors of the stored part and of what it leaves out."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from fetcher.align import align
from fetcher.markdown.reading.blocks import parse
from fetcher.page.word_spans import word_spans
from fetcher.region.choice import compared_runs, content_runs
from fetcher.sites.reading import trial_rules
from fetcher.sites.rules import page_rules
from fetcher.sites.trimming import trimmed
from fetcher.verdict.verdict import judge
from fetcher.visits.fetched import HTML
from fetcher.visits.first_look import parsed
from fetcher.visits.visit import answer_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.page.page import Page
    from fetcher.page.word_spans import WordSpans
    from fetcher.seeds.seeds import Seed
    from fetcher.sites.rules import PageRules
    from fetcher.visits.fetched import Fetched

_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{2,40}")  # class names written by a person: generated ones have digits
_MOSTLY = 0.5  # least share of an element's words that have to be stored for it to be part of the region
_SAME = 0.7  # least share of a text run's words, in order, that have to be stored for it to count as stored
_USUAL = 0.5  # least share of the pages on which a selector has to be right
_PARTS = 4
_REMOVED = 12
_BY_TAG = frozenset({"main", "article", "nav", "aside", "footer", "form", "header"})


class Sample(NamedTuple):
    """A page and the stored body of one of its seeds."""

    path: str
    page: Page
    stored: str


@dataclass(slots=True)
class Learned:
    """The rules learned from `pages` pages: selectors, each with the number of pages on which it is right.

    `same` counts the pages on which the rules select a text at least as close to the stored one as without them;
    `other` are the seeds of the other pages.
    """

    pages: int = 0
    select: list[tuple[str, int]] = field(default_factory=list)
    remove: list[tuple[str, int]] = field(default_factory=list)
    same: int = 0
    other: list[str] = field(default_factory=list)


def sampled(fetched: Fetched, path: str, seed: Seed, rules: PageRules) -> Sample | None:
    """A sample from an answer and a seed, with the existing rules applied; None if the page is broken or not HTML."""
    if fetched.kind not in HTML or not seed.body.strip():
        return None
    page = trimmed(parsed(fetched), rules).page
    is_page = fetched.status < 400 and judge(answer_of(fetched), page, seed.body).outcome is None
    return Sample(path, page, seed.body.replace("\r\n", "\n")) if is_page else None


class _Seen(NamedTuple):
    """A sample with its words, the number of stored words before each of them, and the words of the stored body.

    `distance` is the number of words in which the text compared without new rules differs from the stored body.
    """

    sample: Sample
    found: WordSpans
    before: list[int]
    stored: Counter[str]
    distance: int

    def held(self, k: int) -> int:
        """The number of stored words in an element."""
        return self.before[self.found.ends[k]] - self.before[self.found.starts[k]]

    def size(self, k: int) -> int:
        """The number of words in an element."""
        return self.found.ends[k] - self.found.starts[k]


def learned(samples: Iterable[Sample]) -> Learned:
    """The rules that fit the samples of a site; selectors are kept only if they are right on at least half of them."""
    pages = [_seen(sample) for sample in samples]
    result = Learned(len(pages))
    if not pages:
        return result
    result.select = _selected(pages)
    result.remove = _removed(pages)
    if _is_needless(result, pages):
        result.select = []
    _try(result, pages)
    if result.select and result.same < _USUAL * len(pages):
        result.select = []
        _try(result, pages)
    return result


def _seen(sample: Sample) -> _Seen:
    found, keep = compared_runs(sample.page, sample.stored)
    stored = parse(sample.stored).words
    known = bytearray(len(found.words))
    for match in align(found.words, stored):
        known[match.start_a : match.end_a] = b"\1" * match.size
    for run in found.runs:
        is_known = sum(known[run.start : run.end]) >= _SAME * (run.end - run.start)
        known[run.start : run.end] = bytes([is_known]) * (run.end - run.start)
    return _Seen(sample, found, [0, *accumulate(known)], Counter(stored), _distance(found.only(keep), stored))


def _distance(kept: WordSpans, stored: Iterable[str]) -> int:
    """The number of words that only one of two texts has."""
    one, other = Counter(kept.words), Counter(stored)
    return ((one - other) + (other - one)).total()


def _selected(pages: Sequence[_Seen]) -> list[tuple[str, int]]:
    """Selectors that match parts of the region on most pages, and nothing else."""
    if any(page.sample.page.selected for page in pages):
        return []  # a rule says already which they are
    parts = [(page, set(_parts(page))) for page in pages]
    names: Counter[str] = Counter()
    for page, ks in parts:
        names.update({name for k in ks for name in _names(page, k)})
    found: list[tuple[str, int]] = []
    left = {(number, k) for number, (_, ks) in enumerate(parts) for k in ks}
    for name, count in sorted(names.items(), key=lambda each: (-each[1], len(each[0]))):
        if count < _USUAL * len(pages) or len(found) == _PARTS:
            break
        hits = {(number, k) for number, (page, _) in enumerate(parts) for k in _matching(page, name)}
        if hits & left and all(hit in left or _is_inside(parts[hit[0]], hit[1]) for hit in hits):
            found.append((name, len({number for number, _ in hits & left})))
            left -= hits
    return found


def _is_inside(part: tuple[_Seen, set[int]], k: int) -> bool:
    """Whether an element is inside a part of the region, so that matching it does no harm."""
    return any(j <= k < part[0].found.after[j] for j in part[1])


def _parts(page: _Seen) -> Iterator[int]:
    """The outermost elements with mostly stored words, each narrowed to the innermost one that has all of these."""
    k = 0
    while k < len(page.found.elements):
        if 0 < page.held(k) >= _MOSTLY * page.size(k):
            yield _innermost(page, k)
            k = page.found.after[k]
        else:
            k = k + 1 if page.held(k) else page.found.after[k]


def _innermost(page: _Seen, k: int) -> int:
    """The innermost element that has all stored words of an element."""
    inner = k + 1
    while inner < page.found.after[k]:
        if page.held(inner) == page.held(k):
            k, inner = inner, inner + 1
        else:
            inner = page.found.after[inner]
    return k


def _removed(pages: Sequence[_Seen]) -> list[tuple[str, int]]:
    """Selectors of elements within the region that have no stored words on most of the pages they match."""
    names: Counter[str] = Counter()
    for page in pages:
        names.update({name for k in _left_out(page) for name in _names(page, k)})
    least = 1 if len(pages) == 1 else 2
    found: list[tuple[str, int]] = []
    gone: set[tuple[int, int]] = set()
    for name, count in sorted(names.items(), key=lambda each: (-each[1], len(each[0]))):
        hits = [(number, k) for number, page in enumerate(pages) for k in _matching(page, name)]
        is_new = any(hit not in gone for hit in hits)
        is_usual = count >= max(least, _USUAL * len({number for number, _ in hits}))
        if is_usual and is_new and len(found) < _REMOVED and not any(pages[n].held(k) for n, k in hits):
            found.append((name, count))
            gone.update((n, j) for n, k in hits for j in range(k, pages[n].found.after[k]))
    return found


def _left_out(page: _Seen) -> Iterator[int]:
    """The outermost elements without stored words within the region."""
    for part in _parts(page):
        k = part
        while k < page.found.after[part]:
            if page.size(k) and not page.held(k):
                yield k
            k = k + 1 if page.held(k) else page.found.after[k]


def _names(page: _Seen, k: int) -> Iterator[str]:
    """Selectors of an element that may work on other pages, too."""
    tag, its = page.found.elements[k].tag, page.found.attributes[k]
    for name in its.get("class", "").split():
        if _NAME.fullmatch(name):
            yield f"{tag}.{name}"
    if _NAME.fullmatch(its.get("id", "")):
        yield f"{tag}#{its['id']}"
    if tag in _BY_TAG:
        yield tag


def _matching(page: _Seen, selector: str) -> Iterator[int]:
    tag, sign, name = re.fullmatch(r"([\w-]+)([.#]?)(.*)", selector).groups()  # type: ignore[union-attr]
    for k, (element, its) in enumerate(zip(page.found.elements, page.found.attributes, strict=True)):
        if element.tag != tag or not page.size(k):
            continue
        if not sign or (name in its.get("class", "").split() if sign == "." else its.get("id") == name):
            yield k


def _try(result: Learned, pages: Sequence[_Seen]) -> None:
    """Applies the learned rules to the samples and fills in `same` and `other`."""
    rules = page_rules(trial_rules([name for name, _ in result.select], [name for name, _ in result.remove], []))
    result.other = []
    for page in pages:
        left = trimmed(page.sample.page, rules)
        spans = word_spans(left.page.root)
        keep = content_runs(left.page, spans) if result.select else compared_runs(left.page, page.sample.stored)[1]
        if left.missed or _distance(spans.only(keep), page.stored.elements()) > page.distance:
            result.other.append(page.sample.path)
    result.same = len(pages) - len(result.other)


def _is_needless(result: Learned, pages: Sequence[_Seen]) -> bool:
    """Whether the main content found without the selectors is at least as close to what is stored."""
    remove = [name for name, _ in result.remove]
    bare, full = (page_rules(trial_rules(select, remove, [])) for select in ([], [name for name, _ in result.select]))
    return all(_far(page, bare) <= _far(page, full) for page in pages)


def _far(page: _Seen, rules: PageRules) -> int:
    """The distance from the stored body of the main content under some rules."""
    left = trimmed(page.sample.page, rules).page
    spans = word_spans(left.root)
    return _distance(spans.only(content_runs(left, spans)), page.stored.elements())


def written(result: Learned, host: str, path: str) -> str:
    """The rule as YAML, with the number of pages as a comment on each line; empty if nothing was learned."""
    if not result.select and not result.remove:
        return ""
    lines = [f'- host: "{host}"' if host.startswith("*") else f"- host: {host}"]
    lines += [f'  path: "{path}"'] if path else []
    for key, found in (("select", result.select), ("remove", result.remove)):
        lines += [f"  {key}:"] * bool(found)
        lines += [f'    - "{name}"  # on {count} of {result.pages} pages' for name, count in found]
    return "\n".join(lines) + "\n"


def diff(before: str, rule: str, name: str) -> str:
    """A diff that appends the rule to the file."""
    gap = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    old, new = before.splitlines(keepends=True), f"{before}{gap}{rule}".splitlines(keepends=True)
    return "".join(difflib.unified_diff(old, new, f"a/{name}" if before else "/dev/null", f"b/{name}"))
