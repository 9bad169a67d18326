"""How an element looks to whoever decides what belongs to a page's text: by tag, role, label and class."""

import re
from collections.abc import Mapping
from enum import Enum, auto
from functools import lru_cache

from lxml import html


class Look(Enum):
    """What an element is by its looks alone."""

    CONTENT = auto()  # paragraphs, headings, lists, tables
    INLINE = auto()  # part of a line
    BOX = auto()  # says nothing
    APART = auto()  # navigation, forms, buttons, share bars
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
BY_TAG = dict.fromkeys(_CONTENT, Look.CONTENT) | dict.fromkeys(INLINE, Look.INLINE)
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
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
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
_UNPRINTED = re.compile(r"(?:^|\s)(?:no-?print|hidden-print|(?:d-)?print-none|print:hidden)(?:$|\s)", re.IGNORECASE)
# What is said of a text beside it: who wrote it, and when.
_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?lines?|datelines?|authors?|(?:post|entry|article|story|page)[_-]meta(?:data)?|timestamps?)(?:$|[\s_-])",
    re.IGNORECASE,
)


def look(element: html.HtmlElement, attributes: Mapping[str, str]) -> Look:
    """The look of an element with these attributes."""
    if attributes:
        if is_hidden(attributes):
            return Look.HIDDEN
        if (
            sounds_apart(attributes.get("class", ""))
            or sounds_apart(attributes.get("id", ""))
            or is_unquoted(attributes)
        ):
            return Look.APART
    return Look.APART if apart_by_kind(element, attributes) else BY_TAG.get(element.tag, Look.BOX)


def is_byline(attributes: Mapping[str, str]) -> bool:
    """Whether an element is called what a text's author and date are."""
    return bool(_BYLINE_CLASS.search(attributes.get("class", ""))) or attributes.get("rel") == "author"


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether attribute, style or class say that an element is not shown, or to screen readers only."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or ("style" in attributes and bool(_HIDDEN_STYLE.search(attributes["style"])))
        or hides(attributes.get("class", ""))
    )


def is_unquoted(attributes: Mapping[str, str]) -> bool:
    """Whether a page says that an element is to be left out where it is printed, searched or quoted."""
    return not _UNQUOTED.isdisjoint(attributes) or bool(_UNPRINTED.search(attributes.get("class", "")))


def apart_by_kind(element: html.HtmlElement, attributes: Mapping[str, str]) -> bool:
    """Whether tag or role say apart: that is said on purpose, a class or an id may only sound like it."""
    if element.tag == "header":  # the page's head, not an article's
        return next(element.iterancestors("main", "article", "section"), None) is None
    if element.tag == "footer" and next(element.iterancestors("blockquote", "figure"), None) is not None:
        return False  # it says who is quoted
    return element.tag in _APART or attributes.get("role") in _ROLES


@lru_cache(maxsize=4096)  # a page has few classes for its many elements
def sounds_apart(names: str) -> str:
    """The first word in a class or an id that sounds apart, empty if none does."""
    found = _APART_CLASS.search(HUMP.sub("-", names))
    return found[0].strip("-_ \t\n").lower() if found else ""


@lru_cache(maxsize=4096)
def hides(names: str) -> bool:
    """Whether a class says that its element is not shown."""
    if not _HIDDEN_CLASS.search(names) or _SHOWN_WIDE.search(names):
        return False
    return any(_HIDDEN_CLASS.search(name) and not _PART_HIDDEN.search(name) for name in names.split())
