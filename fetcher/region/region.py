"""Learns from a stored body which part of a page a seed stores (the region), and describes it in words.

What is stored is in. New text is in if it is among stored text and like it. What the importer left out is told from
what is new by evidence on this page: hidden parts, menus and forms of which nothing is stored, boxes whose class is
left out elsewhere, places that the body links to, siblings that are mostly left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from fetcher.page.semantics import HEADINGS, ElementKind, is_byline
from fetcher.page.word_spans import TOUCHING, WordSpans
from fetcher.region.evidence import Evidence
from fetcher.region.matching import match

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml import html

    from fetcher.markdown.reading.blocks import Text
    from fetcher.page.words import TextRun

_OFTEN = 3  # a class left out so often is left out as such
_OUTSIDE = {ElementKind.HIDDEN: "hidden", ElementKind.BOILERPLATE: "looks apart from the text"}
_EVERYWHERE = "left out wherever it stands"
_WRITTEN = "says who wrote it, and when"
_BYLINE = 15  # the most words of an author and a date
_EDITED = 5  # with so many stored words gone, the page was edited


@dataclass(slots=True)
class Region:
    """The text runs that a seed stores (`keep[k]` for `runs[k]`), and the elements left out, with reasons.

    `share` is the share of the stored words that the page has; if it is small, the region is a guess. `ignorable` are
    elements that are not content, whoever stored the text.
    """

    keep: list[bool]
    share: float = 1.0
    left_out: list[tuple[html.HtmlElement, str]] = field(default_factory=list)
    ignorable: frozenset[int] = frozenset()


def region(page: WordSpans, stored: Text) -> Region:
    """The region of `page` that a body was made of."""
    matches = match(stored.words, page)
    known = Evidence(page, stored, matches)
    wanted, reasons = _wanted_elements(known)
    left_out = [(page.elements[k], reason) for k, (reason, _) in reasons.items()]
    ignorable = frozenset(k for k, (_, is_ignorable) in reasons.items() if is_ignorable)
    share = sum(found.size for found in matches) / max(1, len(stored.words))
    return Region([_is_kept(known, run, wanted) for run in page.runs], share, left_out, ignorable)


def _wanted_elements(known: Evidence) -> tuple[list[bool], dict[int, tuple[str, bool]]]:
    """For each element whether its words are wanted, unless a descendant says otherwise.

    Also the reason for each element left out among stored text, and whether that is because it is not content.
    """
    wanted: list[bool] = []
    reasons: dict[int, tuple[str, bool]] = {}
    islands: dict[int, tuple[bool, str]] = {}
    for k, (parent, size, stored) in enumerate(zip(known.page.parents, known.sizes, known.stored, strict=True)):
        if parent < 0 or not size:
            wanted.append(True)
        elif not wanted[parent]:
            wanted.append(False)
        elif stored:
            wanted.append(True)
            if known.is_mostly_new(k) and known.stored[parent]:
                islands[k] = _decide(known, k, parent, None)
        elif not known.stored[parent]:  # in new text that is wanted
            wanted.append(not _left_out(known, k))
        else:
            ignorable_reason = _ignorable_reason(known, k)
            keep, reason = (
                (False, ignorable_reason) if ignorable_reason else _decide(known, k, parent, islands.get(parent))
            )
            wanted.append(keep)
            if not keep:
                reasons[k] = reason, bool(ignorable_reason)
    return wanted, reasons


def _ignorable_reason(known: Evidence, k: int) -> str:
    """Why an element that is not stored, and not in place of stored words, is not content; empty if it may be."""
    if known.words_replaced(known.page.starts[k], known.page.ends[k]):
        return ""
    if _is_byline(known, k) and not known.same_class_stored(k):
        return _WRITTEN
    # The newest post of a blog is before the title of the stored one.
    is_one_more = known.page.counts.headings[k] > 0 and known.siblings_alike(k).stored > 1
    return known.ignorable.reason(k, is_label=known.is_label, is_one_more=is_one_more)


def _is_kept(known: Evidence, run: TextRun, wanted: list[bool]) -> bool:
    k = run.holder
    if not wanted[k]:
        return False
    if not known.stored[k] or known.has_hits(run.start, run.end):
        return True
    return (
        bool(known.words_replaced(run.start, run.end)) or known.is_well_stored(k) or known.is_inside(run.start, run.end)
    )


def _left_out(known: Evidence, k: int) -> str:
    """Why the importer left this out, if it stored hardly anything like it; empty if nothing says that it did."""
    if known.same_class_stored(k) * 4 > known.same_class_left_out(k):
        return ""
    if known.page.kinds[k] in _OUTSIDE:
        return _OUTSIDE[known.page.kinds[k]]
    if _is_byline(known, k):
        return _WRITTEN
    if known.is_all_boilerplate(k):
        return "holds only what looks apart"
    if known.same_class_left_out(k) >= _OFTEN and " " in known.signatures[k]:
        return _EVERYWHERE
    return ""


def _is_byline(known: Evidence, k: int) -> bool:
    return is_byline(known.page.attributes[k]) and known.sizes[k] <= _BYLINE and not known.is_in_line(k)


def _decide(known: Evidence, k: int, parent: int, island: tuple[bool, str] | None) -> tuple[bool, str]:
    """Whether an element that is not stored, in one that is, belongs to the region, and why.

    `island` is the decision about a parent that is new except for a few stored words.
    """
    start, end = known.page.starts[k], known.page.ends[k]
    replaced = known.words_replaced(start, end)
    enough = 1 if known.page.elements[k].tag in HEADINGS or known.is_one_word(k) else 2
    is_replacement = replaced >= enough and replaced >= 0.3 * (end - start)
    reason = _left_out(known, k)
    if reason and not (reason == _EVERYWHERE and is_replacement):
        return False, reason
    if is_replacement:
        return True, "replaces stored text"
    if island:
        return island
    if known.is_missing_title(k):
        return False, "the page's title, kept elsewhere"
    if known.is_anchored(k):
        return False, "was there when the body was stored"
    return _by_place(known, k, parent)


def _by_place(known: Evidence, k: int, parent: int) -> tuple[bool, str]:
    """Whether an element belongs to the region by its place and what is around it."""
    inside = known.is_inside(known.page.starts[k], known.page.ends[k])
    here = known.page.kinds[k]
    if known.is_in_line(k):
        return inside or known.is_well_stored(parent) or known.is_in_stored_line(k), "part of a line"
    if not inside:
        return _extends_text(known, k, parent), "beside the stored text"
    alike = known.siblings_alike(k)
    if alike.stored or (alike.count and not _has_text(known, k)):
        return _is_stored_kind(known, k), "like its siblings"
    return here is ElementKind.CONTENT or known.page.elements[k].tag == "section" or _has_text(known, k), "stands alone"


def _has_text(known: Evidence, k: int) -> bool:
    """Whether a box has text of its own: paragraphs or headings with more than links."""
    counts = known.page.counts
    has_text = counts.sentences[k] > 0 or (counts.headings[k] > 0 and counts.plain[k] > counts.headings[k] * 5)
    return has_text and not counts.controls[k] and counts.plain[k] * 5 >= counts.words[k] * 4


def _extends_text(known: Evidence, k: int, parent: int) -> bool:
    """Whether an element before or after all stored text is one more of the same kind."""
    enough = 1 if known.page.kinds[k] is ElementKind.CONTENT else 2
    return (
        known.siblings_alike(k).stored >= enough
        and _is_stored_kind(known, k)
        and (known.lost >= _EDITED or known.is_well_stored(parent))
    )


def _is_stored_kind(known: Evidence, k: int) -> bool:
    """Whether siblings like it are stored, and leaving them out is not the rule."""
    alike = known.siblings_alike(k)
    if not alike.stored:
        return False
    if known.page.kinds[k] is ElementKind.CONTENT:
        return True
    new = alike.new_words + known.sizes[k]
    # If much is new and no stored word is gone, the page did not grow: the importer left that out.
    if alike.stored * 2 >= alike.count and (known.lost >= _EDITED or new <= alike.stored_words):
        return True
    return new <= alike.stored_words + 3 * known.lost


_SHOWN = 12  # words to quote of a part
_ABOVE = 2  # ancestors in an element's name


class Part(NamedTuple):
    """A part of a page: the element's name, its number of words, the first of them, and why it is left out."""

    name: str
    size: int
    text: str
    why: str = ""


