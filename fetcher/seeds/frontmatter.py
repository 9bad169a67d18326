"""Finds and reads front matter: YAML between lines of `---`, or TOML between lines of `+++`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetcher.seeds.frontmatter_yaml import Pairs

LONGEST = 64 * 1024
"""The most characters of front matter: hundreds of times what real files have; it bounds the cost of hostile ones."""

_OPENING = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*(\r\n|\n|\r)")
_CLOSING = {
    "---": re.compile(r"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)"),
    "+++": re.compile(r"(?<=[\r\n])\+\+\+[ \t]*(?:\r\n|\n|\r|\Z)"),
}


class FrontMatterError(ValueError):
    """Front matter cannot be read or edited; the message says why in one sentence."""


class Span(NamedTuple):
    """The place of front matter in a text: its YAML or TOML is `start:end`, the body begins at `body`."""

    start: int
    end: int
    body: int
    newline: str
    is_toml: bool = False


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A text with its front matter parsed: `pairs` are YAML's nodes (none for TOML), `fields` the values."""

    text: str
    span: Span = field(compare=False)
    pairs: Pairs = field(compare=False, repr=False)
    fields: Mapping[str, object] = field(compare=False)

    @property
    def body(self) -> str:
        """The exact text after the front matter."""
        return self.text[self.span.body :]

    @property
    def inner(self) -> str:
        """The YAML or TOML itself."""
        return self.text[self.span.start : self.span.end]


def opens(raw: bytes) -> bool:
    """Whether a file begins with front matter, in whatever encoding; other files need not be read further.

    >>> opens("---".encode("utf-16")), opens(b"+++"), opens(b"# Title")
    (True, True, False)
    """
    head = raw[:16].replace(b"\0", b"")  # UTF-16 and UTF-32 write ASCII with zeros between
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe").startswith((b"---", b"+++"))


def begins(text: str) -> bool:
    """Whether a text begins with an opening line of front matter, closed later or not."""
    return _OPENING.match(text) is not None


def find(text: str) -> Span | None:
    """The place of the front matter; None if the text does not begin with any, or it is never closed."""
    opening = _OPENING.match(text)
    if not opening:
        return None
    start = opening.end()
    # The window is a few characters longer than allowed, as the pattern takes its end for the end of the text.
    closing = _CLOSING[opening[1]].search(text, start, start + LONGEST + 8)
    if not closing or closing.start() > start + LONGEST:
        return None
    return Span(start, closing.start(), closing.end(), opening[2], opening[1] == "+++")


def read(text: str) -> FrontMatter | None:
    """The text with its front matter parsed by PyYAML or tomllib; None if it has none.

    Raises FrontMatterError if that is not valid YAML or TOML, not a mapping, or a bomb.
    """
    span = find(text)
    if span is None:
        return None
    inner = text[span.start : span.end]
    return _read_toml(text, span, inner) if span.is_toml else _read_yaml(text, span, inner)


def _read_yaml(text: str, span: Span, inner: str) -> FrontMatter:
    from fetcher.seeds import frontmatter_yaml  # noqa: PLC0415  # slow to import, and most seeds are read without it

    try:
        pairs, fields = frontmatter_yaml.load(inner)
    except frontmatter_yaml.ERRORS as error:
        raise FrontMatterError(frontmatter_yaml.complaint(error)) from error
    return FrontMatter(text, span, pairs, MappingProxyType(fields))


def _read_toml(text: str, span: Span, inner: str) -> FrontMatter:
    from fetcher.seeds import frontmatter_toml  # noqa: PLC0415  # as above

    try:
        return FrontMatter(text, span, (), MappingProxyType(frontmatter_toml.load(inner)))
    except frontmatter_toml.ERRORS as error:
        raise FrontMatterError(frontmatter_toml.complaint(error)) from error


def scalar(front: FrontMatter, key: str) -> str:
    """A key's value as text, before its type is resolved; empty for a list, a mapping or no such key."""
    if front.span.is_toml:
        from fetcher.seeds import frontmatter_toml  # noqa: PLC0415  # as above

        return frontmatter_toml.scalar(front.inner, key)
    from fetcher.seeds import frontmatter_yaml  # noqa: PLC0415  # as above

    return frontmatter_yaml.scalar(front.pairs, key)
