"""YAML front matter: found as text, read by PyYAML, and edited in place so that nothing else moves."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml

LONGEST = 64 * 1024
"""Characters of front matter that are read: hundreds of times what real files hold, and what a hostile one may cost."""

MOST_VALUES = 10_000
"""Values that front matter may hold, each alias counted with all it stands for: a bomb of aliases has billions."""

_OPENING = re.compile(r"\ufeff?---[ \t]*(\r\n|\n|\r)")
_CLOSING = re.compile(r"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)")
_ALIAS = re.compile(r"\s*:\s+(\*[^\s,\[\]{}]+)")
# JSON's strings are YAML's, but for characters that YAML takes for line breaks or refuses to read unescaped.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

# What SafeLoader is known to raise: its constructors hand on whatever Python says of "!!int x" or "!!bool x".
_LOADER_ERRORS = (yaml.YAMLError, ValueError, LookupError, AttributeError, ArithmeticError, TypeError, RecursionError)


Pairs = tuple[tuple[yaml.Node, yaml.Node], ...]
"""The keys and values of a mapping with their positions, in order."""


class FrontMatterError(ValueError):
    """Front matter that cannot be read, or not be edited; the message says why in one sentence."""


class Span(NamedTuple):
    """Where front matter stands in a text: its YAML from `start` to `end`, the body from `body` on."""

    start: int
    end: int
    body: int
    newline: str


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A text with its front matter read: `pairs` are the nodes with their positions, `fields` the values."""

    text: str
    span: Span
    pairs: Pairs
    fields: Mapping[str, object]

    @property
    def body(self) -> str:
        """The exact text after the front matter."""
        return self.text[self.span.body :]


def opens(raw: bytes) -> bool:
    """Whether the bytes of a file begin as front matter does, in whatever encoding: no others need be looked at.

    >>> opens("---".encode("utf-16")), opens(b"# Title")
    (True, False)
    """
    head = raw[:16].replace(b"\0", b"")  # UTF-16 and UTF-32 write ASCII with zeros between
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe").startswith(b"---")


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
    closing = _CLOSING.search(text, start, start + LONGEST + 8)
    if not closing or closing.start() > start + LONGEST:
        return None
    return Span(start, closing.start(), closing.end(), opening[1])


def read(text: str) -> FrontMatter | None:
    """The text with its front matter read by PyYAML; None where it has none.

    Raises FrontMatterError where that is no YAML, no mapping, or made to exhaust its reader.
    """
    span = find(text)
    if span is None:
        return None
    try:
        pairs, fields = _load(text[span.start : span.end])
    except _LOADER_ERRORS as error:
        raise FrontMatterError(_complaint(error)) from error
    return FrontMatter(text, span, pairs, MappingProxyType(fields))


def put(front: FrontMatter, key: str, value: str, means: Callable[[object], bool]) -> FrontMatter:
    """The front matter with the value of `key` replaced where it stands, or added last; no other character differs.

    The value keeps the quotes that the old one had where they can hold it. Every way of writing it is read again by
    PyYAML and taken only if the value reads as `means` demands, and all the rest as it did. Raises
    FrontMatterError where no way does, as with a value that another key refers to.
    """
    for text in _ways(front, key, value):
        try:
            after = read(text)
        except FrontMatterError:
            continue
        if after and means(after.fields.get(key)) and _others(after, key) == _others(front, key):
            return after
    raise FrontMatterError(f"the value of {key} cannot be changed without changing something else")


def scalar(front: FrontMatter, key: str) -> str:
    """The text of a key's value before any type was read into it; empty for a list, a mapping or no such key."""
    _, node = _pair(front, key) or (None, None)
    return node.value if isinstance(node, yaml.ScalarNode) else ""


class _Loader(yaml.SafeLoader):
    """SafeLoader, but for dates that do not exist, which it would refuse the whole front matter for."""

    def timestamp(self, node: yaml.ScalarNode) -> object:
        try:
            return self.construct_yaml_timestamp(node)
        except (ValueError, AttributeError):
            return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.timestamp)


