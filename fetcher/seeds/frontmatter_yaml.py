"""Reads YAML front matter with PyYAML, into its values and the nodes that know their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_VALUES = 10_000
"""The most values with all aliases expanded; an alias bomb has billions."""

# All that SafeLoader is known to raise: its constructors let Python's errors through, as for "!!int x" or "!!bool x".
ERRORS = (yaml.YAMLError, ValueError, LookupError, AttributeError, ArithmeticError, TypeError, RecursionError)

Pairs = tuple[tuple[yaml.Node, yaml.Node], ...]
"""The key and value nodes of a mapping, in order; nodes know their positions."""


class RefusedError(ValueError):
    """The text is YAML, but no front matter; the message says why."""


def load(text: str) -> tuple[Pairs, dict[str, object]]:
    """The key and value nodes, and the values by key; raises one of `ERRORS` if the text is not such YAML."""
    loader = _loader(text)
    root = loader.get_single_node()
    if root is None:  # nothing, or nothing but comments
        return (), {}
    if not isinstance(root, yaml.MappingNode):
        raise RefusedError("the front matter is no list of keys and values")
    if _weight(root, {}) > MOST_VALUES:
        raise RefusedError(f"the front matter stands for more than {MOST_VALUES:,} values")
    pairs = tuple(root.value)  # before construction, which moves merged keys (<<) in among them
    return pairs, loader.construct_document(root)


def complaint(error: Exception) -> str:
    """The error of `load` as a sentence, with the line of the file."""
    match error:
        case RefusedError():
            return str(error)
        case RecursionError():
            return "the front matter is nested too deeply"
        case yaml.MarkedYAMLError(problem=str(problem), problem_mark=mark) if mark:
            line = mark.line + 2  # zero-based, and below the line of ---
            return f"the front matter is no valid YAML: {problem}, in line {line} of the file"
        case yaml.reader.ReaderError():
            return f"the front matter is no valid YAML: it holds the control character U+{_code(error.character):04X}"
    return f"the front matter is no valid YAML: {error}"


def scalar(pairs: Pairs, key: str) -> str:
    """A key's value as text, before its type is resolved; empty for a list, a mapping or no such key."""
    _, node = pair(pairs, key) or (None, None)
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def pair(pairs: Pairs, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    """The nodes of a key and its value; of a repeated key the last, as PyYAML does; None without such a key."""
    return next((found for found in reversed(pairs) if found[0].value == key), None)


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


def _weight(node: yaml.Node, known: dict[int, int]) -> int:
    # Counts a node as often as aliases repeat it, but visits it once; one that contains itself weighs too much.
    if id(node) not in known:
        known[id(node)] = MOST_VALUES + 1
        known[id(node)] = min(MOST_VALUES + 1, 1 + sum(_weight(child, known) for child in children(node)))
    return known[id(node)]


def _code(character: int | str) -> int:
    return ord(character) if isinstance(character, str) else character
