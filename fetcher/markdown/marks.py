"""Collects the text of a line, with placeholders ("marks") where its markup goes.

While the tree is walked, nothing is escaped: whether a character needs a backslash, and whether `**` opens emphasis,
depends on its neighbours, which may be in another element. So text stays as it is, and markup is a mark: a Unicode
noncharacter, which `plain` removes from every text. `emphasis` and `escapes` turn marks into Markdown at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import html

# Each of these four opens its markup where it is closed, and closes it where it is open.
EM, STRONG, DEL, CODE = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
BREAK = "\ufdd4"
LINK, RAW, END = "\ufdd5", "\ufdd6", "\ufdd7"  # start of a link's text; start and end of finished Markdown
UNBROKEN_SPACE = "\ufdd8"  # a space where a line must not be wrapped
MARKS = "\ufdd0-\ufdd8"
_SPACE = f" {BREAK}"

# No-break and other Unicode spaces are spaces; zero-width characters that join nothing are noise of a converter.
# Joiners and direction marks stay: they change what is shown (Persian, emoji).
_WHITE = re.compile(r"[\s\x00-\x20\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_NOISE = re.compile("[\u00ad\u200b\u2060\ufeff\ufdd0-\ufdef]")


def plain(text: str) -> str:
    """The text with each run of white space as one space, without zero-width characters."""
    if text.isspace():  # as most texts between two elements are
        return " "
    if text.isprintable() and "  " not in text:  # as most others are
        return text
    return _WHITE.sub(" ", text if text.isascii() else _NOISE.sub("", text))


def spaced(kept: str) -> Callable[[str], str]:
    """A function like `plain` that keeps the given spaces and zero-width characters."""
    hidden = re.compile(f"(?![{kept}]){_NOISE.pattern}")
    spaces = re.compile(f"(?:(?![{kept}]){_WHITE.pattern.removesuffix('+')})+")
    return lambda text: spaces.sub(" ", text if text.isascii() else hidden.sub("", text))


def raw(markdown: str) -> str:
    """Finished Markdown, marked so that it is not escaped."""
    return f"{RAW}{markdown}{END}"


_ONE_LINK = rf"{LINK}(?:[^{RAW}]|{RAW}(?!\]\()[^{END}]*{END})*{RAW}\]\([^{END}]*{END}"
_LINKS = re.compile(f"({_ONE_LINK})")


_SPREAD = str.maketrans("", "", f"{EM}{STRONG}{DEL}")  # emphasis cannot begin in one link and end in another


def link(text: str, target: str) -> str:
    """The text as a link, except for links inside it; `target` is what goes between the parentheses."""
    if LINK not in text:
        return _link(text, target)
    return "".join(_link_part(part, target) for part in _LINKS.split(text.translate(_SPREAD)))


def _link_part(part: str, target: str) -> str:
    return part if blank(part) or part.startswith(LINK) else _link(part, target)


def _link(text: str, target: str) -> str:
    core = text.strip(_SPACE)
    before, after = text.split(core, 1)
    return f"{before}{LINK}{core}{raw(f']({target})')}{after}"


def wrapped(text: str, mark: str) -> str:
    """The text between two marks, with white space and breaks at its edges moved out; blank text stays as it is."""
    core = text.strip(_SPACE)
    if not core:
        return text
    start = text.index(core)
    return f"{text[:start]}{mark}{core}{mark}{text[start + len(core) :]}"


_NO_CODE = re.compile(f"({_ONE_LINK}|{RAW}[^{END}]*{END}|{BREAK})")


def code(text: str) -> str:
    """The text as a code span; links inside it stay links, with code as their text."""
    return "".join(_code_part(part) for part in _NO_CODE.split(text))


def _code_part(part: str) -> str:
    if part.startswith(LINK):
        text, bracket, target = part[1:].rpartition(f"{RAW}](")
        return f"{LINK}{code(text)}{bracket}{target}"
    return part if part.startswith((RAW, BREAK)) else wrapped(part, CODE)


def is_mark(sign: str) -> bool:
    """Whether the character is a mark."""
    return EM <= sign <= END


def code_span(code: str) -> str:
    """The code between more backticks than it contains.

    >>> code_span("a`b")
    '`` a`b ``'
    """
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    pad = " " if longest else ""
    return f"{'`' * (longest + 1)}{pad}{code}{pad}{'`' * (longest + 1)}"


def formula(source: str) -> str:
    """An inline formula as GitHub reads it, and as other renderers show it intact: a code span between dollars."""
    span = code_span(plain(source))
    return raw(f"${span}$" if "`" not in source else span)


_IN_LABEL = re.compile(rf"[\[\]\\`*_<&!{MARKS}]")


def image(alt: str, target: str) -> str:
    """An image; `target` is what goes between the parentheses."""
    label = _IN_LABEL.sub(lambda match: "" if is_mark(match[0]) else "\\" + match[0], alt)
    return raw(f"![{label}]({target})")


_RAW_PART = re.compile(rf"{RAW}[^{END}]*{END}")


def has_text(line: str) -> bool:
    """Whether the line shows more than images."""
    return not blank(re.sub(f"[{MARKS}]", "", _RAW_PART.sub("", line)))


def blank(line: str) -> bool:
    """Whether nothing of the line is shown."""
    return not line.strip(_SPACE)


# A hook of markdownify: makes Markdown of an element and its text.
Hook = Callable[[html.HtmlElement, str, set[str]], str]
_MOST_OPEN = 32  # only an attack nests more


@dataclass(slots=True)
class _Open:
    """An open element: its text since it began, or since the last block ended."""

    element: html.HtmlElement
    kind: str
    hook: Hook
    pieces: list[str] = field(default_factory=list)


class Line:
    """The current line. Inline elements go on across blocks: `<b>a<p>b</p></b>` is two bold lines."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()  # of the open elements
        self._first: list[str] = []
        self._open: list[_Open] = []
        self._pieces = self._first  # those of the innermost open element

    def add(self, text: str) -> None:
        """Append a text; a space at the start of a line is none, as nothing begins with it."""
        if text != " " or self._pieces or self._open:
            self._pieces.append(text)

    def open(self, element: html.HtmlElement, kind: str, hook: Hook) -> None:
        """Begin an element whose text the hook will convert."""
        if len(self._open) < _MOST_OPEN:
            self._open.append(_Open(element, kind, hook))
            self._pieces = self._open[-1].pieces
            self.kinds.add(kind)

    def close(self, element: html.HtmlElement) -> None:
        """End the element, if it was opened."""
        if self._open and self._open[-1].element is element:
            done = self._open.pop()
            self.kinds = {other.kind for other in self._open}
            self._pieces = self._open[-1].pieces if self._open else self._first
            self._pieces.append(self._converted(done, "".join(done.pieces)))

    def take(self) -> str:
        """The line so far; the next line begins, with the same elements open."""
        text = ""
        if self._open:
            for element in reversed(self._open):
                text = self._converted(element, "".join(element.pieces) + text)
                element.pieces.clear()
        if self._first:
            text = "".join(self._first) + text
            self._first.clear()
        return text

    def ends_in_break(self) -> bool:
        """Whether no text follows the last line break."""
        last = next((piece for piece in reversed(self._pieces) if piece.strip(" ")), "")
        return last.rstrip(" ").endswith(BREAK)

    def _converted(self, done: _Open, text: str) -> str:
        return text if blank(text) else done.hook(done.element, text, self.kinds)
