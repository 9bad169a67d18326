"""The line of text that is being read, and the elements inside of it that are open."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import html

from fetcher.markdown.marks import BREAK, blank

# What an element makes of its text: a hook of markdownify.
Hook = Callable[[html.HtmlElement, str, set[str]], str]
_MOST_OPEN = 32  # only an attack nests more of them


@dataclass(slots=True)
class _Open:
    """An open element: its text since it began, or since the last block ended."""

    element: html.HtmlElement
    kind: str
    hook: Hook
    pieces: list[str] = field(default_factory=list)


class Line:
    """Text in pieces. An element that a block interrupts goes on after it: `<b>a<p>b</p></b>` is two bold lines."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()  # of the open elements
        self._first: list[str] = []
        self._open: list[_Open] = []
        self._pieces = self._first  # those of the innermost open element

    def add(self, text: str) -> None:
        """Go on with this text."""
        self._pieces.append(text)

    def open(self, element: html.HtmlElement, kind: str, hook: Hook) -> None:
        """Begin an element whose text the hook will convert."""
        if len(self._open) < _MOST_OPEN:
            self._open.append(_Open(element, kind, hook))
            self._pieces = self._open[-1].pieces
            self.kinds.add(kind)

    def close(self, element: html.HtmlElement) -> None:
        """End the element, if it was begun."""
        if self._open and self._open[-1].element is element:
            done = self._open.pop()
            self.kinds = {other.kind for other in self._open}
            self._pieces = self._open[-1].pieces if self._open else self._first
            self._pieces.append(self._converted(done, "".join(done.pieces)))

    def take(self) -> str:
        """The line as it stands; the next one begins, with the same elements open."""
        text = ""
        for element in reversed(self._open):
            text = self._converted(element, "".join(element.pieces) + text)
            element.pieces.clear()
        text = "".join(self._first) + text
        self._first.clear()
        return text

    def ends_in_break(self) -> bool:
        """Whether nothing was shown since the last line break."""
        last = next((piece for piece in reversed(self._pieces) if piece.strip(" ")), "")
        return last.rstrip(" ").endswith(BREAK)

    def _converted(self, done: _Open, text: str) -> str:
        return text if blank(text) else done.hook(done.element, text, self.kinds)
