"""What a page says beside its text: in its metadata, in attributes, in formulas; and what its links lead to.

Importers write such texts into their bodies. Found when first asked for, as few visits ask.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree, html

from fetcher.page.links import is_permalink, target
from fetcher.page.page import Page
from fetcher.page.semantics import BY_TAG, ElementKind
from fetcher.page.word_spans import WordSpans
from fetcher.page.words import split_words

_NAMED = frozenset("alt title aria-label placeholder value label summary datetime".split())
_LEADING = ("href", "src", "data-src", "srcset", "poster", "action", "cite")
_META = ("title", "description", "keywords", "author", "site_name", "published_time", "modified_time", "date")
_BLOCKS = ("div", "section", "article", *(tag for tag, look in BY_TAG.items() if look is ElementKind.CONTENT))
_DIVIDERS = frozenset("|·-:»/•~")  # between a page's own title and its site's

Words = tuple[str, ...]


class Shown(NamedTuple):
    """What a page shows where a body is compared with it, and what it says beside that."""

    text: WordSpans
    unseen: "Unseen"


_DRAWN = frozenset({"i", "span", "svg", "img", "em", "b"})


class Unseen:
    """The unseen texts of a page, as words, and the addresses that it leads to.

    `omitted` are kinds of its blocks that an importer was found to leave out, whichever part of it was looked at;
    `has_news` tells that blocks of others were found to be new.
    """

    def __init__(self, page: Page, text: WordSpans) -> None:
        self._root, self._page, self._text = page.root, page, text
        self.omitted: set[str] = set()
        self.has_news = False

    @property
    def text(self) -> WordSpans:
        """All that it shows, wherever."""
        return self._text

    @cached_property
    def metadata(self) -> frozenset[Words]:
        """What its head says of it: titles, whole and in parts, descriptions, authors, dates, kinds of links."""
        found = set()
        for words in map(_words, self._in_head()):
            found |= {words, *_parts(words)}
        return frozenset(found - {()})

    @cached_property
    def titles(self) -> frozenset[Words]:
        """Its title, whole and in parts."""
        words = _words(self._page.title or "")
        return frozenset({words, *_parts(words)} - {()})

    @cached_property
    def attributes(self) -> frozenset[Words]:
        """Texts in attributes: of images, abbreviations, controls."""
        values = (
            value for element in self._root.iter(etree.Element) for name, value in element.items() if name in _NAMED
        )
        return frozenset({_words(value) for value in values} - {()})

    @cached_property
    def controls(self) -> frozenset[Words]:
        """What stands on buttons and in fields."""
        return frozenset({_words(_text(element)) for element in self._root.iter("button", "option", "textarea")} - {()})

    @cached_property
    def alternatives(self) -> frozenset[str]:
        """The texts of more than one word that stand for its images."""
        texts = (" ".join(image.get("alt", "").split()) for image in self._root.iter("img"))
        return frozenset(text for text in texts if " " in text)

    @cached_property
    def permalinks(self) -> frozenset[str]:
        """The signs of its links that only show the address of their place."""
        return frozenset(_text(element).strip() for element in self._root.iter("a") if is_permalink(element)) - {""}

    @cached_property
    def formulas(self) -> list[tuple[str, str]]:
        """Each formula as it is drawn and in TeX, without white space."""
        return [_formula(element) for element in self._root.iter("math")]

    def has(self, *tags: str) -> bool:
        """Whether it has such an element."""
        return next(self._root.iter(*tags), None) is not None

    @cached_property
    def icons(self) -> frozenset[str]:
        """The words beside which an element without text stands, as those do that are drawn as icons."""
        words, found = self._text.words, set[str]()
        for element, start, end in zip(self._text.elements, self._text.starts, self._text.ends, strict=True):
            if start == end and element.tag in _DRAWN:
                found.update(words[max(0, start - 1) : start + 1])
        for element in self._root.iter("svg"):  # whose text is none that a reader sees in the flow
            before, behind = element.getprevious(), element.tail
            text = element.getparent().text if before is None else before.tail
            found.update((*split_words(text or "")[-1:], *split_words(behind or "")[:1]))
        return frozenset(found)

    @cached_property
    def pictured(self) -> dict[str, list[tuple[Words, str]]]:
        """The texts that stand for images, by their first words, each with a word that such an image stands beside."""
        words, found = self._text.words, dict[str, list[tuple[Words, str]]]()
        for element, at in zip(self._text.elements, self._text.starts, strict=True):
            if element.tag == "img" and (alternative := _words(element.get("alt") or "")):
                pairs = found.setdefault(alternative[0], [])
                pairs += ((alternative, word) for word in words[max(0, at - 1) : at + 1])
        return found

    def has_page(self, name: str) -> bool:
        """Whether it has a link to what is called so, as wikis and notes name pages."""
        return _named(name.partition("#")[0]) in self._pages

    @cached_property
    def _pages(self) -> frozenset[str]:
        return frozenset(_named(link.partition("#")[0].rstrip("/").rpartition("/")[2]) for link in self.targets)

    @cached_property
    def targets(self) -> frozenset[str]:
        """All that its elements lead to, and itself."""
        found = {self._page.url, self._page.base, self.target(self._page.url)}
        for element in self._root.iter(etree.Element):
            found |= {self.target(value) for name in _LEADING if (value := element.get(name))}
        return frozenset(found)

    @cached_property
    def around(self) -> frozenset[str]:
        """Where its links around blocks lead, which Markdown does not have."""
        links = (link for link in self._root.iter("a") if next(link.iterdescendants(*_BLOCKS), None) is not None)
        return frozenset(target(link.get("href") or "", self._page.base) for link in links)

    @cached_property
    def images(self) -> list[tuple[list[str], str]]:
        """Where each image leads, by any of the attributes that may tell, and the text in its place."""
        return [(list(addresses(element)), element.get("alt") or "") for element in self._root.iter("img")]

    @cached_property
    def pictures(self) -> list[str]:
        """Where all that may be a picture leads."""
        return [each for element in self._root.iter("img", "source", "a", "video") for each in addresses(element)]

    def names(self, file: str) -> bool:
        """Whether the name of a file stands in any attribute of the page, in its scripts or its styles."""
        return file in self._silent

    @cached_property
    def _silent(self) -> str:
        values = (value for element in self._root.iter(etree.Element) for value in element.values())
        texts = (element.text or "" for element in self._root.iter("script", "style", "noscript", "template"))
        return "\n".join((*values, *texts)).casefold()

    @cached_property
    def borders(self) -> frozenset[tuple[str, str]]:
        """The pairs of words that follow each other with the border of an element between them."""
        words = self._text.words
        return frozenset((words[run.start - 1], words[run.start]) for run in self._text.runs if run.start)

    def leads(self, link: str) -> str:
        """What a link leads to, in the form of `around`."""
        return target(link, self._page.base)

    def target(self, link: str) -> str:
        """What a link leads to, in the form of `targets`."""
        return target(link, self._page.base).rstrip("/")

    def leads_to(self, link: str) -> bool:
        """Whether the page has a link, an image or the like there; mail may be named by its address alone."""
        return self.target(link) in self.targets or ("@" in link and f"mailto:{link}" in self.targets)

    def _in_head(self) -> Iterator[str]:
        yield self._page.title or ""
        yield self._page.url
        for element in self._root.iter("meta", "link"):
            name = (element.get("name") or element.get("property") or element.get("itemprop") or "").lower()
            if name.rpartition(":")[2] in _META:
                yield element.get("content") or ""
            if element.tag == "link" and (kind := element.get("rel")):  # as browsers of text list them
                yield from (kind, f"Link: {kind}")


def addresses(element: html.HtmlElement) -> Iterator[str]:
    """Where an element may lead: an image that is loaded late has its address in an attribute of the page's own."""
    for name, value in element.items():
        if name.endswith("srcset"):
            yield from (each.split()[0] for each in re.split(r",\s", value) if each.strip())
        elif name in ("src", "href", "poster") or (name.startswith("data-") and "/" in value):
            yield value


def _named(name: str) -> str:
    """The name of a page as it compares: without its ending, signs or capitals."""
    return "".join(filter(str.isalnum, re.sub(r"\.\w{1,5}$", "", unquote(name)))).casefold()


def _words(text: str) -> Words:
    return tuple(split_words(text))


def _text(element: html.HtmlElement) -> str:
    return "".join(element.itertext())


def _parts(words: Words) -> Iterator[Words]:
    start = 0
    for at, word in enumerate(words):
        if word in _DIVIDERS:
            yield words[start:at]
            start = at + 1
    yield words[start:]


def _formula(element: html.HtmlElement) -> tuple[str, str]:
    notes = ["".join(_text(note).split()) for note in element.iter("annotation")]
    drawn = "".join(_text(element).split())
    for note in notes:
        drawn = drawn.removesuffix(note)
    return drawn, notes[0] if notes else ""
