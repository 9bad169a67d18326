"""Collects the texts of a page besides its visible ones (metadata, attributes, formulas), and the targets of its links.

Importers write such texts into their bodies. Everything is computed on first use, as few visits need it.
"""

import re
from collections.abc import Iterator, Sequence
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
_DIVIDERS = frozenset("|·-:»/•~")  # between the page's title and the site's

Words = tuple[str, ...]


class Shown(NamedTuple):
    """The part of a page that a body is compared with, and the page's hidden texts; `keep` tells which runs it is."""

    text: WordSpans
    unseen: "Unseen"
    keep: Sequence[bool]


_DRAWN = frozenset({"i", "span", "svg", "img", "em", "b"})


class Unseen:
    """The hidden texts of a page, as words, and the targets of its links.

    `omitted` are kinds of blocks that the importer was found to leave out everywhere; `has_news` tells that blocks of
    other kinds were found to be new.
    """

    def __init__(self, page: Page, text: WordSpans) -> None:
        self._root, self._page, self._text = page.root, page, text
        self.omitted: set[str] = set()
        self.has_news = False

    @property
    def text(self) -> WordSpans:
        """All visible words of the page."""
        return self._text

    @cached_property
    def metadata(self) -> frozenset[Words]:
        """The texts in its head: titles (whole and in parts), descriptions, authors, dates, relations of links."""
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
        """The texts in attributes of images, abbreviations and controls."""
        values = (
            value for element in self._root.iter(etree.Element) for name, value in element.items() if name in _NAMED
        )
        return frozenset({_words(value) for value in values} - {()})

    @cached_property
    def controls(self) -> frozenset[Words]:
        """The labels of buttons, options and text fields."""
        return frozenset({_words(_text(element)) for element in self._root.iter("button", "option", "textarea")} - {()})

    @cached_property
    def alternatives(self) -> frozenset[str]:
        """The alternative texts of its images that have more than one word."""
        texts = (" ".join(image.get("alt", "").split()) for image in self._root.iter("img"))
        return frozenset(text for text in texts if " " in text)

    @cached_property
    def permalinks(self) -> frozenset[str]:
        """The signs, such as ¶, of links to the place where they are."""
        return frozenset(_text(element).strip() for element in self._root.iter("a") if is_permalink(element)) - {""}

    @cached_property
    def formulas(self) -> list[tuple[str, str]]:
        """Each formula as displayed and in TeX, without white space."""
        return [_formula(element) for element in self._root.iter("math")]

    def has(self, *tags: str) -> bool:
        """Whether the page has an element with one of these tags."""
        return next(self._root.iter(*tags), None) is not None

    @cached_property
    def icons(self) -> frozenset[str]:
        """The words beside elements without text, which are often drawn as icons."""
        words, found = self._text.words, set[str]()
        for element, start, end in zip(self._text.elements, self._text.starts, self._text.ends, strict=True):
            if start == end and element.tag in _DRAWN:
                found.update(words[max(0, start - 1) : start + 1])
        for element in self._root.iter("svg"):  # not among the elements of the text
            before, behind = element.getprevious(), element.tail
            text = element.getparent().text if before is None else before.tail
            found.update((*split_words(text or "")[-1:], *split_words(behind or "")[:1]))
        return frozenset(found)

    @cached_property
    def pictured(self) -> dict[str, list[tuple[Words, str]]]:
        """Alternative texts of images by their first words, each with a word that is beside such an image."""
        words, found = self._text.words, dict[str, list[tuple[Words, str]]]()
        for element, at in zip(self._text.elements, self._text.starts, strict=True):
            if element.tag == "img" and (alternative := _words(element.get("alt") or "")):
                pairs = found.setdefault(alternative[0], [])
                pairs += ((alternative, word) for word in words[max(0, at - 1) : at + 1])
        return found

    def has_page(self, name: str) -> bool:
        """Whether the page links to a page of this name, as in wiki links."""
        return _named(name.partition("#")[0]) in self._pages

    @cached_property
    def _pages(self) -> frozenset[str]:
        return frozenset(_named(link.partition("#")[0].rstrip("/").rpartition("/")[2]) for link in self.targets)

    @cached_property
    def targets(self) -> frozenset[str]:
        """The targets of all its links, images and the like, and its own URL."""
        found = {self._page.url, self._page.base, self.target(self._page.url)}
        for element in self._root.iter(etree.Element):
            found |= {self.target(value) for name in _LEADING if (value := element.get(name))}
        return frozenset(found)

    @cached_property
    def around(self) -> frozenset[str]:
        """The targets of links around whole blocks, which Markdown cannot express."""
        links = (link for link in self._root.iter("a") if next(link.iterdescendants(*_BLOCKS), None) is not None)
        return frozenset(target(link.get("href") or "", self._page.base) for link in links)

    @cached_property
    def images(self) -> list[tuple[list[str], str]]:
        """For each image its possible URLs and its alternative text."""
        return [(list(addresses(element)), element.get("alt") or "") for element in self._root.iter("img")]

    @cached_property
    def pictures(self) -> list[str]:
        """The URLs of everything that may be a picture."""
        return [each for element in self._root.iter("img", "source", "a", "video") for each in addresses(element)]

    def names(self, file: str) -> bool:
        """Whether a file name occurs in any attribute, script or style of the page."""
        return file in self._silent

    @cached_property
    def _silent(self) -> str:
        values = (value for element in self._root.iter(etree.Element) for value in element.values())
        texts = (element.text or "" for element in self._root.iter("script", "style", "noscript", "template"))
        return "\n".join((*values, *texts)).casefold()

    @cached_property
    def borders(self) -> frozenset[tuple[str, str]]:
        """The pairs of consecutive words with the border of an element between them."""
        words = self._text.words
        return frozenset((words[run.start - 1], words[run.start]) for run in self._text.runs if run.start)

    def leads(self, link: str) -> str:
        """The target of a link, in the form of `around`."""
        return target(link, self._page.base)

    def target(self, link: str) -> str:
        """The target of a link, in the form of `targets`."""
        return target(link, self._page.base).rstrip("/")

    def leads_to(self, link: str) -> bool:
        """Whether the page has a link, image or the like with this target; mail addresses match without `mailto:`."""
        return self.target(link) in self.targets or ("@" in link and f"mailto:{link}" in self.targets)

    def _in_head(self) -> Iterator[str]:
        yield self._page.title or ""
        yield self._page.url
        for element in self._root.iter("meta", "link"):
            name = (element.get("name") or element.get("property") or element.get("itemprop") or "").lower()
            if name.rpartition(":")[2] in _META:
                yield element.get("content") or ""
            if element.tag == "link" and (kind := element.get("rel")):  # as text browsers list them
                yield from (kind, f"Link: {kind}")


def addresses(element: html.HtmlElement) -> Iterator[str]:
    """The possible URLs of an element; lazily loaded images have theirs in a `data-` attribute of any name."""
    for name, value in element.items():
        if name.endswith("srcset"):
            yield from (each.split()[0] for each in re.split(r",\s", value) if each.strip())
        elif name in ("src", "href", "poster") or (name.startswith("data-") and "/" in value):
            yield value


def _named(name: str) -> str:
    """The name of a page in the form for comparison: without suffix, punctuation and case."""
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
