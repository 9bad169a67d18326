"""A page without what the rules leave out: as if that did not stand on it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from fetcher.page.flow import SILENT
from fetcher.sites.rules import PageRules, Selector, Use

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml import html

    from fetcher.page.page import Page

_SHOWS = ("img", "picture", "video", "audio", "iframe", "object", "embed", "svg", "math")


class Trimmed(NamedTuple):
    """A page as the rules leave it, and which of them were of use; where `missed` says why not, it is whole."""

    page: Page
    used: frozenset[Use] = frozenset()
    missed: str = ""


def trimmed(page: Page, rules: PageRules) -> Trimmed:
    """What the rules leave of a page, which stays as it is: what `select` finds, without what `remove` finds."""
    if not rules.trims:
        return Trimmed(page)
    root = deepcopy(page.root)
    selected, by_select = _found(root, "select", rules.select)
    removed, by_remove = _found(root, "remove", rules.remove)
    used = by_select | by_remove
    if rules.select and not selected:
        wanted = ", ".join(one.css for _, one in rules.select)
        return Trimmed(page, used, f"select finds nothing on the page: {wanted}")
    if rules.select:
        _keep(root, selected)
    for element in removed:
        if element.getparent() is not None:
            element.drop_tree()
    if not _shows(root):
        return Trimmed(page, used, "the rules leave nothing of the page")
    return Trimmed(replace(page, root=root, selected=bool(rules.select)), used)


def _found(
    root: html.HtmlElement, key: str, selectors: Iterable[tuple[int, Selector]]
) -> tuple[set[html.HtmlElement], frozenset[Use]]:
    """The elements that any of the selectors finds, and the selectors that find some."""
    elements: set[html.HtmlElement] = set()
    used = set()
    for line, selector in selectors:
        if found := root.xpath(selector.xpath):
            elements.update(found)
            used.add(Use(line, key, selector.css))
    return elements, frozenset(used)


def _keep(root: html.HtmlElement, selected: set[html.HtmlElement]) -> None:
    """Empty the tree of what is neither selected nor around it; the head, which is no text, stays."""
    frame = _around(selected)
    open_ones = [] if root in selected else [root]
    while open_ones:
        element = open_ones.pop()
        element.text = None
        for child in list(element):
            child.tail = "\n"
            if child in selected or child.tag == "head":
                continue
            if child in frame:
                open_ones.append(child)
            else:
                element.remove(child)


def _around(elements: Iterable[html.HtmlElement]) -> set[html.HtmlElement]:
    """The elements that hold some of those given."""
    found: set[html.HtmlElement] = set()
    for element in elements:
        holder = element.getparent()
        while holder is not None and holder not in found:
            found.add(holder)
            holder = holder.getparent()
    return found


def _shows(root: html.HtmlElement) -> bool:
    """Whether a tree has text, or something else to look at."""
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        text = element.tail if event == "end" else element.text
        if event == "start" and element.tag in _SHOWS:
            return True
        if event == "start" and element.tag in SILENT:
            walker.skip_subtree()
        elif text and text.strip():
            return True
    return False
