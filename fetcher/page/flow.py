"""The text of a tree as one sequence of words, with the elements as spans over it."""

from collections.abc import Iterable
from functools import cached_property
from itertools import compress
from typing import Self

from lxml import etree, html

from fetcher.page.apart import settled
from fetcher.page.looks import INLINE, Look
from fetcher.page.prose import Prose, measure
from fetcher.page.spans import Run, Spans
from fetcher.page.words import read

# How a word stands to the one before it. Bits, so that what one source is unsure of can be noted beside what another
# says.
APART, TOUCHING, UNSURE = 0, 1, 2

# Their content is never text that a reader sees in the flow.
SILENT = frozenset(
    "script style noscript template head iframe object embed svg datalist textarea canvas audio video map".split()
)


class Flow(Spans):
    """The spans of a tree's elements, with what each element holds and how it looks, measured where somebody asks."""

    @cached_property
    def prose(self) -> Prose:
        """What each element holds."""
        return measure(self)

    @cached_property
    def looks(self) -> list[Look]:
        """How each element looks; one without words like a box, as nobody asks."""
        return settled(self, self.prose)

    def chosen(self, keep: Iterable[bool]) -> Self:
        """The words of the wanted runs alone; `keep` tells for each run whether it is one."""
        runs = list(compress(self.runs, keep))
        words = [word for run in runs for word in self.words[run.start : run.end]]
        return type(self)(words, bytearray().join(self.touch[run.start : run.end] for run in runs))


def flow(root: html.HtmlElement) -> Flow:
    """The flow of `root`; silent elements have no words and are not listed."""
    found = Flow()
    words, touch, elements, parents = found.words, found.touch, found.elements, found.parents
    holder, spaced = -1, True  # `spaced`: whether white space or a border of blocks ends what was read so far
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:  # written out: calls for each element and text would double its time
        tag = element.tag
        if tag not in INLINE:
            spaced = True
        if event == "end":
            if tag not in SILENT:
                found.ends[holder], found.after[holder] = len(words), len(elements)
                holder = parents[holder]
            text = element.tail if holder >= 0 else None
        elif tag in SILENT:
            walker.skip_subtree()
            continue
        else:
            parents.append(holder)
            holder = len(elements)
            elements.append(element)
            found.starts.append(len(words))
            found.ends.append(len(words))
            found.after.append(holder + 1)
            text = element.text
        if not text or text.isspace():  # most texts are what stands between two elements
            spaced = spaced or bool(text)
            continue
        new, touching = read(text)
        if new:
            start = len(words)
            words += new
            touch += touching
            touch[start] = UNSURE if touching[0] and not spaced else APART
            found.runs.append(Run(element, event == "end", holder, start, len(words)))
            spaced = text[-1].isspace()
        else:
            spaced = spaced or text.strip() != text
    return found
