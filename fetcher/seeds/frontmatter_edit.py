"""Replaces or adds one value in front matter without changing any other character.

It tries several ways to write the value (in the old quotes, in double quotes, …), parses each result, and takes the
first in which the value reads as meant and everything else as before.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml

from fetcher.seeds import frontmatter_toml
from fetcher.seeds.frontmatter import FrontMatter, FrontMatterError, read
from fetcher.seeds.frontmatter_yaml import children, pair

_COLON = re.compile(r"\s*:")
_ALIAS = re.compile(r"\s*\*[^\s,\[\]{}]+")
_TEXT = "tag:yaml.org,2002:str"
# A JSON string is a YAML string, except for characters that YAML reads as line breaks or does not allow unescaped.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def put(front: FrontMatter, key: str, value: str, means: Callable[[object], bool]) -> FrontMatter:
    """The front matter with the value of `key` replaced in place, or added as the last key.

    The quotes stay if they can hold the new value. `means` tells whether a parsed value is the one meant. Raises
    FrontMatterError if no way of writing it works, as where another key refers to the value.
    """
    if front.span.is_toml:
        return _put_toml(front, key, value, means)
    for text in _ways(front, key, value):
        try:
            after = read(text)
        except FrontMatterError:
            continue
        if after and means(after.fields.get(key)) and _others(after, key) == _others(front, key):
            return after
    raise FrontMatterError(f"the value of {key} cannot be changed without changing something else")


def _put_toml(front: FrontMatter, key: str, value: str, means: Callable[[object], bool]) -> FrontMatter:
    inner = frontmatter_toml.put(front.inner, key, value, front.span.newline, means)
    after = read(front.text[: front.span.start] + inner + front.text[front.span.end :]) if inner is not None else None
    if after is None or after.body != front.body:
        raise FrontMatterError(f"the value of {key} cannot be changed without changing something else")
    return after


def double_quoted(value: str) -> str:
    """The value as a YAML string in double quotes on one line."""
    return _UNPRINTABLE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))


class _Place(NamedTuple):
    """A value in the text: `start:end`, its quotes or block indicator (`style`), and its content."""

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
        # Replacing only the content keeps tags, anchors, block indicators and spaces.
        before, found, after = front.text[place.start : place.end].partition(place.says)
        if found:
            yield before + value + after
    if style is None:
        yield value
    if style == "'":
        yield "'" + value.replace("'", "''") + "'"
    yield double_quoted(value)


def _usual_style(front: FrontMatter) -> str | None:
    """The quotes of the last string among the values, which a new value should have, too."""
    styles = [node.style or None for _, node in front.pairs if isinstance(node, yaml.ScalarNode) and node.tag == _TEXT]
    return styles[-1] if styles else '"'


def _added(front: FrontMatter, line: str) -> str:
    end, newline = front.span.end, front.span.newline
    indent = " " * front.pairs[0][0].start_mark.column if front.pairs else ""
    return front.text[:end] + indent + line + newline + front.text[end:]


def _place(front: FrontMatter, key: str) -> _Place | None:
    found = pair(front.pairs, key)
    if found is None:
        return None
    name, node = found
    after_name = front.span.start + name.end_mark.index
    start, end = front.span.start + node.start_mark.index, front.span.start + _end(node)
    if start < after_name:  # an alias: the node is the one that it refers to
        return _Place(*_alias(front.text, after_name), _usual_style(front), "")
    end = start + len(front.text[start:end].rstrip())
    if isinstance(node, yaml.ScalarNode):
        style = node.style or (None if node.value else _usual_style(front))
        return _Place(start, end, style, node.value.strip())
    return _Place(_after_colon(front.text, after_name), end, _usual_style(front), "")


def _after_colon(text: str, after_name: int) -> int:
    colon = _COLON.match(text, after_name)
    return colon.end() if colon else after_name


def _alias(text: str, after_name: int) -> tuple[int, int]:
    start = _after_colon(text, after_name)
    alias = _ALIAS.match(text, start)
    return start, alias.end() if alias else start


def _end(node: yaml.Node) -> int:
    # For PyYAML a block list or mapping ends where the next key begins, after comments that belong to neither.
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        return _end(list(children(node))[-1])
    end: int = node.end_mark.index
    return end


def _others(front: FrontMatter, key: str) -> tuple[str, list[Any]]:
    return front.body, [(_shape(name), _shape(node)) for name, node in front.pairs if name.value != key]


def _shape(node: yaml.Node) -> tuple[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return node.tag, node.value
    return node.tag, [_shape(child) for child in children(node)]
