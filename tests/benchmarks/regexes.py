"""How much longer each regular expression takes for twice the text: 2 where it is linear, 4 where it is quadratic.

    python -m tests.benchmarks.regexes [MODULE…]

Takes the expressions from the source: those of a module's own, and those that stand where they are used. Each reads
texts of one sign, or a few, over and over, which is what makes one go back again and again. Prints those that take
more than 2.5 times as long, the worst first, and then how many there were.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import fetcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

SIGNS = [
    *" \t\n\u2028~`*_-=#>|[](){}<!:;,./\\\"'$&@a1Z",
    *("a ", "  a", "a\n", "\n\n", " \n", "    a\n", "> ", "- ", "1. ", "~~~\n", "``", "[a", "](", "![", "<a", "</"),
    *("<!--", "a.", "a_", "**a", "\\*", "&a", "http://", "/a", "| ", "|-", "{#", "$$", ": ", '="', "a,", "1,", "é"),
]
SIZES = (125, 250, 500, 1000, 2000)  # signs; an expression reads the next larger text only if this one took no time
FAST = 0.002  # seconds; below, a ratio tells nothing
SLOW = 2.5


class Expression(NamedTuple):
    """One that stands in a module, in a line of it."""

    module: str
    line: int
    pattern: re.Pattern[str]
    is_anchored: bool
    """Whether it is only tried where a text begins."""


def expressions(names: list[str]) -> Iterator[Expression]:
    """All that begin with what a module knows when it is loaded."""
    for info in pkgutil.walk_packages(fetcher.__path__, "fetcher."):
        if (not names or info.name in names) and ".demo" not in info.name:
            yield from of_module(importlib.import_module(info.name))


def of_module(module: ModuleType) -> Iterator[Expression]:
    """The expressions of one module."""
    if not module.__file__ or not module.__file__.endswith(".py"):
        return
    with open(module.__file__, encoding="utf-8") as file:  # noqa: PTH123
        source = file.read()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
            flags = [part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute) and part.attr.isupper()]
            try:
                text = eval(compile(ast.Expression(node.args[0]), "", "eval"), vars(module))  # noqa: S307  # our own
                if isinstance(text, bytes):  # read as the text that has the same signs
                    text = text.decode("latin-1")
                anchored = _is_anchored(source, node)
                yield Expression(module.__name__, node.lineno, re.compile(text, _flags(flags)), anchored)
            except (NameError, TypeError, re.error):  # made of what only a call knows, or one of bytes
                continue


def _is_anchored(source: str, call: ast.Call) -> bool:
    how = ast.unparse(call.func).removeprefix("re.")
    if how != "compile":
        return "match" in how
    name = source.splitlines()[call.lineno - 1].partition(" = ")[0].strip()
    return name.isidentifier() and not re.search(rf"\b{name}\b(?!\.(?:full)?match\b| = )", source)


def _flags(names: list[str]) -> re.RegexFlag:
    flags = re.RegexFlag(0)
    for name in names:
        flags |= getattr(re, name, 0)
    return flags


def seconds(pattern: re.Pattern[str], text: str, *, is_anchored: bool) -> float:
    """What it takes to look for all that there is."""
    began = time.process_time()
    pattern.match(text)
    if not is_anchored:
        for _ in pattern.finditer(text):
            pass
    return time.process_time() - began


def worst(expression: Expression) -> tuple[float, float, str]:
    """The largest ratio, how long the longer text took, and what the text was made of."""
    found = (0.0, 0.0, "")
    for sign in SIGNS:
        for end in ("", "\n", "x"):
            before = 0.0
            for size in SIZES:
                took = seconds(expression.pattern, sign * (size // len(sign)) + end, is_anchored=expression.is_anchored)
                if before and took > FAST:
                    found = max(found, (took / before, took, sign))
                if took > 10 * FAST:
                    break
                before = took
    return found


def main() -> None:
    """Print those that are not linear."""
    rows, count = [], 0
    for expression in expressions(sys.argv[1:]):
        count += 1
        ratio, took, sign = worst(expression)
        if ratio > SLOW:
            rows.append((took, ratio, sign, expression))
    for took, ratio, sign, expression in sorted(rows, reverse=True, key=lambda row: row[:2]):
        shown = expression.pattern.pattern.replace("\n", " ")[:70]
        print(f"{ratio:5.1f} {took * 1000:8.1f} ms  {sign!r:12} {expression.module}:{expression.line}  {shown}")  # noqa: T201
    print(f"{len(rows)} of {count} expressions are not linear")  # noqa: T201


if __name__ == "__main__":
    main()