def _load(text: str) -> tuple[Pairs, dict[str, object]]:
    loader = _Loader(text)
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
        known[id(node)] = min(MOST_VALUES + 1, 1 + sum(_weight(child, known) for child in _children(node)))
    return known[id(node)]


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _complaint(error: Exception) -> str:
    match error:
        case FrontMatterError():
            return str(error)
        case RecursionError():
            return "the front matter is nested too deeply"
        case yaml.MarkedYAMLError(problem=str(problem), problem_mark=yaml.Mark(line=line)):
            return f"the front matter is no valid YAML: {problem}, in line {line + 2} of the file"
        case yaml.reader.ReaderError():
            return f"the front matter is no valid YAML: it holds the control character U+{_code(error.character):04X}"
    return f"the front matter is no valid YAML: {error}"


def _code(character: int | str) -> int:
    return ord(character) if isinstance(character, str) else character


class _Place(NamedTuple):
    """A value in the text: from `start` to `end`, with the quote or block sign it has, and what it says."""

    start: int
    end: int
    style: str | None
    says: str


def _ways(front: FrontMatter, key: str, value: str) -> Iterator[str]:
    place = _place(front, key)
    for literal in _literals(front, place, value):
        if place is None:
            yield _added(front, f"{key}: {literal}")
        else:
            gap = " " if front.text[place.start - 1] == ":" else ""
            yield front.text[: place.start] + gap + literal + front.text[place.end :]


def _literals(front: FrontMatter, place: _Place | None, value: str) -> Iterator[str]:
    style = place.style if place else _usual_style(front)
    if place and place.says:
        # Swapping only the words inside keeps tags, anchors, block signs and spaces.
        before, found, after = front.text[place.start : place.end].partition(place.says)
        if found:
            yield before + value + after
    if style is None:
        yield value
    if style == "'":
        yield "'" + value.replace("'", "''") + "'"
    yield _double_quoted(value)


def _double_quoted(value: str) -> str:
    return _UNPRINTABLE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))


def _usual_style(front: FrontMatter) -> str | None:
    """The quotes of the last simple value: what a value added below it should look like."""
    styles = [node.style for _, node in front.pairs if isinstance(node, yaml.ScalarNode)]
    return styles[-1] if styles else '"'


def _added(front: FrontMatter, line: str) -> str:
    _, end, _, newline = front.span
    indent = " " * front.pairs[0][0].start_mark.column if front.pairs else ""
    return front.text[:end] + indent + line + newline + front.text[end:]


def _pair(front: FrontMatter, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    # Of a key that is given twice, PyYAML takes the last.
    return next((pair for pair in reversed(front.pairs) if pair[0].value == key), None)


def _place(front: FrontMatter, key: str) -> _Place | None:
    pair = _pair(front, key)
    if pair is None:
        return None
    name, node = pair
    offset = front.span.start
    if node.start_mark.index < name.end_mark.index:  # an alias: the node is the one that it refers to
        return _alias(front.text, offset + name.end_mark.index)
    start, end = offset + node.start_mark.index, offset + _end(node)
    end = start + len(front.text[start:end].rstrip())
    if not isinstance(node, yaml.ScalarNode):
        return _Place(start, end, '"', "")
    return _Place(start, end, node.style, node.value.strip())


def _alias(text: str, after_name: int) -> _Place:
    alias = _ALIAS.match(text, after_name)
    if not alias:
        raise FrontMatterError("an alias stands where it cannot be found again")
    return _Place(*alias.span(1), '"', "")


def _end(node: yaml.Node) -> int:
    # A block list or mapping "ends" for PyYAML where the next key begins, behind comments that are not its own.
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        return _end(list(_children(node))[-1])
    end: int = node.end_mark.index
    return end


def _others(front: FrontMatter, key: str) -> tuple[str, list[Any]]:
    return front.body, [(_shape(name), _shape(node)) for name, node in front.pairs if name.value != key]


def _shape(node: yaml.Node) -> tuple[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return node.tag, node.value
    return node.tag, [_shape(child) for child in _children(node)]
