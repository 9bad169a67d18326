"""Finds and reads front matter: YAML between lines of `---`, or TOML between lines of `+++`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml

from fetcher.seeds import frontmatter_toml

LONGEST = 64 * 1024
"""The most characters of front matter: hundreds of times what real files have; it bounds the cost of hostile ones."""

MOST_VALUES = 10_000
"""The most values with all aliases expanded; an alias bomb has billions."""

_OPENING = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*(\r\n|\n|\r)")
_CLOSING = {
    "---": re.compile(r"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)"),
    "+++": re.compile(r"(?<=[\r\n])\+\+\+[ \t]*(?:\r\n|\n|\r|\Z)"),
}

# All that SafeLoader is known to raise: its constructors let Python's errors through, as for "!!int x" or "!!bool x".
_LOADER_ERRORS = (yaml.YAMLError, ValueError, LookupError, AttributeError, ArithmeticError, TypeError, RecursionError)

Pairs = tuple[tuple[yaml.Node, yaml.Node], ...]
"""The key and value nodes of a mapping, in order; nodes know their positions."""


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
    try:
        if span.is_toml:
            return FrontMatter(text, span, (), MappingProxyType(frontmatter_toml.load(text[span.start : span.end])))
        pairs, fields = _load(text[span.start : span.end])
    except _LOADER_ERRORS as error:
        toml = span.is_toml and isinstance(error, ValueError)
        raise FrontMatterError(frontmatter_toml.complaint(error) if toml else _complaint(error)) from error
    return FrontMatter(text, span, pairs, MappingProxyType(fields))


def pair(front: FrontMatter, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    """The nodes of a key and its value; of a repeated key the last, as PyYAML does; None without such a key."""
    return next((found for found in reversed(front.pairs) if found[0].value == key), None)


def scalar(front: FrontMatter, key: str) -> str:
    """A key's value as text, before its type is resolved; empty for a list, a mapping or no such key."""
    if front.span.is_toml:
        return frontmatter_toml.scalar(front.inner, key)
    _, node = pair(front, key) or (None, None)
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def children(node: yaml.Node) -> Iterator[yaml.Node]:
    """The direct child nodes of a list or mapping; of a mapping, keys and values in turn."""
    if isinstance(node, yaml.MappingNode):
        for key_and_value in node.value:
            yield from key_and_value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _timestamp(loader: Any, node: yaml.ScalarNode) -> object:
    # Else an impossible date such as 2026-02-30 would make SafeLoader refuse the whole front matter.
    try:
        return loader.construct_yaml_timestamp(node)
    except (ValueError, AttributeError):
        return node.value


def _lenient(loader: Any) -> Any:
    made: Any = type(f"Lenient{loader.__name__}", (loader,), {})
    made.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)
    return made


_Loader = _lenient(yaml.SafeLoader)
_FastLoader = _lenient(getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _loader(text: str) -> Any:
    # The loader in C is ten times as fast, but deep nesting overflows its stack and ends the process. Every level of
    # nesting needs one of these characters, so few of them are safe. Real front matter has about 30.
    return _FastLoader(text) if sum(map(text.count, "[{-:?")) <= 200 else _Loader(text)


def _load(text: str) -> tuple[Pairs, dict[str, object]]:
    loader = _loader(text)
    root = loader.get_single_node()
    if root is None:  # nothing, or nothing but comments
        return (), {}
    if not isinstance(root, yaml.MappingNode):
        raise FrontMatterError("the front matter is no list of keys and values")
    if _weight(root, {}) > MOST_VALUES:
        raise FrontMatterError(f"the front matter stands for more than {MOST_VALUES:,} values")
    pairs = tuple(root.value)  # before construction, which moves merged keys (<<) in among them
    return pairs, loader.construct_document(root)


def _weight(node: yaml.Node, known: dict[int, int]) -> int:
    # Counts a node as often as aliases repeat it, but visits it once; one that contains itself weighs too much.
    if id(node) not in known:
        known[id(node)] = MOST_VALUES + 1
        known[id(node)] = min(MOST_VALUES + 1, 1 + sum(_weight(child, known) for child in children(node)))
    return known[id(node)]


def _complaint(error: Exception) -> str:
    match error:
        case FrontMatterError():
            return str(error)
        case RecursionError():
            return "the front matter is nested too deeply"
        case yaml.MarkedYAMLError(problem=str(problem), problem_mark=mark) if mark:
            line = mark.line + 2  # zero-based, and below the line of ---
            return f"the front matter is no valid YAML: {problem}, in line {line} of the file"
        case yaml.reader.ReaderError():
            return f"the front matter is no valid YAML: it holds the control character U+{_code(error.character):04X}"
    return f"the front matter is no valid YAML: {error}"


def _code(character: int | str) -> int:
    return ord(character) if isinstance(character, str) else character
