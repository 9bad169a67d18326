"""The text of a tree as one sequence of words, with the elements as spans over it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import compress
from typing import Self

from lxml import etree, html

from fetcher.page.words import read

# How a word stands to the one before it. Bits, so that what one source is unsure of can be noted beside what another
# says.
APART, TOUCHING, UNSURE = 0, 1, 2

# Elements that are part of a line: a word before and a word after their border may touch or not, which only a
# browser with the style sheets can tell.
INLINE = frozenset(
    "a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span strike "
    "strong sub sup time tt u var wbr option".split()
)

# Their content is never text that a reader sees in the flow.
SILENT = frozenset(
    "script style noscript template head iframe object embed svg datalist textarea canvas audio video map".split()
)


@dataclass(slots=True)
class Run:
    """One text node: the words `start` to `end` of the flow, the element whose text or tail it is, and its holder."""

    element: html.HtmlElement
    is_tail: bool
    holder: int  # index of the innermost element that holds the text
    start: int
    end: int


@dataclass(slots=True)
class Flow:
    """A tree's words in document order; `starts[k]:ends[k]` are the words inside of element `k`.

    `touch[w]` tells how word `w` stands to the one before: apart, touching in one text node, or unsure.
    """

    words: list[str] = field(default_factory=list)
    touch: bytearray = field(default_factory=bytearray)
    runs: list[Run] = field(default_factory=list)
    elements: list[html.HtmlElement] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    spaced: bool = True  # whether white space or a border of blocks ends what was read so far

    def chosen(self, keep: Iterable[bool]) -> Self:
        """The words of the wanted runs alone; `keep` tells for each run whether it is one."""
        runs = list(compress(self.runs, keep))
        words = [word for run in runs for word in self.words[run.start : run.end]]
        return type(self)(words, bytearray().join(self.touch[run.start : run.end] for run in runs))


def flow(root: html.HtmlElement) -> Flow:
    """The flow of `root`; silent elements have no words and are not listed."""
    found = Flow()
    holders: list[int] = []
    for event, element in _walk(root):
        if element.tag not in INLINE:
            found.spaced = True
        if event == "start":
            found.elements.append(element)
            found.parents.append(holders[-1] if holders else -1)
            found.starts.append(len(found.words))
            found.ends.append(len(found.words))
            holders.append(len(found.elements) - 1)
            _add(found, element, element.text, holders[-1], is_tail=False)
        else:
            if event == "end":
                found.ends[holders.pop()] = len(found.words)
            if holders:
                _add(found, element, element.tail, holders[-1], is_tail=True)
    return found


def _add(found: Flow, element: html.HtmlElement, text: str | None, holder: int, *, is_tail: bool) -> None:
    if not text:
        return
    if text.isspace():  # most texts are what stands between two elements
        found.spaced = True
        return
    words, touch = read(text)
    if not words:
        found.spaced = found.spaced or text.strip() != text
        return
    start = len(found.words)
    touch[0] = UNSURE if touch[0] and not found.spaced else APART
    found.words.extend(words)
    found.touch.extend(touch)
    found.runs.append(Run(element, is_tail, holder, start, len(found.words)))
    found.spaced = text[-1].isspace()


def _walk(root: html.HtmlElement) -> Iterator[tuple[str, html.HtmlElement]]:
    """Each element's start and end; a silent one is one event, `silent`."""
    walker = etree.iterwalk(root, events=("start", "end"))
    silent = None
    for event, element in walker:
        if silent is not None:
            if element is silent and event == "end":
                silent = None
                yield "silent", element
        elif element.tag in SILENT:
            silent = element
            walker.skip_subtree()
        else:
            yield event, element
