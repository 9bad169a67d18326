"""Pages that scripts would make of data which stands in them, made of it: the text that a browser would show.

Frameworks send a page's data along, so that scripts need not ask for it: as JSON (`__NEXT_DATA__`, any other script of
that type), as JSON whose values are numbered (Nuxt's devalue), as a literal in a script (SvelteKit, `__STATE__ = ...`),
or as the tree of elements itself (React's flight rows). Search engines are told articles in JSON-LD, and browsers
without scripts in `noscript`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree, html

from fetcher.page import jsonld
from fetcher.page.flight import flight
from fetcher.page.literals import literals
from fetcher.page.page import Page, document
from fetcher.page.rendered import read_json, rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_LONGEST = 4 * 1024 * 1024  # characters of scripts that are read
_FEW = 20  # words; less is no text of a page
_MOST = 100_000  # values
_DEEPEST = 100


class Embedded(NamedTuple):
    """A page made of data; `plain` tells that its text has lost its links and marks."""

    page: Page
    plain: bool = False


def embedded(page: Page) -> list[Embedded]:
    """The pages that can be made of what stands in a page beside its text, the fullest kinds first."""
    found = []
    for is_plain, make in _KINDS:
        root = _page_of(make(page.root))
        if root is not None:
            found.append(Embedded(replace(page, root=root, selected=False), is_plain))
    return found


def _page_of(parts: Iterable[html.HtmlElement]) -> html.HtmlElement | None:
    """A document of some parts; None where they hold hardly a word."""
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
            yield rendered(_Numbered(value).value(0) if _is_numbered(value) else value)
    for script in _scripts(root, of_type=""):
        if "__next_f" not in script:
            yield from map(rendered, literals(script))


def _of_noscript(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    for element in root.iter("noscript"):
        part = html.Element("div")
        part.text = element.text
        part.extend(document(etree.tostring(child)).find("body") for child in element)
        yield part


def _of_articles(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    things = jsonld.things(root)
    if body := jsonld.stated(things, "articleBody") or jsonld.stated(things, "text"):
        yield rendered({"headline": jsonld.stated(things, "headline"), "articleBody": body})


_KINDS: tuple[tuple[bool, Callable[[html.HtmlElement], Iterator[html.HtmlElement]]], ...] = (
    (False, _of_flight),
    (False, _of_data),
    (False, _of_noscript),
    (True, _of_articles),
)


def _scripts(root: html.HtmlElement, of_type: str) -> Iterator[str]:
    """The texts of scripts that hold JSON, or (without a type) of those that are run."""
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
    """Whether the values of a list refer to each other by their numbers, as devalue writes them."""
    if not isinstance(value, list) or len(value) < 2 or not isinstance(value[0], (dict, list)):
        return False
    first = value[0].values() if isinstance(value[0], dict) else value[0][1:]
    return bool(first) and all(type(one) is int and -8 < one < len(value) for one in first)


class _Numbered:
    """Values that refer to each other by their numbers."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values
        self._above: set[int] = set()  # of what is being read: a value that holds itself ends there
        self._room = _MOST

    def value(self, at: int) -> Any:
        """The value of a number, with those that it refers to in it."""
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
