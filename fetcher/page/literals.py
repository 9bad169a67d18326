"""Literals of JavaScript in the text of a script: objects and lists of plain values, as data is written into pages."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_SHORTEST = 200  # characters; data of a page is longer than the settings that scripts are called with
_MOST = 400_000  # tokens that are looked at in a script
_DEEPEST = 200


def literals(script: str) -> Iterator[Any]:
    """The longer literals of a script, the outermost alone.

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
    """Reads one value after the other; `at` is where the last one ends, `room` how many tokens may yet be read."""

    def __init__(self, script: str) -> None:
        self._script = script
        self.at = 0
        self.room = _MOST

    def value(self, at: int) -> Any:
        """The value that begins there; raises ValueError where none does."""
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
        if depth > _DEEPEST:
            raise ValueError
        if token["string"]:
            return _unescaped(token["string"][1:-1])
        if token["sign"] == "{":
            return self._object(depth)
        if token["sign"] == "[":
            return self._list(depth)
        if token["sign"]:
            raise ValueError
        return None  # a number or a name, which are no text

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
        """The token after a value: the end, or what begins the next one."""
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
