"""Classifies elements as content, boilerplate or hidden by tag, role and class, and counts the words that they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import accumulate, compress
from operator import sub
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml import html

    from fetcher.page.words import Spans


class ElementKind(Enum):
    """What an element is, judged by its tag and attributes alone."""

    CONTENT = auto()  # paragraphs, headings, lists, tables
    INLINE = auto()  # part of a line
    CONTAINER = auto()  # nothing known
    BOILERPLATE = auto()  # navigation, forms, buttons, share bars
    HIDDEN = auto()  # not shown, or only to screen readers


SUSPECT = (ElementKind.BOILERPLATE, ElementKind.HIDDEN)
"""The kinds of elements that are not content."""

# Elements within a line. Whether the words on both sides of their border touch, only style sheets can tell.
INLINE = frozenset(
    "a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span strike "
    "strong sub sup time tt u var wbr option".split()
)
_CONTENT = frozenset(
    "p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th caption pre blockquote figure figcaption "
    "hr details summary".split()
)
BY_TAG = dict.fromkeys(_CONTENT, ElementKind.CONTENT) | dict.fromkeys(INLINE, ElementKind.INLINE)
_APART = frozenset("nav aside footer form button dialog menu search select".split())
_ROLES = frozenset(
    "navigation complementary contentinfo banner search dialog alertdialog alert menu menubar toolbar tablist button "
    "status tooltip".split()
)
# Classes that hide an element; `overflow-hidden` and the like hide only what does not fit.
_HIDDEN_CLASS = re.compile(
    # A prefix of one or two letters is a project's own (`x:hidden`); a longer one is a state (`print:hidden`).
    r"(?:^|[\s_-]|(?:^|\s)(?!sm:|md:|lg:|xl:)[a-z]{1,2}:)(?<!overflow-)(?<!overflow-[xy]-)(?<!border-)(?<!visibility-)"
    r"(?:sr-only|visually-?hidden|screen-reader(?:-text)?|hidden|invisible|d-none|is-hidden|hide)(?:$|\s)",
    re.IGNORECASE,
)
# Classes of what is hidden on narrow screens only.
_SHOWN_WIDE = re.compile(
    r"(?:^|\s)[@\w]+:(?:block|flex|grid|inline|inline-block|inline-flex|table|visible)(?:$|\s)|d-\w+-(?:block|flex)"
)
# A modifier that hides a part of the element: `field--label-hidden`.
_PART_HIDDEN = re.compile(r"--(?!visually-|is-)[a-z]+[-_](?:hidden|hide|invisible)$", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
CAMEL_CASE_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""The place between two words of a camelCase name."""
_APART_CLASS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|share|sharing|social|related(?:posts?|articles?|products?|content)?|recommend(?:ed|ations?)|newsletter|subscribe|"
    r"cookies?|consent|banner|toc|table-of-contents|pagination|pager|comments?|advert(?:isement)?|ads?|promo|popup|modal|toolbar|skip-?links?)(?:$|[\s_-])|"
    # Footers of a page; those of an article or a card have other names.
    r"(?:^|\s)(?:(?:site|page|global|main)[_-]?)?footer(?:$|\s)",
    re.IGNORECASE,
)

# https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag, https://pagefind.app/docs/indexing/
_UNQUOTED = frozenset({"data-nosnippet", "data-pagefind-ignore"})
_UNPRINTED = re.compile(
    r"(?:^|\s)(?:no-?print|hidden-print|(?:d-)?print-none|print:hidden|search-results?|no-results?)(?:$|\s)",
    re.IGNORECASE,
)
# Names of bylines and dates beside a text.
_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?lines?|datelines?|authors?|(?:post|entry|article|story|page)[_-]meta(?:data)?|"
    r"(?:post|entry|article|story)[_-]info|timestamps?)(?:$|[\s_-])",
    re.IGNORECASE,
)


