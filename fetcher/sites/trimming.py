"""Applies rules to a page: cuts it down by `select` and `remove`, and tells which changes `ignore` covers.

`ignore` takes regular expressions of RE2, which run in linear time: no pattern can stall a run on any page.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree

from fetcher.page.word_spans import SILENT
from fetcher.sites.rules import KINDS, PageRules, Selector, Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml import html

    from fetcher.page.page import Page

_SHOWS = ("img", "picture", "video", "audio", "iframe", "object", "embed", "svg", "math")


class Trimmed(NamedTuple):
    """A page after `select` and `remove`, and the rules that matched; if they do not fit it, `missed` says why."""

    page: Page
    used: frozenset[Use] = frozenset()
    missed: str = ""


def trimmed(page: Page, rules: PageRules) -> Trimmed:
    """The page cut down to what `select` finds, without what `remove` finds; the given page is not modified.

    If `select` finds nothing, or nothing is left, the whole page is returned and `missed` says so.
    """
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
    """Remove from the tree what is neither selected nor an ancestor of that; the head stays."""
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
    """The ancestors of the elements."""
    found: set[html.HtmlElement] = set()
    for element in elements:
        holder = element.getparent()
        while holder is not None and holder not in found:
            found.add(holder)
            holder = holder.getparent()
    return found


def _shows(root: html.HtmlElement) -> bool:
    """Whether a tree has text or media to show."""
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


@dataclass(frozen=True, slots=True)
class Ignored:
    """Changes that are not to be written: kinds (`rules.KINDS`), and patterns for changed words.

    `untold` are kinds that the page cannot show, such as links where it is known as plain text only.
    """

    kinds: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    untold: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.kinds or self.patterns or self.untold)

    def why(self, old: ChangedWords, new: ChangedWords) -> str:
        """The kind or the pattern for which a change from `old` to `new` is ignored; empty if none.

        A pattern has to cover all changed words on both sides; its match may be longer than these.
        """
        if not _worded(old.changed) and not _worded(new.changed):
            return ""
        if "numbers" in self.kinds and _is_number(old.changed) and _is_number(new.changed):
            return "numbers"
        if not self.patterns:
            return ""
        parts = _laid_out(old), _laid_out(new)
        return next((one for one in self.patterns if all(_finds(one, *part) for part in parts)), "")

    def why_lines(self, old: str, new: str) -> str:
        """As `why` for changed lines: ignored if the lines are equal once the matches of all patterns are removed."""
        if _without(self.patterns, old) != _without(self.patterns, new):
            return ""
        return next((one for one in self.patterns if compiled(one).search(f"{old}\n{new}")), "")


@dataclass(frozen=True, slots=True)
class ChangedWords:
    """Words `start:end` of a text; `touch` tells for each word whether it touches the one before."""

    words: Sequence[str]
    touch: bytes | bytearray
    start: int
    end: int

    @property
    def changed(self) -> Sequence[str]:
        """The changed words."""
        return self.words[self.start : self.end]


NOTHING_IGNORED = Ignored()
UNTELLABLE = frozenset({"links", "markup", "images"})
"""Kinds of change that plain text cannot show."""


def ignored_by(rules: PageRules, *, plain: bool = False) -> Ignored:
    """What the rules ignore, and what a `plain` page, without links and markup, cannot show."""
    if not rules.ignore and not plain:
        return NOTHING_IGNORED
    said = [text for _, text in rules.ignore]
    patterns = tuple(text for text in said if text not in KINDS)
    return Ignored(frozenset(KINDS).intersection(said), patterns, UNTELLABLE if plain else frozenset())


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """The compiled pattern; raises ValueError if it is not valid for RE2."""
    import re2  # noqa: PLC0415  # slow to import, rarely needed

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if error.args and isinstance(error.args[0], bytes) else error
        raise ValueError(f"{pattern!r} is no regular expression of RE2: {said}") from error


def _finds(pattern: str, text: str, places: Iterable[slice]) -> bool:
    """Whether the matches of the pattern cover all these places of the text."""
    found = bytearray(len(text))
    for start, end in _spans(pattern, text):
        found[start:end] = b"\1" * (end - start)
    return all(all(found[place]) for place in places)


def _laid_out(part: ChangedWords) -> tuple[str, list[slice]]:
    """The text around the changed words as one string, and the places of these words in it; punctuation is left out."""
    pieces, places, at = [], [], 0
    for k, word in enumerate(part.words):
        piece = word if part.touch[k] or not k else f" {word}"
        at += len(piece)
        pieces.append(piece)
        if part.start <= k < part.end and _is_word(word):
            places.append(slice(at - len(word), at))
    return "".join(pieces), places


def _spans(pattern: str, text: str) -> list[tuple[int, int]]:
    return [found.span() for found in compiled(pattern).finditer(text) if found.end() > found.start()]


def _without(patterns: Iterable[str], text: str) -> str:
    for pattern in patterns:
        pieces, at = [], 0
        for start, end in _spans(pattern, text):
            pieces.append(text[at:start])
            at = end
        text = "".join([*pieces, text[at:]])
    return " ".join(text.split())


def _is_number(words: Sequence[str]) -> bool:
    worded = list(_worded(words))
    return bool(worded) and all(word.isdecimal() for word in worded)


def _worded(words: Sequence[str]) -> list[str]:
    return [word for word in words if _is_word(word)]


def _is_word(word: str) -> bool:
    return any(sign.isalnum() for sign in word)
