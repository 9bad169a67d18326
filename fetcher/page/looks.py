"""How an element looks to whoever decides what belongs to a page's text: by tag, role, label and class."""

import re
from enum import Enum, auto
from functools import lru_cache

from lxml import html

from fetcher.page.flow import INLINE


class Look(Enum):
    """What an element is by its looks alone."""

    CONTENT = auto()  # paragraphs, headings, lists, tables
    INLINE = auto()  # part of a line
    BOX = auto()  # says nothing
    APART = auto()  # navigation, forms, buttons, share bars
    HIDDEN = auto()  # not shown, or only to screen readers


_CONTENT = frozenset(
    "p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th caption pre blockquote figure figcaption "
    "hr details summary".split()
)
_APART = frozenset("nav aside footer form button dialog menu search select".split())
_ROLES = frozenset(
    "navigation complementary contentinfo banner search dialog alertdialog alert menu menubar toolbar tablist button "
    "status tooltip".split()
)
# `overflow-hidden` and its kin hide what would not fit, not the element.
_HIDDEN_CLASS = re.compile(
    r"(?:^|[\s_-])(?<!overflow-)(?<!overflow-[xy]-)(?<!border-)(?<!visibility-)"
    r"(?:sr-only|visually-?hidden|screen-reader(?:-text)?|hidden|invisible|d-none|is-hidden|hide)(?:$|\s)",
    re.IGNORECASE,
)
# Hidden on narrow screens only.
_SHOWN_WIDE = re.compile(
    r"(?:^|\s)[@\w]+:(?:block|flex|grid|inline|inline-block|inline-flex|table|visible)(?:$|\s)|d-\w+-(?:block|flex)"
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_APART_CLASS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|share|sharing|social|related|recommend(?:ed|ations?)|newsletter|subscribe|"
    r"cookies?|consent|banner|toc|table-of-contents|pagination|pager|comments?|advert(?:isement)?|ads?|promo|popup|modal|toolbar|skip-?links?)(?:$|[\s_-])|"
    # HTML took the name of its element from these; an article's or a card's footer is called otherwise.
    r"(?:^|\s)(?:(?:site|page|global|main)[_-]?)?footer(?:$|\s)",
    re.IGNORECASE,
)

# What is said of a text beside it: who wrote it, and when.
_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?lines?|datelines?|authors?|(?:post|entry|article|story)[_-]meta|timestamps?)(?:$|[\s_-])",
    re.IGNORECASE,
)


def look(element: html.HtmlElement) -> Look:
    """The element's look."""
    tag = element.tag
    if is_hidden(element):
        return Look.HIDDEN
    if apart_by_kind(element) or sounds_apart(element.get("class") or "") or sounds_apart(element.get("id") or ""):
        return Look.APART
    if tag in INLINE:
        return Look.INLINE
    if tag in _CONTENT:
        return Look.CONTENT
    return Look.BOX


def is_byline(element: html.HtmlElement) -> bool:
    """Whether the element is called what a text's author and date are."""
    return bool(_BYLINE_CLASS.search(element.get("class") or "")) or element.get("rel") == "author"


def is_hidden(element: html.HtmlElement) -> bool:
    """Whether attribute, style or class say that the element is not shown, or to screen readers only."""
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(_HIDDEN_STYLE.search(element.get("style") or ""))
        or hides(element.get("class") or "")
    )


def apart_by_kind(element: html.HtmlElement) -> bool:
    """Whether tag or role say apart: that is said on purpose, a class or an id may only sound like it."""
    if element.tag == "header":  # the page's head, not an article's
        return next(element.iterancestors("main", "article", "section"), None) is None
    return element.tag in _APART or element.get("role") in _ROLES


@lru_cache(maxsize=4096)  # a page has few classes for its many elements
def sounds_apart(names: str) -> str:
    """The first word in a class or an id that sounds apart, empty if none does."""
    found = _APART_CLASS.search(names)
    return found[0].strip("-_ \t\n").lower() if found else ""


@lru_cache(maxsize=4096)
def hides(names: str) -> bool:
    """Whether a class says that its element is not shown."""
    return bool(_HIDDEN_CLASS.search(names)) and not _SHOWN_WIDE.search(names)
