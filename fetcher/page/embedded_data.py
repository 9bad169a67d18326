"""Builds pages from the data embedded in a page, as its scripts would, to get the text that a browser would show.

Frameworks embed a page's data so that scripts need not request it: as JSON (`__NEXT_DATA__` and others), as JSON whose
values refer to each other by number (Nuxt's devalue), as a literal in a script (SvelteKit, `__STATE__ = ...`), or as a
tree of elements (React's flight rows). JSON-LD may hold articles for search engines, and `noscript` text for browsers
without scripts.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree, html

from fetcher.page.data_elements import as_elements, read_json
from fetcher.page.flight import flight
from fetcher.page.metadata import agreed_value, json_ld_things
from fetcher.page.page import Page, document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_LONGEST = 4 * 1024 * 1024  # characters of scripts to read
_FEW = 20  # the fewest words of a page
_MOST = 100_000  # values
_DEEPEST = 100


class Embedded(NamedTuple):
    """A page built from data; `plain`: without links and markup."""

    page: Page
    plain: bool = False


def embedded(page: Page) -> list[Embedded]:
    """The pages that can be built from a page's embedded data, from the richest source to the poorest."""
    found = []
    for is_plain, make in _KINDS:
        root = _page_of(make(page.root))
        if root is not None:
            found.append(Embedded(replace(page, root=root, selected=False), is_plain))
    return found


def _page_of(parts: Iterable[html.HtmlElement]) -> html.HtmlElement | None:
    """A document with these parts; None if they have hardly any words."""
    root = document("<html><body><main></main></body></html>")
    main = root.find("body/main")
    for part in parts:
        main.append(part)
    words = (word for text in main.itertext() for word in text.split())
    return root if sum(1 for _ in islice(words, _FEW)) == _FEW else None


