"""Front matter, YAML between lines of --- or TOML between lines of +++: found as text, and read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml

from fetcher.seeds import frontmatter_toml

LONGEST = 64 * 1024
"""Characters of front matter that are read: hundreds of times what real files hold, and what a hostile one may cost."""

MOST_VALUES = 10_000
"""Values that front matter may hold, each alias counted with all it stands for: a bomb of aliases has billions."""

_OPENING = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*(\r\n|\n|\r)")
_CLOSING = {
    "---": re.compile(r"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)"),
    "+++": re.compile(r"(?<=[\r\n])\+\+\+[ \t]*(?:\r\n|\n|\r|\Z)"),
}

# What SafeLoader is known to raise: its constructors hand on whatever Python says of "!!int x" or "!!bool x".
_LOADER_ERRORS = (yaml.YAMLError, ValueError, LookupError, AttributeError, ArithmeticError, TypeError, RecursionError)

Pairs = tuple[tuple[yaml.Node, yaml.Node], ...]
"""The keys and values of a mapping with their positions, in order."""


class FrontMatterError(ValueError):
    """Front matter that cannot be read or edited; the message says why in one sentence."""


class Span(NamedTuple):
    """Where front matter stands in a text: its YAML or TOML from `start` to `end`, the body from `body` on."""

    start: int
    end: int
    body: int
    newline: str
    is_toml: bool = False


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A text with its front matter read: `pairs` are YAML's nodes with their positions, `fields` the values."""

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
    """Whether the bytes of a file begin as front matter does, in whatever encoding: no others need be looked at.

    >>> opens("---".encode("utf-16")), opens(b"+++"), opens(b"# Title")
    (True, True, False)
    """
    head = raw[:16].replace(b"\0", b"")  # UTF-16 and UTF-32 write ASCII with zeros between
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe").startswith((b"---", b"+++"))


def begins(text: str) -> bool:
    """Whether the text begins as front matter does, closed or not."""
    return _OPENING.match(text) is not None


def find(text: str) -> Span | None:
    """Where the front matter stands; None where the text does not begin with any, or where it is never closed."""
    opening = _OPENING.match(text)
    if not opening:
        return None
    start = opening.end()
    # A few characters more than may be used: the pattern takes the end of its window for the end of the text.
    closing = _CLOSING[opening[1]].search(text, start, start + LONGEST + 8)
    if not closing or closing.start() > start + LONGEST:
        return None
    return Span(start, closing.start(), closing.end(), opening[2], opening[1] == "+++")


def read(text: str) -> FrontMatter | None:
    """The text with its front matter read by PyYAML or tomllib; None where it has none.

    Raises FrontMatterError where that is no YAML or TOML, no mapping, or made to exhaust its reader.
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
    """The nodes of a key and its value, the last such, which PyYAML takes; None where there is no such key."""
    return next((found for found in reversed(front.pairs) if found[0].value == key), None)


def scalar(front: FrontMatter, key: str) -> str:
    """The text of a key's value before any type was read into it; empty for a list, a mapping or no such key."""
    if front.span.is_toml:
        return frontmatter_toml.scalar(front.inner, key)
    _, node = pair(front, key) or (None, None)
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def children(node: yaml.Node) -> Iterator[yaml.Node]:
    """The nodes right inside of a list or mapping; of a mapping, keys and values in turn."""
    if isinstance(node, yaml.MappingNode):
        for key_and_value in node.value:
            yield from key_and_value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _timestamp(loader: Any, node: yaml.ScalarNode) -> object:
    # A date that does not exist would make SafeLoader refuse the whole front matter.
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
    # The loader in C is ten times as fast, but nesting that is deep enough overflows its stack and ends the process.
    # Every level of nesting needs one of these signs, so that few of them are safe. Real front matter has about 30.
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
    # Each node is visited once and counted as often as aliases repeat it; one that contains itself weighs too much.
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
            line = mark.line + 2  # counted from nought, and below the line of ---
            return f"the front matter is no valid YAML: {problem}, in line {line} of the file"
        case yaml.reader.ReaderError():
            return f"the front matter is no valid YAML: it holds the control character U+{_code(error.character):04X}"
    return f"the front matter is no valid YAML: {error}"


def _code(character: int | str) -> int:
    return ord(character) if isinstance(character, str) else character
