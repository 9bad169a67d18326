"""How an element kinds to whoever decides what is text: by tag, role, label and class, and by what it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml import html

    from fetcher.page.words import Spans


class ElementKind(Enum):
    """What an element is by its kinds alone."""

    CONTENT = auto()  # paragraphs, headings, lists, tables
    INLINE = auto()  # part of a line
    CONTAINER = auto()  # says nothing
    BOILERPLATE = auto()  # navigation, forms, buttons, share bars
    HIDDEN = auto()  # not shown, or only to screen readers


# Elements that are part of a line: a word before and a word after their border may touch or not, which only a
# browser with the style sheets can tell.
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
# `overflow-hidden` and its kin hide what would not fit, not the element.
_HIDDEN_CLASS = re.compile(
    # after a project's own prefix, which is shorter than that of a state (`x:hidden`, not `print:hidden`)
    r"(?:^|[\s_-]|(?:^|\s)(?!sm:|md:|lg:|xl:)[a-z]{1,2}:)(?<!overflow-)(?<!overflow-[xy]-)(?<!border-)(?<!visibility-)"
    r"(?:sr-only|visually-?hidden|screen-reader(?:-text)?|hidden|invisible|d-none|is-hidden|hide)(?:$|\s)",
    re.IGNORECASE,
)
# Hidden on narrow screens only.
_SHOWN_WIDE = re.compile(
    r"(?:^|\s)[@\w]+:(?:block|flex|grid|inline|inline-block|inline-flex|table|visible)(?:$|\s)|d-\w+-(?:block|flex)"
)
# A modifier says so of a part of its element: `field--label-hidden`.
_PART_HIDDEN = re.compile(r"--(?!visually-|is-)[a-z]+[-_](?:hidden|hide|invisible)$", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
CAMEL_CASE_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a name that is written in camel case goes on with its next word."""
_APART_CLASS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|share|sharing|social|related|recommend(?:ed|ations?)|newsletter|subscribe|"
    r"cookies?|consent|banner|toc|table-of-contents|pagination|pager|comments?|advert(?:isement)?|ads?|promo|popup|modal|toolbar|skip-?links?)(?:$|[\s_-])|"
    # HTML took the name of its element from these; an article's or a card's footer is called otherwise.
    r"(?:^|\s)(?:(?:site|page|global|main)[_-]?)?footer(?:$|\s)",
    re.IGNORECASE,
)

# https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag, https://pagefind.app/docs/indexing/
_UNQUOTED = frozenset({"data-nosnippet", "data-pagefind-ignore"})
_UNPRINTED = re.compile(
    r"(?:^|\s)(?:no-?print|hidden-print|(?:d-)?print-none|print:hidden|search-results?|no-results?)(?:$|\s)",
    re.IGNORECASE,
)
# What is said of a text beside it: who wrote it, and when.
_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?lines?|datelines?|authors?|(?:post|entry|article|story|page)[_-]meta(?:data)?|"
    r"(?:post|entry|article|story)[_-]info|timestamps?)(?:$|[\s_-])",
    re.IGNORECASE,
)


def kind_of(element: html.HtmlElement, attributes: Mapping[str, str]) -> ElementKind:
    """The look of an element with these attributes."""
    if attributes:
        if is_hidden(attributes):
            return ElementKind.HIDDEN
        if (
            boilerplate_word(attributes.get("class", ""))
            or boilerplate_word(attributes.get("id", ""))
            or is_unquoted(attributes)
        ):
            return ElementKind.BOILERPLATE
    return (
        ElementKind.BOILERPLATE
        if is_boilerplate_by_tag(element, attributes)
        else BY_TAG.get(element.tag, ElementKind.CONTAINER)
    )


def is_byline(attributes: Mapping[str, str]) -> bool:
    """Whether an element is called what a text's author and date are."""
    return bool(_BYLINE_CLASS.search(attributes.get("class", ""))) or attributes.get("rel") == "author"


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether attribute, style or class say that an element is not shown, or to screen readers only."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or ("style" in attributes and bool(_HIDDEN_STYLE.search(attributes["style"])))
        or is_hiding_class(attributes.get("class", ""))
    )


def is_unquoted(attributes: Mapping[str, str]) -> bool:
    """Whether a page says that an element is left out where it is printed or quoted, or is filled by a search."""
    return not _UNQUOTED.isdisjoint(attributes) or bool(_UNPRINTED.search(attributes.get("class", "")))


