"""The region: the part of a page that a seed stores, learned from the stored body, and told in words.

What is stored is in. What is new is in where it stands in the text and kinds like it; what an importer left out is
told from what is new by evidence on this very page: hidden parts, menus and forms of which nothing is stored,
boxes with the same class left out elsewhere, places that the stored body links to, siblings of which most are left out.
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

_OFTEN = 3  # times that something is left out before its class alone says so
_OUTSIDE = {ElementKind.HIDDEN: "hidden", ElementKind.BOILERPLATE: "looks apart from the text"}
_EVERYWHERE = "left out wherever it stands"
_WRITTEN = "says who wrote it, and when"
_BYLINE = 15  # words at most of an author and a date
_EDITED = 5  # stored words that are gone: the page was edited


@dataclass(slots=True)
class Region:
    """Which text runs of a flow a seed stores (`keep[k]` for `flow.runs[k]`), and what was left out beside them.

    `share` is the part of the stored words that the page has: where it is small, the region is a guess. `echoes` are
    the elements that are no news whoever wrote the stored text.
    """

    keep: list[bool]
    share: float = 1.0
    left_out: list[tuple[html.HtmlElement, str]] = field(default_factory=list)
    echoes: frozenset[int] = frozenset()


def region(page: WordSpans, stored: Text) -> Region:
    """The region of `page` that a body was made of."""
    matches = match(stored.words, page)
    known = Evidence(page, stored, matches)
    wanted, reasons = _wanted(known)
    left_out = [(page.elements[k], reason) for k, (reason, _) in reasons.items()]
    echoes = frozenset(k for k, (_, is_echo) in reasons.items() if is_echo)
    share = sum(found.size for found in matches) / max(1, len(stored.words))
    return Region([_is_kept(known, run, wanted) for run in page.runs], share, left_out, echoes)


def _wanted(known: Evidence) -> tuple[list[bool], dict[int, tuple[str, bool]]]:
    """For each element, whether its words are wanted where nothing inside of it says otherwise.

    And why those are left out that stand among the stored text, and whether that is for being no news at all.
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
            if known.is_thin(k) and known.stored[parent]:
                islands[k] = _decide(known, k, parent, None)
        elif not known.stored[parent]:  # inside of new text that was let in
            wanted.append(not _left_out(known, k))
        else:
            echo = _echo(known, k, parent)
            keep, reason = (False, echo) if echo else _decide(known, k, parent, islands.get(parent))
            wanted.append(keep)
            if not keep:
                reasons[k] = reason, bool(echo)
    return wanted, reasons


def _echo(known: Evidence, k: int, parent: int) -> str:
    """Why an element that is not stored, and does not stand in the place of stored words, is no news; else empty."""
    if known.replaced(known.page.starts[k], known.page.ends[k]):
        return ""
    is_label = known.page.kinds[parent] is ElementKind.CONTAINER and not known.is_in_line(k)
    if _is_byline(known, k) and not known.left_in(k):
        return _WRITTEN
    # The newest of several texts, as of a blog, stands before the title of the one that was the newest.
    is_one_more = known.page.counts.headings[k] > 0 and known.alike(k).stored > 1
    return known.echoes.reason(k, is_label=is_label, is_one_more=is_one_more)


def _is_kept(known: Evidence, run: TextRun, wanted: list[bool]) -> bool:
    k = run.holder
    if not wanted[k]:
        return False
    if not known.stored[k] or known.has_hits(run.start, run.end):
        return True
    return bool(known.replaced(run.start, run.end)) or known.is_dense(k) or known.is_inside(run.start, run.end)


def _left_out(known: Evidence, k: int) -> str:
    """Why an importer left this out, if nothing or hardly anything like it was left in; empty if nothing says so."""
    if known.left_in(k) * 4 > known.left_out(k):
        return ""
    if known.page.kinds[k] in _OUTSIDE:
        return _OUTSIDE[known.page.kinds[k]]
    if _is_byline(known, k):
        return _WRITTEN
    if known.is_veiled(k):
        return "holds only what looks apart"
    if known.left_out(k) >= _OFTEN and known.signatures[k][1]:
        return _EVERYWHERE
    return ""


