"""Builds elements from React's flight rows, the tree that the scripts of a Next.js page would render."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from lxml import etree, html

from fetcher.page.data_elements import as_elements, html_fragment
from fetcher.page.xml_text import xml_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PUSH = re.compile(r"\.push\(\s*(?=\[)")
_READ = json.JSONDecoder(strict=False)
_ROW = re.compile(rb"([0-9a-f]*):")
_REFERENCE = re.compile(r"\$L?[0-9a-f]+")
_DEEPEST = 200
_MOST = 200_000  # elements
_ATTRIBUTES = {"className": "class", "htmlFor": "for"}
_HOLDS_NO_TEXT = frozenset("script style link meta title template svg iframe noscript base".split())
_FRAMES = frozenset({"html", "head", "body", "main"})
# Properties for the router: what to show in place of the page, and data about it.
_INSTEAD = re.compile(
    r"(?:notFound|forbidden|unauthorized|error|globalError|loading|template)\w*|fallback|initialTree|initialHead|metadata"
)


def flight(scripts: Iterable[str]) -> Iterator[html.HtmlElement]:
    """An element with the content of the flight rows in a page's scripts, if there are any."""
    rows = _rows("".join(_pushed(scripts)).encode("utf-8", "surrogatepass"))
    if root := rows.get("0"):
        holder = html.Element("div")
        _Tree(rows).add(holder, root, 0, is_text=False)
        yield holder


def _pushed(scripts: Iterable[str]) -> Iterator[str]:
    for script in scripts:
        for found in _PUSH.finditer(script) if "__next_f" in script else ():
            try:
                said, _ = _READ.raw_decode(script, found.end())
            except (ValueError, RecursionError):
                continue
            if said[:1] == [1] and isinstance(said[-1], str):
                yield said[-1]


def _rows(data: bytes) -> dict[str, Any]:
    """The rows by name: JSON values, and texts, which are preceded by their length."""
    rows: dict[str, Any] = {}
    at = 0
    while begins := _ROW.match(data, at):
        at = begins.end()
        name = begins[1].decode()
        if data[at : at + 1] == b"T":
            comma = data.find(b",", at)
            size = data[at + 1 : comma]
            if comma < 0 or not re.fullmatch(rb"[0-9a-f]{1,8}", size):
                break
            at = comma + 1 + int(size, 16)
            rows[name] = data[comma + 1 : at].decode("utf-8", "replace")
            at += data[at : at + 1] == b"\n"
            continue
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        rows[name] = _value(data[at:end])
        at = end + 1
    return rows


def _value(row: bytes) -> Any:
    try:
        return json.loads(row)
    except (ValueError, RecursionError):  # rows with modules, hints or errors
        return None


class _Tree:
    def __init__(self, rows: dict[str, Any]) -> None:
        self._rows = rows
        self._open: set[str] = set()  # rows being read, so that a row that refers to itself ends
        self._room = _MOST
        self._looked_at: dict[int, bool] = {}

    def add(self, holder: html.HtmlElement, value: Any, depth: int, *, is_text: bool) -> None:
        """Add a node to `holder`. With `is_text` a string is text; else it is some value of a property."""
        self._room -= 1
        if depth > _DEEPEST or self._room <= 0:
            return
        if isinstance(value, str):
            self._add_string(holder, value, depth, is_text=is_text)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and is_text:
            _say(holder, str(value))
        elif isinstance(value, list) and len(value) >= 4 and value[0] == "$" and isinstance(value[1], str):
            self._add_element(holder, value[1], value[3], depth)
        elif isinstance(value, list):
            for one in value:
                self.add(holder, one, depth + 1, is_text=is_text)
        elif isinstance(value, dict):
            self._add_data(holder, value, depth, children="")

    def _add_string(self, holder: html.HtmlElement, text: str, depth: int, *, is_text: bool) -> None:
        if not text.startswith("$"):
            if is_text:
                _say(holder, text)
            return
        if text.startswith("$$"):
            _say(holder, text[1:])
            return
        name = re.sub(r"^\$[L@]?", "", text)
        if name in self._rows and name not in self._open:
            self._open.add(name)
            self.add(holder, self._rows[name], depth + 1, is_text=is_text)
            self._open.discard(name)

    def _add_element(self, holder: html.HtmlElement, tag: str, given: Any, depth: int) -> None:
        its = given if isinstance(given, dict) else {}
        if tag in _HOLDS_NO_TEXT:
            return
        if tag.startswith("$"):  # a component: assume that it shows its properties
            self._add_data(holder, its, depth, children="children")
            return
        element = etree.SubElement(holder, "div" if tag in _FRAMES else _named(tag), _attributes(its))
        raw = its.get("dangerouslySetInnerHTML")
        if isinstance(raw, dict):
            self._add_raw(element, raw.get("__html"))
        self.add(element, its.get("children"), depth + 1, is_text=True)

    def _add_raw(self, element: html.HtmlElement, text: Any) -> None:
        if isinstance(text, str) and text.startswith("$") and isinstance(self._rows.get(text[1:]), str):
            text = self._rows[text[1:]]
        if isinstance(text, str):
            element.append(html_fragment(text))

    def _add_data(self, holder: html.HtmlElement, its: dict[str, Any], depth: int, *, children: str) -> None:
        """Add the properties of a component: its `children`, and elements and texts in the others."""
        plain: dict[str, Any] = {}
        for name, value in its.items():
            if _INSTEAD.fullmatch(name):
                continue
            if name == children or self._has_elements(value):
                self.add(holder, value, depth + 1, is_text=name == children)
            else:
                plain[name] = self._resolved(value)
        if plain:
            holder.append(as_elements(plain))

    def _resolved(self, value: Any, depth: int = 0) -> Any:
        """A value with references to text rows replaced by their texts."""
        if isinstance(value, str) and value.startswith("$") and isinstance(self._rows.get(value[1:]), str):
            return self._rows[value[1:]]
        if depth > _DEEPEST or not isinstance(value, (dict, list)):
            return None if isinstance(value, (dict, list)) else value
        if isinstance(value, dict):
            return {name: self._resolved(one, depth + 1) for name, one in value.items()}
        return [self._resolved(one, depth + 1) for one in value]

    def _has_elements(self, value: Any, depth: int = 0) -> bool:
        """Whether a value contains elements or references to rows; computed once for each value."""
        if not isinstance(value, (list, dict)):
            return isinstance(value, str) and bool(_REFERENCE.fullmatch(value))
        if id(value) not in self._looked_at:
            inner = value.values() if isinstance(value, dict) else value
            is_element = isinstance(value, list) and value[:1] == ["$"]
            found = is_element or (depth < _DEEPEST and any(self._has_elements(one, depth + 1) for one in inner))
            self._looked_at[id(value)] = found
        return self._looked_at[id(value)]


def _named(tag: str) -> str:
    return tag if re.fullmatch(r"[a-zA-Z][\w.-]*", tag) else "div"


def _attributes(its: dict[str, Any]) -> dict[str, str]:
    return {
        _ATTRIBUTES.get(name, name): xml_text(value)
        for name, value in its.items()
        if isinstance(value, str) and re.fullmatch(r"[a-zA-Z][\w-]*", name)
    }


def _say(holder: html.HtmlElement, text: str) -> None:
    text = xml_text(text)
    if len(holder):
        holder[-1].tail = (holder[-1].tail or "") + text
    else:
        holder.text = (holder.text or "") + text