def is_boilerplate_by_tag(element: html.HtmlElement, attributes: Mapping[str, str]) -> bool:
    """Whether tag or role say apart: that is said on purpose, a class or an id may only sound like it."""
    if element.tag == "header":  # the page's head, not an article's
        return next(element.iterancestors("main", "article", "section"), None) is None
    if element.tag == "footer" and next(element.iterancestors("blockquote", "figure"), None) is not None:
        return False  # it says who is quoted
    return element.tag in _APART or attributes.get("role") in _ROLES


@lru_cache(maxsize=4096)  # a page has few classes for its many elements
def boilerplate_word(names: str) -> str:
    """The first word in a class or an id that sounds apart, empty if none does."""
    found = _APART_CLASS.search(CAMEL_CASE_BORDER.sub("-", names))
    return found[0].strip("-_ \t\n").lower() if found else ""


@lru_cache(maxsize=4096)
def is_hiding_class(names: str) -> bool:
    """Whether a class says that its element is not shown."""
    if not _HIDDEN_CLASS.search(names) or _SHOWN_WIDE.search(names):
        return False
    return any(_HIDDEN_CLASS.search(name) and not _PART_HIDDEN.search(name) for name in names.split())


HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# A line of so many words and signs is a sentence; labels, dates, authors and the entries of menus are shorter. Of
# scripts without spaces every sign counts, and a sentence of theirs has as many signs.
_SENTENCE = 12
_CONTROLS = frozenset({"button", "input", "form"})
# Choices of a control that a script drew from plain elements.
_CHOICES = frozenset({"listbox", "option", "combobox"})


@dataclass(frozen=True, slots=True)
class Counts:
    """Measures of elements, each a list that goes with `Spans.elements`; a number counts all that is inside."""

    linked: list[bool]  # whether the element is, or is part of, a link or a control
    block: list[int]  # the innermost element around it, or itself, that is no part of a line
    lines: list[int]  # words of the element's own line where that is a sentence, else 0; only of blocks
    words: list[int]
    own: list[int]  # words of the element itself, in no element inside of it, that are no part of a link or a control
    plain: list[int]  # words that are no part of a link or a control
    sentences: list[int]  # words in sentences
    links: list[int]
    controls: list[int]
    headings: list[int]
    formulas: list[int]

    def reads(self, k: int) -> bool:
        """Whether element `k` is made to be read: sentences, few links, nothing to press."""
        return bool(self.sentences[k]) and not self.controls[k] and self.plain[k] * 5 >= self.words[k] * 4

    def is_menu(self, k: int) -> bool:
        """Whether links are most of element `k`, and no sentence is in it."""
        return self.links[k] > 1 and not self.sentences[k] and self.plain[k] * 2 < self.words[k]


def count(spans: Spans) -> Counts:
    """The measures of a flow; linear in its size."""
    tags = [element.tag for element in spans.elements]
    linked = inherited(spans, map(_is_linked, tags, spans.attributes))
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
        words=[end - start for start, end in zip(spans.starts, spans.ends, strict=True)],
        own=own,
        plain=subtree_sums(spans, own),
        sentences=subtree_sums(spans, lines),
        links=subtree_sums(spans, map(frozenset({"a"}).__contains__, tags)),
        controls=subtree_sums(spans, map(_CONTROLS.__contains__, tags)),
        headings=subtree_sums(spans, map(HEADINGS.__contains__, tags)),
        formulas=subtree_sums(spans, map(frozenset({"math"}).__contains__, tags)),
    )


def subtree_sums(spans: Spans, own: Iterable[int]) -> list[int]:
    """For each element the sum of its own value and those of all elements inside of it."""
    before = [*accumulate(own, initial=0)]
    if not before[-1]:
        return before[1:]
    return [before[after] - here for after, here in zip(spans.after, before, strict=False)]


def inherited(spans: Spans, own: Iterable[bool]) -> list[bool]:
    """For each element whether it, or one around it, has the property."""
    has = [*own]
    done = 0
    for k in [k for k, here in enumerate(has) if here]:
        if k >= done:
            done = spans.after[k]
            has[k:done] = [True] * (done - k)
    return has


def is_choice(attributes: Mapping[str, str]) -> bool:
    """Whether an element is a choice, or a list of them, that a script drew from plain elements."""
    return attributes.get("role") in _CHOICES


def _is_linked(tag: str, attributes: Mapping[str, str]) -> bool:
    # A link to a place in the page itself is often wrapped around a heading, which stays one.
    is_link = tag == "button" or (tag == "a" and not attributes.get("href", "").startswith("#"))
    return is_link or is_choice(attributes)


def _blocks(spans: Spans, tags: list[str]) -> list[int]:
    block: list[int] = []
    for k, (parent, tag) in enumerate(zip(spans.parents, tags, strict=True)):
        block.append(block[parent] if parent >= 0 and tag in INLINE else k)
    return block
