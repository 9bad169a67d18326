"""The words of a tree, and its elements as spans over them."""

from dataclasses import dataclass, field
from functools import cached_property

from lxml import html


@dataclass(slots=True)
class Run:
    """One text node: the words `start` to `end` of the flow, the element whose text or tail it is, and its holder."""

    element: html.HtmlElement
    is_tail: bool
    holder: int  # index of the innermost element that holds the text
    start: int
    end: int


@dataclass
class Spans:
    """A tree's words in document order; `starts[k]:ends[k]` are the words inside of element `k`.

    The elements inside of it follow it, up to `after[k]`.

    `touch[w]` tells how word `w` stands to the one before: apart, touching in one text node, or unsure.
    """

    words: list[str] = field(default_factory=list)
    touch: bytearray = field(default_factory=bytearray)
    runs: list[Run] = field(default_factory=list)
    elements: list[html.HtmlElement] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)

    @cached_property
    def attributes(self) -> list[dict[str, str]]:
        """Those of each element: who asks for one of them takes as long as for all, and many ask."""
        return [dict(element.items()) for element in self.elements]
