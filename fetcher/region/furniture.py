"""What stands in a text and is no part of it: what serves its reader, and what is new and no news.

Readers are served by signs that link to the place where they stand, links to an editor beside a heading, line numbers
and labels beside code, ways to the pages before and after, boxes to tick that show the source of what is described;
around the text, by links that lead to it and to the site's other parts, and by when it was built. No news is what
repeats the page itself, and boxes that ask for something.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from functools import cached_property
from itertools import takewhile
from operator import attrgetter
from typing import TYPE_CHECKING

from fetcher.page.code import beside_code
from fetcher.page.links import is_permalink
from fetcher.page.looks import HEADINGS, INLINE, Look, Prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml import html

    from fetcher.page.flow import Flow

_WAYS = frozenset("prev previous next up start first last contents index".split())
_PROMPT = re.compile(r"(?:In|Out)\s*\[[\d*\s]*\]\s*:?")  # of a notebook, with the count of what was run in it
_TRAIL = 30  # words at most of the way to a page
_STAMP = 12  # words at most of a line that says when the page was made
_STAMPED = re.compile(
    r"(?:^|[\s_-])(?:last-?(?:updated?|modified|edited|mod)|(?:updated|modified|edited)(?:-?(?:at|on))?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WRITTEN = frozenset({"p", "li", "td", "dd"})  # what holds a time that the text tells
# Where the source of a page, or of a section of it, can be edited.
_EDITS = re.compile(r"[?&](?:ve)?action=edit\b|/(?:-/)?edit/|/edit$")
_ASKS = "?？؟"
_STEPS = 4  # elements after a box to tick in which the code is that it shows


def furniture(found: Flow, prose: Prose) -> Iterator[int]:
    """The elements of a page that serve its reader."""
    yield from beside_code(found)
    ways: dict[int, int] = {}
    boxes: dict[str, int] = {}
    labels: list[tuple[int, str]] = []
    for k, (element, its) in enumerate(zip(found.elements, found.attributes, strict=True)):
        if element.tag == "a":
            if helps := _helps(found, prose, k):
                yield helps
            elif not _WAYS.isdisjoint(its.get("rel", "").split()):
                ways[prose.block[k]] = ways.get(prose.block[k], 0) + 1
        elif "prompt" in its.get("class", "").lower() and _PROMPT.fullmatch(element.text_content().strip()):
            yield k
        elif element.tag == "input" and its.get("type") == "checkbox" and "disabled" not in its:
            boxes[its.get("id", "")] = k
        elif element.tag == "label" and "for" in its and prose.words[k]:
            labels.append((k, its["for"]))
    yield from (k for k, count in ways.items() if count == prose.links[k] and prose.plain[k] <= 3 * count)
    for k, name in labels:
        if name in boxes and (source := _source(found, prose, boxes[name])):
            yield from (k, source)


def _helps(found: Flow, prose: Prose, k: int) -> int:
    """The element of a link to the place where it stands, or to an editor; 0 if it is none."""
    if is_permalink(found.elements[k]):
        return k
    return _edits(found, prose, k) if _EDITS.search(found.attributes[k].get("href", "")) else 0


def _edits(found: Flow, prose: Prose, k: int) -> int:
    """The element with nothing but links to an editor, in or right after a heading; 0 if the link stands elsewhere."""
    while (up := found.parents[k]) > 0 and found.elements[up].tag in INLINE and _only_edits(found, prose, up):
        k = up
    beside = prose.words[up] - prose.words[k]
    is_head = found.elements[up].tag in HEADINGS
    if not is_head and not (prose.headings[up] == 1 and found.elements[up + 1].tag in HEADINGS):
        return 0
    return k if beside and (is_head or beside == prose.words[up + 1]) else 0


def _only_edits(found: Flow, prose: Prose, k: int) -> bool:
    """Whether an element has links to an editor, signs between them, and nothing else."""
    if found.after[k] - k > _TRAIL or prose.words[k] > _TRAIL:
        return False
    links = (found.attributes[one] for one in range(k, found.after[k]) if found.elements[one].tag == "a")
    signs = sum(not word.isalnum() for word in found.words[found.starts[k] : found.ends[k]])
    return prose.plain[k] <= signs and all(_EDITS.search(its.get("href", "")) for its in links)


def _source(found: Flow, prose: Prose, box: int) -> int:
    """The code, and nothing else, that a box to tick shows; 0 if it shows anything else."""
    parent, k = found.parents[box], found.after[box]
    for _ in range(_STEPS):
        if k >= len(found.parents) or found.parents[k] != parent:
            break
        if _is_code(found.elements[k]) and prose.words[k]:
            return k
        k = found.after[k]
    return 0


def _is_code(element: html.HtmlElement) -> bool:
    pre = next(element.iter("pre"), None)
    return pre is not None and len("".join(element.itertext()).strip()) == len("".join(pre.itertext()).strip())


def is_jump(found: Flow, prose: Prose, k: int) -> bool:
    """Whether an element is a line that only leads to another place of the page."""
    element = found.elements[k]
    if element.tag != "a" or not found.attributes[k].get("href", "").startswith("#"):
        return False
    if next(element.iterancestors("code"), None) is not None or next(element.iter("code"), None) is not None:
        return False  # the name of what is described there
    return prose.words[k] == prose.words[prose.block[k]] or _is_alone(element)


def _is_alone(element: html.HtmlElement) -> bool:
    """Whether an element is a line by itself, in a box with other lines."""
    before, after, around = element.getprevious(), element.getnext(), element.getparent()
    texts = (element.tail, before.tail if before is not None else around.text if around is not None else None)
    if any(text and not text.isspace() for text in texts):
        return False
    return not any(beside is not None and beside.tag in INLINE for beside in (before, after))


def is_trail(found: Flow, prose: Prose, k: int, title: int) -> bool:
    """Whether an element before the title is the way to the page: links, signs between them, and the title again."""
    if found.ends[k] > found.starts[title] or not prose.links[k] or prose.linked[k] or prose.words[k] > _TRAIL:
        return False
    first = bisect_left(found.runs, found.starts[k], key=attrgetter("start"))
    inside = takewhile(lambda run: run.end <= found.ends[k], found.runs[first : first + _TRAIL])
    own = {word for run in inside if not prose.linked[run.holder] for word in found.words[run.start : run.end]}
    named = found.words[found.starts[title] : found.ends[title]]
    return bool(own) and all(word in named or not word.isalnum() for word in own)


def is_question(found: Flow, prose: Prose, k: int) -> bool:
    """Whether an element asks its reader something short, and has the answers as buttons."""
    if not prose.controls[k] or prose.sentences[k] or prose.headings[k] or prose.links[k] or prose.words[k] > _TRAIL:
        return False
    first = bisect_left(found.runs, found.starts[k], key=attrgetter("start"))
    inside = takewhile(lambda run: run.end <= found.ends[k], found.runs[first : first + _TRAIL])
    own = [found.words[run.end - 1] for run in inside if not prose.linked[run.holder]]
    return bool(own) and own[0][-1] in _ASKS


def is_stamp(found: Flow, prose: Prose, k: int) -> bool:
    """Whether an element after the text says when the page was made: it is called so, or holds a time by itself."""
    if prose.words[k] > _STAMP or prose.headings[k]:
        return False
    called = found.attributes[k].get("class", "")
    if _STAMPED.search(_HUMP.sub("-", called)):
        return True
    times = [one for one in range(k, min(found.after[k], k + _TRAIL)) if found.elements[one].tag == "time"]
    return bool(times) and not any(found.elements[prose.block[one]].tag in _WRITTEN for one in times)


_RUN = 8  # words in a row that two passages do not share by chance
_BOX = 80  # words at most of a box around a form
_OFTEN = 3  # times that a page says a thing that is no text
_LABEL = 6  # words at most of such a thing


class Echoes:
    """A page beside the words that are stored of it; `first` is the first word on the page that is."""

    def __init__(self, page: Flow, stored: Sequence[str], first: int) -> None:
        self._page, self._stored, self._first = page, stored, first

    def reason(self, k: int, *, is_label: bool, is_one_more: bool = False) -> str:
        """Why element `k`, no word of which is stored, is no news; empty where it may be some.

        `is_label` tells that it is no part of a line or a table; `is_one_more` that it is made like several sections
        that are stored.
        """
        if self._leads_around(k):
            return "leads to places of the page"
        if self._is_copy(k):
            return "repeats what is stored"
        if self._asks(k):
            return "asks for something"
        if not is_one_more and self._is_before_text(k):
            return "stands before the text"
        return "says the same in many places" if is_label and self._texts[self._text(k)] >= _OFTEN else ""

    def _leads_around(self, k: int) -> bool:
        """Whether an element is a table of contents: links to places of the page, and hardly anything else."""
        page = self._page
        if page.prose.links[k] < 2:
            return False
        links = [one for one in range(k, page.after[k]) if page.elements[one].tag == "a"]
        if not all(page.attributes[one].get("href", "").startswith("#") for one in links):
            return False
        linked = sum(page.ends[one] - page.starts[one] for one in links)
        return page.ends[k] - page.starts[k] <= linked * 2 + _LABEL

    def _is_copy(self, k: int) -> bool:
        """Whether a box says again what is stored, as for another screen.

        A paragraph or a row may: the same note or option stands in many places of a manual.
        """
        if self._page.looks[k] is Look.CONTENT:
            return False
        words = self._page.words[self._page.starts[k] : self._page.ends[k]]
        return len(words) >= _RUN and all(_line(run) in self._line for run in (words[:_RUN], words[-_RUN:]))

    @cached_property
    def _line(self) -> str:
        return _line(self._stored)

    def _asks(self, k: int) -> bool:
        """Whether an element is a small box around a form, with its heading."""
        page = self._page
        if not page.prose.controls[k] or page.ends[k] - page.starts[k] > _BOX:
            return False
        return any(page.elements[one].tag == "form" for one in range(k, page.after[k]))

    def _is_before_text(self, k: int) -> bool:
        """Whether an element stands before the title, or is a label before the text."""
        page = self._page
        return page.ends[k] <= self._first and (self._begins_with_title or not page.prose.sentences[k])

    @cached_property
    def _begins_with_title(self) -> bool:
        """Whether the first word that is stored is one of a main heading."""
        spans = zip(self._page.elements, self._page.starts, self._page.ends, strict=True)
        return any(element.tag == "h1" and start <= self._first < end for element, start, end in spans)

    def _text(self, k: int) -> tuple[str, ...]:
        start, end = self._page.starts[k], self._page.ends[k]
        return tuple(self._page.words[start:end]) if end - start <= _LABEL else ()

    @cached_property
    def _texts(self) -> Counter[tuple[str, ...]]:
        """How often links and buttons say the same."""
        page = self._page
        pressed = (k for k, element in enumerate(page.elements) if element.tag in ("a", "button"))
        found = Counter(self._text(k) for k in pressed)
        del found[()]
        return found


def _line(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
