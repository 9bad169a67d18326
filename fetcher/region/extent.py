"""The bounds of a page's main content: the box that holds it, its title, and what else belongs to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from fetcher.page.page import named
from fetcher.page.semantics import BY_TAG, HEADINGS, INLINE, Look, Prose
from fetcher.page.word_spans import Flow
from fetcher.region.furniture import is_filed, is_jump, is_question, is_stamp, is_trail

_MARKED = ("main", "article")
# A text's own links lead on within it, or to a file or a person; those to other pages are as often a menu.
_CELLS = frozenset({"td", "th"})
_LISTS = frozenset({"ul", "ol"})
# With fewer words of text than this, what stands above the title in a box of its own is an announcement.
_NOTICE = 30
_WHOLE = frozenset({"html", "body"})


@dataclass(frozen=True)
class Reading:
    """A page's flow, its measures, and for each element whether it is shown and how many words of text it holds."""

    found: Flow
    prose: Prose
    shown: Sequence[bool]
    text: Sequence[int]

    @cached_property
    def sections(self) -> set[tuple[int, str, str | None]]:
        """Of each element with a heading and text in it: the element around it, its tag and its class."""
        every = zip(self.found.parents, self.text, self.prose.headings, strict=True)
        return {(parent, *_kind(self.found, k)) for k, (parent, text, heads) in enumerate(every) if text and heads}


def extent(page: Reading) -> list[bool]:
    """For each element whether its own words are main content."""
    box = _box(page)
    title = _title(page, box)
    kept = _kept(page, box, title)
    for note in _notes(page, box, kept):
        kept[note : page.found.after[note]] = page.shown[note : page.found.after[note]]
    return kept


def is_marked(found: Flow, k: int) -> bool:
    """Whether tag or role of an element say that it is the main content, or an article."""
    return found.elements[k].tag in _MARKED or found.attributes[k].get("role") in _MARKED


def is_main(found: Flow, k: int) -> bool:
    """Whether tag or role of an element say that it is the main content."""
    return found.elements[k].tag == "main" or found.attributes[k].get("role") == "main"


def around(found: Flow, k: int) -> list[int]:
    """The elements that hold element `k`, the innermost first."""
    holders = []
    while (k := found.parents[k]) >= 0:
        holders.append(k)
    return holders


def _box(page: Reading) -> int:
    """The innermost element with most of the text that can hold a whole one, grown to what its text is a part of."""
    box = max(k for k, words in enumerate(page.text) if not k or words * 2 > page.text[0])
    while box and not _holds_blocks(page, box):
        box = page.found.parents[box]
    for k in around(page.found, box):
        if is_main(page.found, box):
            break
        # a sentence that goes on in, or stands beside, the box; or one more section like it
        if page.prose.lines[k] or _is_one_of_many(page, box, k) or _is_one_half(page, box, k):
            box = k
    return next((k for k in [box, *around(page.found, box)] if is_marked(page.found, k)), box)


def _holds_blocks(page: Reading, k: int) -> bool:
    """Whether an element can hold a text: a box, or a cell that lays out the page, but no paragraph, list or table."""
    if BY_TAG.get(page.found.elements[k].tag) is None:
        return True
    return page.found.elements[k].tag in _CELLS and any(
        page.found.parents[one] == k and BY_TAG.get(page.found.elements[one].tag) is Look.CONTENT
        for one in range(k + 1, page.found.after[k])
    )


def _is_one_of_many(page: Reading, box: int, parent: int) -> bool:
    """Whether beside the box, in `parent`, stand other sections of its kind.

    One is enough that is a heading and words under it; without headings there are several, and they have a class.
    """
    found, prose = page.found, page.prose
    while (up := found.parents[box]) != parent:
        if up < 0:
            return False
        box = up
    kind, is_headed = _kind(found, box), prose.headings[box] > 0
    alike = sum(
        k != box
        and _kind(found, k) == kind
        and page.shown[k]
        and (prose.headings[k] > 0) == is_headed
        and not prose.controls[k]
        and 0 < prose.words[k] * 4 <= prose.plain[k] * 5
        for k in children(found, parent)
    )
    return alike > 0 if is_headed else alike > 1 and bool(kind[1])


