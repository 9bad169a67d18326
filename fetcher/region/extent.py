"""Finds the bounds of a page's main content: the box that holds it, its title, and what belongs to both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from fetcher.page.furniture import is_breadcrumb, is_jump_link
from fetcher.page.page import matching_title
from fetcher.page.semantics import BY_TAG, HEADINGS, INLINE, Counts, ElementKind
from fetcher.page.word_spans import WordSpans
from fetcher.region.page_lines import tells_of_page

_MARKED = ("main", "article")
_CELLS = frozenset({"td", "th"})
_LISTS = frozenset({"ul", "ol"})
# With fewer words of text, a box above the title is an announcement.
_NOTICE = 30
_WHOLE = frozenset({"html", "body"})


@dataclass(frozen=True)
class PageView:
    """A page's words and counts, and for each element whether it is shown and how many words of text it holds."""

    spans: WordSpans
    counts: Counts
    shown: Sequence[bool]
    text: Sequence[int]

    @cached_property
    def sections(self) -> set[tuple[int, str, str | None]]:
        """The parent, tag and class of each element with a heading and text."""
        every = zip(self.spans.parents, self.text, self.counts.headings, strict=True)
        return {(parent, *_signature(self.spans, k)) for k, (parent, text, heads) in enumerate(every) if text and heads}


def extent(page: PageView) -> list[bool]:
    """For each element whether its own words are main content."""
    box = _box(page)
    title = _title(page, box)
    kept = _kept(page, box, title)
    for note in _notes(page, box, kept):
        kept[note : page.spans.after[note]] = page.shown[note : page.spans.after[note]]
    return kept


def is_marked(spans: WordSpans, k: int) -> bool:
    """Whether tag or role mark an element as main content or an article."""
    return spans.elements[k].tag in _MARKED or spans.attributes[k].get("role") in _MARKED


def is_main(spans: WordSpans, k: int) -> bool:
    """Whether tag or role mark an element as main content."""
    return spans.elements[k].tag == "main" or spans.attributes[k].get("role") == "main"


def ancestors(spans: WordSpans, k: int) -> list[int]:
    """The ancestors of element `k`, the innermost first."""
    holders = []
    while (k := spans.parents[k]) >= 0:
        holders.append(k)
    return holders


def _box(page: PageView) -> int:
    """The innermost element with most of the text that can hold a whole text, extended to what that is a part of."""
    box = max(k for k, words in enumerate(page.text) if not k or words * 2 > page.text[0])
    while box and not _holds_blocks(page, box):
        box = page.spans.parents[box]
    for k in ancestors(page.spans, box):
        if is_main(page.spans, box):
            break
        # a sentence around the box, or a similar section or paragraphs beside it
        if page.counts.lines[k] or _is_one_of_many(page, box, k) or _is_one_half(page, box, k):
            box = k
    return next((k for k in [box, *ancestors(page.spans, box)] if is_marked(page.spans, k)), box)


def _holds_blocks(page: PageView, k: int) -> bool:
    """Whether an element can hold a whole text: a box or a layout cell, but not a paragraph, list or table."""
    if BY_TAG.get(page.spans.elements[k].tag) is None:
        return True
    return page.spans.elements[k].tag in _CELLS and any(
        page.spans.parents[one] == k and BY_TAG.get(page.spans.elements[one].tag) is ElementKind.CONTENT
        for one in range(k + 1, page.spans.after[k])
    )


def _is_one_of_many(page: PageView, box: int, parent: int) -> bool:
    """Whether `parent` has other sections like the box.

    With a heading, one is enough; without headings it takes several, with a class.
    """
    spans, counts = page.spans, page.counts
    while (up := spans.parents[box]) != parent:
        if up < 0:
            return False
        box = up
    kind, is_headed = _signature(spans, box), counts.headings[box] > 0
    alike = sum(
        k != box
        and _signature(spans, k) == kind
        and page.shown[k]
        and (counts.headings[k] > 0) == is_headed
        and not counts.controls[k]
        and 0 < counts.words[k] * 4 <= counts.plain[k] * 5
        for k in children(spans, parent)
    )
    return alike > 0 if is_headed else alike > 1 and bool(kind[1])


