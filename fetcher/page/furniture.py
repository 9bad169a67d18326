"""Finds page furniture: elements that serve the reader but are not text, whatever their class.

Permalink signs, edit and print links at headings, line numbers and labels beside code, links to the previous and next
page, checkboxes that show source code, newsletter forms; and around the text, jump links and breadcrumbs.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from operator import attrgetter

from lxml import html

from fetcher.page.code import beside_code
from fetcher.page.links import is_permalink
from fetcher.page.semantics import HEADINGS, INLINE, Counts, subtree_sums
from fetcher.page.words import Spans

_NAVIGATION_RELS = frozenset("prev previous next up start first last contents index".split())
_SIGNUP = 60  # the most words of a box with a newsletter form
_BOXES = frozenset({"div", "aside", "section"})
_UNASKED = frozenset({"hidden", "submit", "button", "image", "reset", "checkbox"})
_DIRECTION = re.compile(
    r"(?:next|prev|previous|(?:next|previous) (?:page|post|article|chapter)|(?:weiter|zurück)"
    r"|(?:nächste|vorherige) seite|(?:page )?(?:suivante?|précédente?)|(?:página )?(?:siguiente|anterior)"
    r"|[下上]一[页頁篇章]|[次前](?:へ|のページ))\W?",
    re.IGNORECASE,
)
_NAVIGATION_KEYS = frozenset("pnuh")
_PROMPT = re.compile(r"(?:In|Out)\s*\[[\d*\s]*\]\s*:?")  # of a notebook cell
_SHORT = 30  # words at most of the way to a page
_LABEL = 4  # the most words of a section's name
_JUMPS = 6  # the most links in a row that jump out of the text
_NAMES = 12  # the most words beside the links of a table with page navigation
# URLs at which the source of a page or section is edited.
_EDITS = re.compile(r"[?&](?:ve)?action=edit\b|/(?:-/)?edit/|/edit$")
_STEPS = 4  # how many elements after a checkbox to look for the code that it shows


def furniture(spans: Spans, counts: Counts) -> Iterator[int]:
    """The elements that are page furniture."""
    yield from beside_code(spans)
    yield from _page_navigation(spans, counts)
    yield from _signups(spans, counts)
    yield from _translations(spans, counts)
    yield from _prompts(spans)
    yield from _toggles(spans, counts)
    yield from filter(None, (_helper_link(spans, counts, k) for k in spans.tagged("a")))


def _prompts(spans: Spans) -> Iterator[int]:
    """The prompts beside cells of a notebook."""
    for k, its in enumerate(spans.attributes):
        if "class" in its and "prompt" in its["class"].lower():
            element = spans.elements[k]
            if element.tag != "a" and _PROMPT.fullmatch(element.text_content().strip()):
                yield k


def _toggles(spans: Spans, counts: Counts) -> Iterator[int]:
    """The labels of checkboxes that show source code, and that code."""
    boxes = {spans.attributes[k].get("id", ""): k for k in spans.tagged("input") if _is_toggle(spans.attributes[k])}
    for k in spans.tagged("label") if boxes else ():
        its = spans.attributes[k]
        box = boxes.get(its["for"]) if "for" in its else None
        if box is not None and counts.words[k] and (source := _toggled_code(spans, counts, box)):
            yield from (k, source)


def _is_toggle(its: Mapping[str, str]) -> bool:
    return its.get("type") == "checkbox" and "disabled" not in its


def _page_navigation(spans: Spans, counts: Counts) -> Iterator[int]:
    """The lines and layout tables with nothing but links to the previous and next page."""
    navigation: dict[int, int] = {}
    for k in spans.tagged("a"):
        if _is_navigation_link(spans.attributes[k]) or _names_direction(spans, k):
            for holder in {counts.block[k], *_tables(spans, k)}:
                navigation[holder] = navigation.get(holder, 0) + 1
    for k, count in navigation.items():
        # Besides the links there may be "Next:", or in a table the name of the chapter.
        if count == counts.links[k] and counts.plain[k] <= (_NAMES if spans.elements[k].tag == "table" else 3 * count):
            yield k


def _signups(spans: Spans, counts: Counts) -> Iterator[int]:
    """The boxes around forms whose only field is for a mail address."""
    for k in spans.tagged("form"):
        if _asks_for_mail(spans.elements[k]):
            box = k
            while spans.elements[up := spans.parents[box]].tag in _BOXES and _is_small(counts, up):
                box = up
            yield box


def _asks_for_mail(form: html.HtmlElement) -> bool:
    fields = [field.get("type", "text") for field in form.iter("input", "textarea", "select")]
    return [kind for kind in fields if kind not in _UNASKED] == ["email"]


def _is_small(counts: Counts, k: int) -> bool:
    return counts.words[k] <= _SIGNUP and counts.headings[k] <= 1 and counts.sentences[k] * 4 <= counts.sentences[0]


def _is_navigation_link(its: Mapping[str, str]) -> bool:
    """Whether a link leads to the previous, next or parent page, by its `rel`, or its `accesskey` as in manuals."""
    leads = "rel" in its and not _NAVIGATION_RELS.isdisjoint(its["rel"].split())
    return leads or its.get("accesskey") in _NAVIGATION_KEYS


def _names_direction(spans: Spans, k: int) -> bool:
    """Whether a part of a link says that it leads to the previous or next page."""
    if spans.after[k] == k + 1 or spans.ends[k] - spans.starts[k] > _SHORT:
        return False
    parts = range(k + 1, min(spans.after[k], k + _SHORT))
    said = (" ".join(spans.words[spans.starts[one] : spans.ends[one]]) for one in parts)
    return any(_DIRECTION.fullmatch(words) for words in said)


def _translations(spans: Spans, counts: Counts) -> Iterator[int]:
    """The lists with nothing but links to the page in other languages, and a few words over them."""
    marked = [k for k in spans.tagged("a") if "hreflang" in spans.attributes[k]]
    own = [0] * len(spans.elements)
    for k in marked:
        own[k] = 1
    translated = subtree_sums(spans, own) if len(marked) > 1 else []
    done = 0
    for k, count in enumerate(translated):
        if k >= done and 1 < count == counts.links[k] and counts.plain[k] <= _LABEL and not counts.headings[k]:
            done = spans.after[k]
            yield k


def _tables(spans: Spans, k: int) -> Iterator[int]:
    """The tables around an element."""
    while (k := spans.parents[k]) > 0:
        if spans.elements[k].tag == "table":
            yield k


def _helper_link(spans: Spans, counts: Counts, k: int) -> int:
    """The element of a permalink, an edit link or a script link at a heading; 0 if the link is none of these."""
    if is_permalink(spans.elements[k]):
        return k
    href = spans.attributes[k].get("href", "")
    if href.startswith("javascript:"):
        return k if _is_beside_words_of_heading(spans, counts, k) else 0
    return _edit_links(spans, counts, k) if _EDITS.search(href) else 0


def _is_beside_words_of_heading(spans: Spans, counts: Counts, k: int) -> bool:
    up = counts.block[k]
    return spans.elements[up].tag in HEADINGS and counts.words[up] > counts.words[k]


def _edit_links(spans: Spans, counts: Counts, k: int) -> int:
    """The element with only edit links in or right after a heading; 0 if the link is elsewhere."""
    while (up := spans.parents[k]) > 0 and spans.elements[up].tag in INLINE and _only_edits(spans, counts, up):
        k = up
    beside = counts.words[up] - counts.words[k]
    if spans.elements[up].tag in HEADINGS:
        return k if beside else 0
    while counts.headings[up] == 0 and counts.words[up] == counts.words[k] and spans.parents[up] > 0:
        up = spans.parents[up]  # boxes that lay out a heading with its links
    if counts.headings[up] != 1:
        return 0
    head = next(one for one in range(up, spans.after[up]) if spans.elements[one].tag in HEADINGS)
    return k if counts.words[up] - counts.words[k] == counts.words[head] > 0 else 0


def _only_edits(spans: Spans, counts: Counts, k: int) -> bool:
    """Whether an element has only edit links and punctuation."""
    if spans.after[k] - k > _SHORT or counts.words[k] > _SHORT:
        return False
    links = (spans.attributes[one] for one in range(k, spans.after[k]) if spans.elements[one].tag == "a")
    signs = sum(not word.isalnum() for word in spans.words[spans.starts[k] : spans.ends[k]])
    return counts.plain[k] <= signs and all(_EDITS.search(its.get("href", "")) for its in links)


def _toggled_code(spans: Spans, counts: Counts, box: int) -> int:
    """The element that a checkbox shows, if it is only code; else 0."""
    parent, k = spans.parents[box], spans.after[box]
    for _ in range(_STEPS):
        if k >= len(spans.parents) or spans.parents[k] != parent:
            break
        if _is_code(spans.elements[k]) and counts.words[k]:
            return k
        k = spans.after[k]
    return 0


def _is_code(element: html.HtmlElement) -> bool:
    pre = next(element.iter("pre"), None)
    return pre is not None and len("".join(element.itertext()).strip()) == len("".join(pre.itertext()).strip())


def is_jump_link(spans: Spans, counts: Counts, k: int) -> bool:
    """Whether an element is a line with only a link to another place of the page."""
    element = spans.elements[k]
    if element.tag != "a" or not spans.attributes[k].get("href", "").startswith("#"):
        return False
    if next(element.iterancestors("code"), None) is not None or next(element.iter("code"), None) is not None:
        return False  # the name of something that is described there
    is_line = counts.words[k] == counts.words[counts.block[k]]
    return is_line or _only_jumps(spans, counts, counts.block[k]) or _is_alone(element)


def _only_jumps(spans: Spans, counts: Counts, block: int) -> bool:
    """Whether a short line has nothing but links to other places of the page."""
    inside = range(block, spans.after[block])
    if len(inside) > _SHORT:
        return False
    jumps = (k for k in inside if spans.attributes[k].get("href", "").startswith("#"))
    return sum(counts.words[k] for k in jumps) == counts.words[block]


def _is_alone(element: html.HtmlElement) -> bool:
    """Whether an element is a line by itself, or with links to other places of the page beside it."""
    while (up := element.getparent()) is not None and up.tag in INLINE and _fills(element, up):
        element = up
    first = last = element
    for beside in islice(element.itersiblings(preceding=True), _JUMPS):
        if not _is_jump(beside) or (beside.tail or "").strip():
            break
        first = beside
    for beside in islice(element.itersiblings(), _JUMPS):
        if not _is_jump(beside) or (last.tail or "").strip():
            break
        last = beside
    before, after, around = first.getprevious(), last.getnext(), element.getparent()
    texts = (last.tail, before.tail if before is not None else around.text if around is not None else None)
    if any(text and not text.isspace() for text in texts):
        return False
    return not any(beside is not None and beside.tag in INLINE for beside in (before, after))


def _is_jump(element: html.HtmlElement) -> bool:
    return element.tag == "a" and str(element.get("href", "")).startswith("#")


def _fills(element: html.HtmlElement, around: html.HtmlElement) -> bool:
    """Whether an element is the only content of its parent."""
    return len(around) == 1 and not (around.text or "").strip() and not (element.tail or "").strip()


def is_breadcrumb(spans: Spans, counts: Counts, k: int, title: int) -> bool:
    """Whether an element before the title is a breadcrumb: a section's name, or links, punctuation and the title."""
    if spans.ends[k] > spans.starts[title] or not counts.links[k] or counts.words[k] > _SHORT:
        return False
    if counts.linked[k]:
        return spans.elements[k].tag == "a" and counts.words[k] <= _LABEL and _is_alone(spans.elements[k])
    first = bisect_left(spans.runs, spans.starts[k], key=attrgetter("start"))
    inside = takewhile(lambda run: run.end <= spans.ends[k], spans.runs[first : first + _SHORT])
    own = {word for run in inside if not counts.linked[run.holder] for word in spans.words[run.start : run.end]}
    named = spans.words[spans.starts[title] : spans.ends[title]]
    is_named = all(word in named or not word.isalnum() for word in own)
    return is_named and (bool(own) or counts.words[k] <= _LABEL)