def _is_one_half(page: Reading, box: int, parent: int) -> bool:
    """Whether beside the box, in `parent`, stand paragraphs with a good part of the text."""
    found = page.found
    if found.elements[parent].tag in _WHOLE or found.looks[parent] is Look.CONTENT:
        return False
    looks = ((k, found.looks[k]) for k in children(found, parent) if not k <= box < found.after[k])
    beside = sum(page.text[k] for k, here in looks if here is Look.CONTENT and page.shown[k])
    return beside * 3 >= page.text[box] > 0


def _kind(found: Flow, k: int) -> tuple[str, str | None]:
    return found.elements[k].tag, found.attributes[k].get("class")


def children(found: Flow, k: int) -> Iterator[int]:
    """The elements right in element `k`."""
    child = k + 1
    while child < found.after[k]:
        yield child
        child = found.after[child]


def _title(page: Reading, box: int) -> int:
    """The first main heading in the box, else the last one before it, else the box itself.

    On a page without such a heading it is a line before the box with which the page's title begins or ends.
    """
    title = box
    for k, element in enumerate(page.found.elements):
        if element.tag == "h1" and page.shown[k] and page.prose.words[k]:
            if k > box:
                return k if page.found.ends[k] <= page.found.ends[box] else title
            title = k
    return title if title != box else max(_named_before(page, box), default=box)


def _named_before(page: Reading, box: int) -> Iterator[int]:
    found, prose = page.found, page.prose
    lines = (k for k in range(box) if prose.block[k] == k and prose.words[k] == prose.plain[k] and page.shown[k])
    return named(found, (k for k in lines if found.ends[k] <= found.starts[box]))


def _kept(page: Reading, box: int, title: int) -> list[bool]:
    found, prose = page.found, page.prose
    begin, end = min(found.starts[box], found.starts[title]), max(found.ends[box], found.ends[title])
    first, last = _ends_of_text(page, box)
    astray = {*_astray(page, box, first)}
    first = min(first, found.starts[title]) if title != box else first
    holders = {*around(found, box), *(around(found, title) if title < box else ())}
    heads = _heads(page)
    kept: list[bool] = []
    part = 0  # where a list of links ends that is a part of the text
    for k, parent in enumerate(found.parents):
        within = begin <= found.starts[k] and found.ends[k] <= end
        begun = found.starts[k] > last  # after the text
        if k in (box, title) or k in holders:
            kept.append(within)
        elif not page.shown[k] or k in astray:
            kept.append(False)
        elif parent in holders:
            # Between title and text stand dates and introductions; elsewhere only what is text itself belongs to it.
            least = 1 if found.starts[k] >= end else _NOTICE
            kept.append(prose.plain[k] * 2 >= prose.words[k] if within else page.text[k] >= least and prose.reads(k))
        elif not kept[parent] or k < part or (first < found.ends[k] and found.starts[k] <= last):
            kept.append(kept[parent])
        elif _serves(page, k, title, heads[k] < 0 and begun):
            kept.append(False)
        elif not _is_beside(page, k):
            kept.append(True)
        elif begun and _is_part(page, k, heads[k]):
            kept.append(True)
            part = found.after[k]
        else:
            kept.append(False)
            if begun and heads[k] >= 0:
                kept[heads[k] : found.after[heads[k]]] = [False] * (found.after[heads[k]] - heads[k])
    return kept


def _heads(page: Reading) -> list[int]:
    """For each element the heading right before it, with nothing shown between the two; -1 if there is none."""
    found = page.found
    said = {run.holder for run in found.runs}
    heads: list[int] = []
    head = -1
    for k, element in enumerate(found.elements):
        heads.append(head)
        if not page.shown[k]:
            continue
        if element.tag in HEADINGS and page.prose.words[k]:
            head = k if element.tag != "h1" else -1
        elif k in said and (head < 0 or k >= found.after[head]):
            head = -1
    return heads