def _is_one_half(page: PageView, box: int, parent: int) -> bool:
    """Whether `parent` also holds paragraphs with a good part of the text."""
    spans = page.spans
    if spans.elements[parent].tag in _WHOLE or spans.kinds[parent] is ElementKind.CONTENT:
        return False
    kinds = ((k, spans.kinds[k]) for k in children(spans, parent) if not k <= box < spans.after[k])
    beside = sum(page.text[k] for k, here in kinds if here is ElementKind.CONTENT and page.shown[k])
    return beside * 3 >= page.text[box] > 0


def _signature(spans: WordSpans, k: int) -> tuple[str, str | None]:
    return spans.elements[k].tag, spans.attributes[k].get("class")


def children(spans: WordSpans, k: int) -> Iterator[int]:
    """The children of element `k`."""
    child = k + 1
    while child < spans.after[k]:
        yield child
        child = spans.after[child]


def _title(page: PageView, box: int) -> int:
    """The first `h1` in the box, else the last one before it, else the box itself.

    On a page without `h1` it is a line before the box with which the page's title begins or ends.
    """
    title = box
    for k in page.spans.tagged("h1"):
        if page.shown[k] and page.counts.words[k]:
            if k > box:
                return k if page.spans.ends[k] <= page.spans.ends[box] else title
            title = k
    return title if title != box else max(_named_before(page, box), default=box)


def _named_before(page: PageView, box: int) -> Iterator[int]:
    spans, counts = page.spans, page.counts
    lines = (k for k in range(box) if counts.block[k] == k and counts.words[k] == counts.plain[k] and page.shown[k])
    return matching_title(spans, (k for k in lines if spans.ends[k] <= spans.starts[box]))


def _kept(page: PageView, box: int, title: int) -> list[bool]:
    spans, counts = page.spans, page.counts
    begin, end = min(spans.starts[box], spans.starts[title]), max(spans.ends[box], spans.ends[title])
    first, last = _ends_of_text(page, box)
    outside = {*_links_outside(page, box, first)}
    first = min(first, spans.starts[title]) if title != box else first
    holders = {*ancestors(spans, box), *(ancestors(spans, title) if title < box else ())}
    framing = {box, title, *holders}
    heads = _heads(page)
    kept: list[bool] = []
    part = 0  # the end of a list of links that belongs to the text
    for k, (parent, at, until, is_shown) in enumerate(
        zip(spans.parents, spans.starts, spans.ends, page.shown, strict=True)
    ):
        within = begin <= at and until <= end
        begun = at > last  # after the text
        if k in framing:
            kept.append(within)
        elif not is_shown or k in outside:
            kept.append(False)
        elif parent in holders:
            # Between title and text there are dates and introductions; elsewhere only text belongs to it.
            least = 1 if at >= end else _NOTICE
            reads = spans.kinds[k] is not ElementKind.BOILERPLATE and page.text[k] >= least and counts.reads(k)
            kept.append(counts.plain[k] * 2 >= counts.words[k] if within else reads)
        elif not kept[parent] or k < part or (first < until and at <= last):
            kept.append(kept[parent])
        elif _is_furniture(page, k, title, heads[k] < 0 and begun):
            kept.append(False)
        elif not _is_menu_or_teaser(page, k):
            kept.append(True)
        elif begun and _is_part(page, k, heads[k]):
            kept.append(True)
            part = spans.after[k]
        else:
            kept.append(False)
            if begun and heads[k] >= 0:
                kept[heads[k] : spans.after[heads[k]]] = [False] * (spans.after[heads[k]] - heads[k])
    return kept


def _heads(page: PageView) -> list[int]:
    """For each element the heading right before it, with nothing shown in between; -1 if there is none."""
    spans = page.spans
    said = {run.holder for run in spans.runs}
    heads: list[int] = []
    head = -1
    for k, tag in enumerate(spans.tags):
        heads.append(head)
        if not page.shown[k]:
            continue
        if tag in HEADINGS and page.counts.words[k]:
            head = k if tag != "h1" else -1
        elif k in said and (head < 0 or k >= spans.after[head]):
            head = -1
    return heads