def _is_byline(known: Evidence, k: int) -> bool:
    return is_byline(known.page.attributes[k]) and known.sizes[k] <= _BYLINE and not known.is_in_line(k)


def _decide(known: Evidence, k: int, parent: int, island: tuple[bool, str] | None) -> tuple[bool, str]:
    """Whether an element that is not stored, in one that is, belongs to the region, and why.

    `island` is what was decided of a parent that is new but for a few stored words.
    """
    start, end = known.page.starts[k], known.page.ends[k]
    replaced = known.replaced(start, end)
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
    if known.is_named(k):
        return False, "was there when the body was stored"
    return _by_place(known, k, parent)


def _by_place(known: Evidence, k: int, parent: int) -> tuple[bool, str]:
    """Whether an element belongs to the region for where it stands, and what stands around it."""
    inside = known.is_inside(known.page.starts[k], known.page.ends[k])
    here = known.page.kinds[k]
    if known.is_in_line(k):
        return inside or known.is_dense(parent) or known.is_in_stored_line(k), "part of a line"
    if not inside:
        return _grows(known, k, parent), "beside the stored text"
    alike = known.alike(k)
    if alike.stored or (alike.count and not _speaks(known, k)):
        return _is_usual(known, k), "like its siblings"
    return here is ElementKind.CONTENT or known.page.elements[k].tag == "section" or _speaks(known, k), "stands alone"


def _speaks(known: Evidence, k: int) -> bool:
    """Whether a box has text of its own to read: paragraphs or headings with more than links."""
    counts = known.page.counts
    has_text = counts.sentences[k] > 0 or (counts.headings[k] > 0 and counts.plain[k] > counts.headings[k] * 5)
    return has_text and not counts.controls[k] and counts.plain[k] * 5 >= counts.words[k] * 4


def _grows(known: Evidence, k: int, parent: int) -> bool:
    """Whether an element before or after all stored text is one more of its kind."""
    enough = 1 if known.page.kinds[k] is ElementKind.CONTENT else 2
    return known.alike(k).stored >= enough and _is_usual(known, k) and (known.lost >= _EDITED or known.is_dense(parent))


def _is_usual(known: Evidence, k: int) -> bool:
    """Whether siblings like it are stored, and not so many left out that leaving out is the rule."""
    alike = known.alike(k)
    if not alike.stored:
        return False
    if known.page.kinds[k] is ElementKind.CONTENT:
        return True
    new = alike.new_words + known.sizes[k]
    # A page that grew much without losing a word of the stored text did not change: its importer left that out.
    if alike.stored * 2 >= alike.count and (known.lost >= _EDITED or new <= alike.stored_words):
        return True
    return new <= alike.stored_words + 3 * known.lost


_SHOWN = 12  # words of a part
_ABOVE = 2  # elements named above another


class Part(NamedTuple):
    """A part of a page: the element's name, how many words it has and the first of them, and why it is left out."""

    name: str
    size: int
    text: str
    why: str = ""


class Parts(NamedTuple):
    """The smallest element that holds the region and its words, with the largest that have none: in it, and outside."""

    holder: Part
    left_out: list[Part]
    outside: list[Part]


def parts(spans: WordSpans, keep: Sequence[bool], reasons: Mapping[html.HtmlElement, str]) -> Parts:
    """The parts of a page of whose runs of text those are in the region that `keep` names.

    `reasons` has why an element is left out, as far as that is known.
    """
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
    """The element as a style sheet would name it, below those that it stands in."""
    names: list[str] = []
    while k >= 0 and len(names) <= _ABOVE and spans.elements[k].tag not in ("html", "body"):
        names.append(_selector(spans.elements[k]))
        k = spans.parents[k]
    return " > ".join(reversed(names)) or "body"


def _selector(element: html.HtmlElement) -> str:
    """The element by its tag, and its identifier or its first class.

    >>> from lxml import html
    >>> _selector(html.fromstring('<nav class="menu wide">Home</nav>'))
    'nav.menu'
    """
    name, kinds = element.get("id"), (element.get("class") or "").split()
    return f"{element.tag}#{name}" if name else ".".join([str(element.tag), *kinds[:1]])