BY_PLACE = frozenset({"header", "footer"})
"""Tags of elements whose kind depends on where they are."""
TELLING = _UNQUOTED | {"hidden", "aria-hidden", "style", "id"}
"""Attributes besides class and role on which the kind of an element may depend."""


def kind_of(element: html.HtmlElement, attributes: Mapping[str, str]) -> ElementKind:
    """The kind of an element with these attributes."""
    if attributes:
        if is_hidden(attributes):
            return ElementKind.HIDDEN
        if is_unquoted(attributes) or (attributes.get("role") != "note" and _is_named_apart(attributes)):
            return ElementKind.BOILERPLATE
    return (
        ElementKind.BOILERPLATE
        if is_boilerplate_by_tag(element, attributes) or own_name(element)
        else BY_TAG.get(element.tag, ElementKind.CONTAINER)
    )


def is_byline(attributes: Mapping[str, str]) -> bool:
    """Whether an element's class or `rel` says that it holds the author or the date of a text."""
    return bool(_BYLINE_CLASS.search(attributes.get("class", ""))) or attributes.get("rel") == "author"


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether attribute, style or class say that an element is hidden, or for screen readers only."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or ("style" in attributes and bool(_HIDDEN_STYLE.search(attributes["style"])))
        or is_hiding_class(attributes.get("class", ""))
    )


def is_unquoted(attributes: Mapping[str, str]) -> bool:
    """Whether a page excludes an element from search snippets or print, or fills it with search results."""
    return not _UNQUOTED.isdisjoint(attributes) or _is_unprinted(attributes.get("class", ""))


@lru_cache(maxsize=4096)  # as of `boilerplate_word`
def _is_unprinted(names: str) -> bool:
    return bool(_UNPRINTED.search(names))


def is_boilerplate_by_tag(element: html.HtmlElement, attributes: Mapping[str, str]) -> bool:
    """Whether tag or role say that an element is boilerplate. They are deliberate; a class or id may mislead."""
    if element.tag == "header":  # of the page, not of an article
        return next(element.iterancestors("main", "article", "section"), None) is None
    if element.tag == "footer" and next(element.iterancestors("blockquote", "figure"), None) is not None:
        return False  # it names the source of the quotation
    return element.tag in _APART or attributes.get("role") in _ROLES


def _is_named_apart(attributes: Mapping[str, str]) -> bool:
    return bool(boilerplate_word(attributes.get("class", "")) or boilerplate_word(attributes.get("id", "")))


def own_name(element: html.HtmlElement) -> str:
    """The boilerplate word in the tag of a custom element (`<share-button>`), which its site made up like a class."""
    return boilerplate_word(element.tag) if "-" in element.tag else ""


@lru_cache(maxsize=4096)  # a page has many elements, but few classes
def boilerplate_word(names: str) -> str:
    """The first word in a class or id that names boilerplate, such as `nav` or `share`; empty if there is none."""
    found = _APART_CLASS.search(CAMEL_CASE_BORDER.sub("-", names))
    return found[0].strip("-_ \t\n").lower() if found else ""


@lru_cache(maxsize=4096)
def is_hiding_class(names: str) -> bool:
    """Whether a class hides its element."""
    if not _HIDDEN_CLASS.search(names) or _SHOWN_WIDE.search(names):
        return False
    return any(_HIDDEN_CLASS.search(name) and not _PART_HIDDEN.search(name) for name in names.split())


HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# The fewest words (and punctuation marks) of a sentence; labels, dates, authors and menu entries are shorter. In
# scripts without spaces every character is a word, which works out the same.
_SENTENCE = 12
_CONTROLS = frozenset({"button", "input", "form"})
# Roles of form fields that scripts build from plain elements.
_CHOICES = frozenset({"listbox", "option", "combobox"})