def _is_menu_or_teaser(page: PageView, k: int) -> bool:
    """Whether an element before or after the text is a menu or a list of other pages."""
    if page.text[k] or page.spans.elements[k].tag in INLINE:
        return False
    return page.counts.is_menu(k) or page.counts.sentences[k] > 0


def _is_part(page: PageView, k: int, head: int) -> bool:
    """Whether links after the text belong to it.

    They do under a heading of their own, in a table, in a section like those of the text, or in a plain list right
    after a sentence.
    """
    if page.counts.sentences[k]:
        return False
    return head >= 0 or _is_table(page.spans, k) or _is_section(page, k) or _is_plain_list(page, k)


def _is_plain_list(page: PageView, k: int) -> bool:
    """Whether an element is a list without a class right after a paragraph: written by the author, not the theme."""
    spans = page.spans
    if spans.elements[k].tag not in _LISTS or "class" in spans.attributes[k]:
        return False
    before = k - 1
    while spans.parents[before] > spans.parents[k]:
        before = spans.parents[before]
    return spans.elements[before].tag == "p" and page.text[before] > 0


def _is_table(spans: WordSpans, k: int) -> bool:
    """Whether an element is a table with header cells: a table of data."""
    return spans.elements[k].tag == "table" and any(spans.elements[one].tag == "th" for one in range(k, spans.after[k]))


def _is_section(page: PageView, k: int) -> bool:
    """Whether an element with a heading is built like a section with text before it."""
    spans, parent = page.spans, page.spans.parents[k]
    if not page.counts.headings[k]:
        return False
    return spans.elements[k].tag == "section" or (parent, *_signature(spans, k)) in page.sections


def _links_outside(page: PageView, box: int, first: int) -> Iterator[int]:
    """The lines before the text that link to places of the page outside of the box."""
    spans = page.spans
    before = [k for k in range(box, spans.after[box]) if spans.ends[k] <= first and is_jump_link(spans, page.counts, k)]
    places = {spans.attributes[k].get("id") for k in range(box, spans.after[box])} if before else set()
    return (k for k in before if _fragment(spans, k) not in places)


def _is_furniture(page: PageView, k: int, title: int, is_last: bool) -> bool:
    """Whether an element beside the text is a jump link, a breadcrumb or, after it, a note about the page."""
    spans, counts = page.spans, page.counts
    if is_jump_link(spans, counts, k) or is_breadcrumb(spans, counts, k, title):
        return True
    return is_last and tells_of_page(spans, counts, k)


def _ends_of_text(page: PageView, box: int) -> tuple[int, int]:
    """Where in the box its first and its last element with text of its own begin."""
    starts, own = page.spans.starts, [*page.text]
    for k, parent in enumerate(page.spans.parents):
        if parent >= 0:
            own[parent] -= page.text[k]
    inside = [starts[k] for k in range(box + 1, page.spans.after[box]) if own[k] > 0]
    return min(inside, default=starts[box]), max(inside, default=starts[box])


def _notes(page: PageView, box: int, kept: Sequence[bool]) -> Iterator[int]:
    """The footnotes after the box: elements that the text links to and that link back."""
    spans = page.spans
    if not box:
        return
    inside = range(box, spans.after[box])
    meant = {_fragment(spans, k) for k in spans.tagged("a") if k in inside and kept[k]} - {""}
    if not meant:
        return
    places = {spans.attributes[k].get("id") for k in inside}
    for k in range(spans.after[box], len(spans.elements)):
        if page.shown[k] and spans.attributes[k].get("id") in meant and not kept[k]:
            back = (_fragment(spans, one) for one in range(k, spans.after[k]))
            if any(place in places for place in back if place):
                yield k


def _fragment(spans: WordSpans, k: int) -> str:
    """The id on the same page that a link leads to; empty if none."""
    href = spans.attributes[k].get("href", "") if spans.elements[k].tag == "a" else ""
    return href[1:] if href.startswith("#") else ""
