"""A page's region in words: the element that holds it, and the elements that are left out, in it and around it."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from fetcher.page.flow import TOUCHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml import html

    from fetcher.page.flow import Flow

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


def parts(found: Flow, keep: Sequence[bool], reasons: Mapping[html.HtmlElement, str]) -> Parts:
    """The parts of a page of whose runs of text those are in the region that `keep` names.

    `reasons` has why an element is left out, as far as that is known.
    """
    kept = bytearray(len(found.words))
    for run, wanted in zip(found.runs, keep, strict=True):
        if wanted:
            kept[run.start : run.end] = b"\1" * (run.end - run.start)
    before = [0, *accumulate(kept)]
    held = [before[end] - before[start] for start, end in zip(found.starts, found.ends, strict=True)]
    holder = max((k for k, words in enumerate(held) if words == before[-1]), default=0)  # the last is the innermost
    left_out: list[Part] = []
    outside: list[Part] = []
    for k, parent in enumerate(found.parents):
        if held[k] or found.starts[k] == found.ends[k] or (parent >= 0 and not held[parent]):
            continue
        is_in = found.starts[holder] <= found.starts[k] and found.ends[k] <= found.ends[holder]
        (left_out if is_in else outside).append(_part(found, k, reasons.get(found.elements[k], "")))
    return Parts(_part(found, holder)._replace(size=before[-1]), left_out, outside)


def _part(found: Flow, k: int, why: str = "") -> Part:
    start, end = found.starts[k], found.ends[k]
    shown = range(start, min(end, start + _SHOWN))
    text = "".join(("" if found.touch[w] == TOUCHING or w == start else " ") + found.words[w] for w in shown)
    return Part(_name(found, k), end - start, text + "…" * (end - start > _SHOWN), why)


def _name(found: Flow, k: int) -> str:
    """The element as a style sheet would name it, below those that it stands in."""
    names: list[str] = []
    while k >= 0 and len(names) <= _ABOVE and found.elements[k].tag not in ("html", "body"):
        names.append(_selector(found.elements[k]))
        k = found.parents[k]
    return " > ".join(reversed(names)) or "body"


def _selector(element: html.HtmlElement) -> str:
    """The element by its tag, and its identifier or its first class.

    >>> from lxml import html
    >>> _selector(html.fromstring('<nav class="menu wide">Home</nav>'))
    'nav.menu'
    """
    name, kinds = element.get("id"), (element.get("class") or "").split()
    return f"{element.tag}#{name}" if name else ".".join([str(element.tag), *kinds[:1]])