def _of_flight(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    yield from flight(_scripts(root, of_type=""))


def _of_data(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    for script in _scripts(root, of_type="json"):
        if (value := read_json(script)) is not None:
            yield as_elements(_Numbered(value).value(0) if _is_numbered(value) else value)
    for script in _scripts(root, of_type=""):
        if "__next_f" not in script:
            yield from map(as_elements, literals(script))


def _of_noscript(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    for element in root.iter("noscript"):
        part = html.Element("div")
        part.text = element.text
        part.extend(document(etree.tostring(child)).find("body") for child in element)
        yield part


def _of_articles(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    things = json_ld_things(root)
    if body := agreed_value(things, "articleBody") or agreed_value(things, "text"):
        yield as_elements({"headline": agreed_value(things, "headline"), "articleBody": body})


_KINDS: tuple[tuple[bool, Callable[[html.HtmlElement], Iterator[html.HtmlElement]]], ...] = (
    (False, _of_flight),
    (False, _of_data),
    (False, _of_noscript),
    (True, _of_articles),
)


def _scripts(root: html.HtmlElement, of_type: str) -> Iterator[str]:
    """The texts of scripts that hold JSON, or without a type, of those that are executed."""
    room = _LONGEST
    for script in root.iter("script"):
        kind = script.get("type", "").lower()
        is_json = "json" in kind and "ld+json" not in kind
        is_run = not kind or "javascript" in kind or kind == "module"
        text = script.text or ""
        room -= len(text)
        if room >= 0 and (is_json if of_type else is_run) and text.strip():
            yield text


def _is_numbered(value: Any) -> bool:
    """Whether a list is devalue's: its values refer to each other by index."""
    if not isinstance(value, list) or len(value) < 2 or not isinstance(value[0], (dict, list)):
        return False
    first = value[0].values() if isinstance(value[0], dict) else value[0][1:]
    return bool(first) and all(type(one) is int and -8 < one < len(value) for one in first)


class _Numbered:
    """Decodes devalue: a list of values that refer to each other by index."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values
        self._above: set[int] = set()  # values being read, so that a value that contains itself ends
        self._room = _MOST

    def value(self, at: int) -> Any:
        """The value at an index, with its references resolved."""
        self._room -= 1
        if not 0 <= at < len(self._values) or at in self._above or len(self._above) > _DEEPEST or self._room < 0:
            return None
        value = self._values[at]
        if not isinstance(value, (dict, list)):
            return value
        self._above.add(at)
        found: Any
        if isinstance(value, dict):
            found = {name: self.value(one) for name, one in value.items() if type(one) is int}
        else:
            found = [self.value(one) for one in value if type(one) is int]
        self._above.discard(at)
        return found


_BEGINS = re.compile(r"[=(,:]\s*(?=[{\[])|JSON\.parse\(\s*(?=[\"'])")
_TOKEN = re.compile(
    r"""\s*(?: (?P<string> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*')
        | (?P<sign> [{}\[\]:,])
        | (?P<plain> -?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? | [\w$]+(?:\ 0|(?=\s*[:,}\]]))
            | ![01] | new\ Date\(-?\d*\)) )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_SHORTEST = 200  # characters; a page's data is longer than mere settings
_MOST_TOKENS = 400_000  # tokens to read of a script
_DEEPEST_LITERAL = 200


def literals(script: str) -> Iterator[Any]:
    """The values of the longer object and array literals in a script, only the outermost ones.

    >>> list(literals('start({a: ["' + "word " * 50 + '", void 0]})'))[0]["a"][1]
    """
    reader = _Reader(script)
    at = 0
    while begins := _BEGINS.search(script, at):
        at = begins.end()
        try:
            value = reader.value(at)
        except ValueError:
            continue
        if begins[0].startswith("JSON") and isinstance(value, str):
            value = _parsed(value)
        if reader.at - at >= _SHORTEST and isinstance(value, (dict, list)):
            yield value
        at = reader.at
        if reader.room <= 0:
            return


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class _Reader:
    """Parses JavaScript literals; `at` is where the last one ended, `room` how many tokens may still be read."""

    def __init__(self, script: str) -> None:
        self._script = script
        self.at = 0
        self.room = _MOST_TOKENS

    def value(self, at: int) -> Any:
        """The literal that begins at an index; raises ValueError if there is none."""
        self.at = at
        return self._value(self._next(), 0)

    def _next(self) -> re.Match[str]:
        self.room -= 1
        token = _TOKEN.match(self._script, self.at) if self.room > 0 else None
        if token is None:
            raise ValueError
        self.at = token.end()
        return token

    def _value(self, token: re.Match[str], depth: int) -> Any:
        if depth > _DEEPEST_LITERAL:
            raise ValueError
        if token["string"]:
            return _unescaped(token["string"][1:-1])
        if token["sign"] == "{":
            return self._object(depth)
        if token["sign"] == "[":
            return self._list(depth)
        if token["sign"]:
            raise ValueError
        return None  # a number or a name: not text

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        token = self._next()
        while token["sign"] != "}":
            name = _unescaped(token["string"][1:-1]) if token["string"] else token["plain"]
            if name is None or self._next()["sign"] != ":":
                raise ValueError
            found[name] = self._value(self._next(), depth + 1)
            token = self._after("}")
        return found

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        token = self._next()
        while token["sign"] != "]":
            if token["sign"] == ",":  # a hole
                token = self._next()
                continue
            found.append(self._value(token, depth + 1))
            token = self._after("]")
        return found

    def _after(self, end: str) -> re.Match[str]:
        """The token after a value: the closing bracket `end`, or the beginning of the next value."""
        token = self._next()
        if token["sign"] == ",":
            return self._next()
        if token["sign"] != end:
            raise ValueError
        return token


def _unescaped(text: str) -> str:
    return (
        _ESCAPE.sub(_sign, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace") if "\\" in text else text
    )


def _sign(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else "\ufffd"
    return _ESCAPES.get(found[4], found[4])
