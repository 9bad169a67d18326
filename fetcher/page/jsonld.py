"""What a page states in JSON-LD: the things at its top, and what those of the likeliest kind agree on."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lxml import html

Thing = dict[str, Any]

_LONGEST = 512 * 1024  # characters of all blocks that are read; articles that state their whole text have a tenth
_MOST_THINGS = 200  # a product's page states a few dozen at the top
_LEADS_ON = ("@graph", "mainEntity", "mainEntityOfPage")  # whatever else a thing holds is another thing's: a comment's

# The likeliest kind first: the page of an article states dates of its own too, and those of its place on the site.
_KINDS = (("Article", "Posting", "Report"), ("Page",), ("",))


def things(root: html.HtmlElement) -> list[Thing]:
    """The things that a page is about, in its order; blocks that are no JSON, too long or too deep state none."""
    found: list[Thing] = []
    for data in _blocks(root):
        found += _at_the_top(data)
    return found[:_MOST_THINGS]


def stated(found: Iterable[Thing], name: str) -> str:
    """The text of a property, of the likeliest kind of thing of which all that have it agree; empty without any.

    >>> stated([{"@type": "WebPage", "name": "a"}, {"@type": "NewsArticle", "name": "b"}], "name")
    'b'
    """
    having = [thing for thing in found if isinstance(thing.get(name), str)]
    for endings in _KINDS:
        texts = {thing[name] for thing in having if _is_a(thing, endings)}
        if len(texts) == 1:
            return str(texts.pop())
    return ""


def _blocks(root: html.HtmlElement) -> Iterator[object]:
    room = _LONGEST
    for script in root.iter("script"):
        if "ld+json" not in script.get("type", "").lower():
            continue
        text = script.text or ""
        room -= len(text)
        if room < 0:
            return
        try:
            yield json.loads(text, strict=False)  # line breaks within strings are common
        except (ValueError, RecursionError):
            continue


def _at_the_top(data: object) -> Iterator[Thing]:
    waiting = deque([data])
    for _ in range(_MOST_THINGS):
        if not waiting:
            return
        value = waiting.popleft()
        if isinstance(value, list):
            waiting.extend(value[:_MOST_THINGS])
        elif isinstance(value, dict):
            yield value
            waiting.extend(value[key] for key in _LEADS_ON if key in value)


def _is_a(thing: Mapping[str, object], endings: tuple[str, ...]) -> bool:
    kinds = thing.get("@type", "")
    return any(
        isinstance(kind, str) and kind.endswith(endings) for kind in (kinds if isinstance(kinds, list) else [kinds])
    )