@dataclass(frozen=True, slots=True)
class Counts:
    """What each element holds, as lists parallel to `Spans.elements`; numbers include all descendants."""

    linked: list[bool]  # whether the element is in, or itself, a link or a control
    block: list[int]  # the innermost element that is not inline: itself or an ancestor
    lines: list[int]  # of blocks: words of the own line if that is a sentence, else 0
    words: list[int]
    own: list[int]  # words outside of links and controls, without those of descendants
    plain: list[int]  # words outside of links and controls
    sentences: list[int]  # words in sentences
    links: list[int]
    controls: list[int]
    headings: list[int]
    formulas: list[int]

    def reads(self, k: int) -> bool:
        """Whether element `k` is text to read: sentences, few links, no controls."""
        return bool(self.sentences[k]) and not self.controls[k] and self.plain[k] * 5 >= self.words[k] * 4

    def is_menu(self, k: int) -> bool:
        """Whether element `k` is mostly links, without a sentence."""
        return self.links[k] > 1 and not self.sentences[k] and self.plain[k] * 2 < self.words[k]


def count(spans: Spans) -> Counts:
    """The counts of all elements, in linear time."""
    tags = spans.tags
    linked = inside(spans, _linked(spans))
    own = [0] * len(tags)
    for run in spans.runs:
        if not linked[run.holder]:
            own[run.holder] += run.end - run.start
    block = _blocks(spans, tags)
    lines = [0] * len(tags)
    for k, words in enumerate(own):
        if words:
            lines[block[k]] += words
    lines = [words if words >= _SENTENCE else 0 for words in lines]
    return Counts(
        linked,
        block,
        lines,
        words=[*map(sub, spans.ends, spans.starts)],
        own=own,
        plain=subtree_sums(spans, own),
        sentences=subtree_sums(spans, lines),
        links=_held(spans, "a"),
        controls=_held(spans, *_CONTROLS),
        headings=_held(spans, *HEADINGS),
        formulas=_held(spans, "math"),
    )


def _held(spans: Spans, *tags: str) -> list[int]:
    """For each element how many with one of the tags it is or holds."""
    own = [0] * len(spans.elements)
    found = spans.tagged(*tags)
    for k in found:
        own[k] = 1
    return subtree_sums(spans, own) if found else own


def subtree_sums(spans: Spans, own: Iterable[int]) -> list[int]:
    """For each element the sum of its own value and those of its descendants."""
    before = [*accumulate(own, initial=0)]
    if not before[-1]:
        return before[1:]
    return [*map(sub, map(before.__getitem__, spans.after), before)]


def inherited(spans: Spans, own: Iterable[bool]) -> list[bool]:
    """For each element whether it or an ancestor has the property."""
    return inside(spans, compress(range(len(spans.elements)), own))


def inside(spans: Spans, among: Iterable[int]) -> list[bool]:
    """For each element whether it is one of `among`, which are in order, or in one of them."""
    is_inside = [False] * len(spans.elements)
    done = 0
    for k in among:
        if k >= done:
            done = spans.after[k]
            is_inside[k:done] = [True] * (done - k)
    return is_inside


def is_choice(attributes: Mapping[str, str]) -> bool:
    """Whether an element is an option, or a list of options, that a script built from plain elements."""
    return attributes.get("role") in _CHOICES


def _linked(spans: Spans) -> list[int]:
    """The elements that are links or controls."""
    linked = {k for k, its in enumerate(spans.attributes) if "role" in its and is_choice(its)}
    # A link to a place on the page itself does not count: it is often wrapped around a heading.
    links = (k for k in spans.tagged("a") if not spans.attributes[k].get("href", "").startswith("#"))
    return sorted(linked.union(spans.tagged("button"), links))


def _blocks(spans: Spans, tags: list[str]) -> list[int]:
    block: list[int] = []
    for k, (parent, tag) in enumerate(zip(spans.parents, tags, strict=True)):
        block.append(block[parent] if parent >= 0 and tag in INLINE else k)
    return block