class Parts(NamedTuple):
    """The smallest element around the region, and the largest elements left out: inside of it, and outside."""

    holder: Part
    left_out: list[Part]
    outside: list[Part]


def parts(spans: WordSpans, keep: Sequence[bool], reasons: Mapping[html.HtmlElement, str]) -> Parts:
    """The parts of a page whose region are the text runs in `keep`; `reasons` has the known reasons for leaving out."""
    kept = bytearray(len(spans.words))
    for run, wanted in zip(spans.runs, keep, strict=True):
        if wanted:
            kept[run.start : run.end] = b"\1" * (run.end - run.start)
    before = [0, *accumulate(kept)]
    held = [before[end] - before[start] for start, end in zip(spans.starts, spans.ends, strict=True)]
    holder = max((k for k, words in enumerate(held) if words == before[-1]), default=0)  # the last is the innermost
    left_out: list[Part] = []
    outside: list[Part] = []
    for k, parent in enumerate(spans.parents):
        if held[k] or spans.starts[k] == spans.ends[k] or (parent >= 0 and not held[parent]):
            continue
        is_in = spans.starts[holder] <= spans.starts[k] and spans.ends[k] <= spans.ends[holder]
        (left_out if is_in else outside).append(_part(spans, k, reasons.get(spans.elements[k], "")))
    return Parts(_part(spans, holder)._replace(size=before[-1]), left_out, outside)


def _part(spans: WordSpans, k: int, why: str = "") -> Part:
    start, end = spans.starts[k], spans.ends[k]
    shown = range(start, min(end, start + _SHOWN))
    text = "".join(("" if spans.touch[w] == TOUCHING or w == start else " ") + spans.words[w] for w in shown)
    return Part(_name(spans, k), end - start, text + "…" * (end - start > _SHOWN), why)


def _name(spans: WordSpans, k: int) -> str:
    """The element as a CSS selector, with its nearest ancestors."""
    names: list[str] = []
    while k >= 0 and len(names) <= _ABOVE and spans.elements[k].tag not in ("html", "body"):
        names.append(_selector(spans.elements[k]))
        k = spans.parents[k]
    return " > ".join(reversed(names)) or "body"


def _selector(element: html.HtmlElement) -> str:
    """The element by its tag and its id or first class.

    >>> from lxml import html
    >>> _selector(html.fromstring('<nav class="menu wide">Home</nav>'))
    'nav.menu'
    """
    name, kinds = element.get("id"), (element.get("class") or "").split()
    return f"{element.tag}#{name}" if name else ".".join([str(element.tag), *kinds[:1]])
