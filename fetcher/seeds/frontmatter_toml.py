"""Reads TOML front matter (Hugo, Zola) with tomllib, and edits it in place with tomlkit."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# All that tomllib may raise: an impossible date is a ValueError, as invalid TOML is.
ERRORS = (ValueError, LookupError, AttributeError, ArithmeticError, TypeError, RecursionError)

_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
# A date as a TOML value, without quotes.
_UNQUOTED = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)?)?")
_CONTROL = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


def load(text: str) -> dict[str, Any]:
    """The values by key; raises one of `ERRORS`, as a rule ValueError, if the text is not TOML."""
    return tomllib.loads(text)


def complaint(error: Exception) -> str:
    """The parser's error as a sentence, with the line of the file."""
    if isinstance(error, RecursionError):
        return "the front matter is nested too deeply"
    said = re.sub(r"\(at line (\d+), column \d+\)", lambda at: f"in line {int(at[1]) + 1} of the file", str(error))
    return f"the front matter is no valid TOML: {said}"


def scalar(text: str, key: str) -> str:
    """A key's value as it is written, without quotes; empty for a list, a table or no such key."""
    from tomlkit.items import Array, String, Table  # noqa: PLC0415  # needed only where such a seed is written

    item = _parsed(text).get(key)
    if item is None or isinstance(item, Array | Table):
        return ""
    return str(item) if isinstance(item, String) else str(item.as_string())


def ways(text: str, key: str, value: str, newline: str) -> Iterator[str]:
    """Ways to write the value of the key: in place in its old form, or added before the first table."""
    from tomlkit import api, items  # noqa: PLC0415  # as above

    found = _parsed(text)
    if key not in found:
        line = f"{key if _BARE.fullmatch(key) else json.dumps(key)} = {_quoted(value)}{newline}"
        ends = [*(table.start() for table in _TABLE.finditer(text)), len(text)]
        yield from (text[:end] + line + text[end:] for end in ends)
        return
    old = found[key]
    was_text = isinstance(old, items.String)
    if not was_text and _UNQUOTED.fullmatch(value):
        yield _with(text, key, api.value(value))
    if was_text and old.as_string().startswith("'") and "'" not in value:
        yield _with(text, key, api.value(f"'{value}'"))
    yield _with(text, key, api.value(_quoted(value)))


def put(text: str, key: str, value: str, newline: str, means: Callable[[object], bool]) -> str | None:
    """The text with the key's value replaced or added; None if no way of writing it is parsed as `means` demands."""
    others = _without(load(text), key)
    for new in ways(text, key, value, newline):
        try:
            fields = load(new)
        except ValueError:
            continue
        if means(fields.get(key)) and _without(fields, key) == others:
            return new
    return None


def _with(text: str, key: str, item: Any) -> str:
    changed = _parsed(text)
    changed[key] = item
    return str(changed.as_string())


def _parsed(text: str) -> Any:
    """The text as a tomlkit document, which keeps its formatting."""
    import tomlkit  # noqa: PLC0415  # as above

    return tomlkit.parse(text)


def _without(fields: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != key}


def _quoted(value: str) -> str:
    # A JSON string is a TOML string, except for control characters that TOML wants escaped.
    return _CONTROL.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))