def _is_beside(page: Reading, k: int) -> bool:
    """Whether an element before or after the text is a menu or a list of other pages."""
    if page.text[k] or page.found.elements[k].tag in INLINE:
        return False
    return page.prose.is_menu(k) or page.prose.sentences[k] > 0


def _is_part(page: Reading, k: int, head: int) -> bool:
    """Whether links after the text are a part of it.

    So they are under a heading of its own, in a table, in a section like it, or in a plain list right below a sentence.
    """
    if page.prose.sentences[k]:
        return False
    return head >= 0 or _is_table(page.found, k) or _is_section(page, k) or _is_told_of(page, k)


def _is_told_of(page: Reading, k: int) -> bool:
    """Whether an element is a list that nobody styled, right after a paragraph with a sentence: its writer's own."""
    found = page.found
    if found.elements[k].tag not in _LISTS or "class" in found.attributes[k]:
        return False
    before = k - 1
    while found.parents[before] > found.parents[k]:
        before = found.parents[before]
    return found.elements[before].tag == "p" and page.text[before] > 0


def _is_table(found: Flow, k: int) -> bool:
    """Whether an element is a table with a head: one of data, not one that lays out a menu."""
    return found.elements[k].tag == "table" and any(found.elements[one].tag == "th" for one in range(k, found.after[k]))


def _is_section(page: Reading, k: int) -> bool:
    """Whether an element with a heading is made like one before it that holds text: a section of the text, too."""
    found, parent = page.found, page.found.parents[k]
    if not page.prose.headings[k]:
        return False
    return found.elements[k].tag == "section" or (parent, *_kind(found, k)) in page.sections


def _astray(page: Reading, box: int, first: int) -> Iterator[int]:
    """The lines before the text that lead to places of the page out of the box."""
    found = page.found
    before = [k for k in range(box, found.after[box]) if found.ends[k] <= first and is_jump(found, page.prose, k)]
    places = {found.attributes[k].get("id") for k in range(box, found.after[box])} if before else set()
    return (k for k in before if _place(found, k) not in places)


def _serves(page: Reading, k: int, title: int, is_last: bool) -> bool:
    """Whether an element beside the text leads to another place of the page, or to it, or tells of the page itself."""
    found, prose = page.found, page.prose
    if is_jump(found, prose, k) or is_trail(found, prose, k, title):
        return True
    return is_last and (is_stamp(found, prose, k) or is_question(found, prose, k) or is_filed(found, prose, k))


def _ends_of_text(page: Reading, box: int) -> tuple[int, int]:
    """Where in the box its first element with text of its own begins, and where its last one does."""
    starts, own = page.found.starts, [*page.text]
    for k, parent in enumerate(page.found.parents):
        if parent >= 0:
            own[parent] -= page.text[k]
    inside = [starts[k] for k in range(box + 1, page.found.after[box]) if own[k] > 0]
    return min(inside, default=starts[box]), max(inside, default=starts[box])


def _notes(page: Reading, box: int, kept: Sequence[bool]) -> Iterator[int]:
    """The elements after the box that its text refers to and that lead back: footnotes in a box of their own."""
    found = page.found
    if not box:
        return
    inside = range(box, found.after[box])
    meant = {_place(found, k) for k in inside if kept[k]} - {""}
    if not meant:
        return
    places = {found.attributes[k].get("id") for k in inside}
    for k in range(found.after[box], len(found.elements)):
        if page.shown[k] and found.attributes[k].get("id") in meant and not kept[k]:
            back = (_place(found, one) for one in range(k, found.after[k]))
            if any(place in places for place in back if place):
                yield k


def _place(found: Flow, k: int) -> str:
    """The id that a link leads to, on its own page; empty if it is none."""
    href = found.attributes[k].get("href", "") if found.elements[k].tag == "a" else ""
    return href[1:] if href.startswith("#") else ""
