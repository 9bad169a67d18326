"""Finds the main content of a page whose seed has no body yet: the text, its title, and what is between them.

Boilerplate is left out first, and the text is where most of the remaining sentences are. Names are believed only as
far as they leave a text: `nav` or `role="dialog"` are meant, `class="toc-visible"` may mean something else, and a page
that is one big form, or hidden until a script shows it, still has its text.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import compress
from operator import not_

from lxml import html

from fetcher.page.semantics import (
    HEADINGS,
    SUSPECT,
    Counts,
    ElementKind,
    boilerplate_word,
    inherited,
    inside,
    is_boilerplate_by_tag,
    is_choice,
    is_unquoted,
    own_name,
    subtree_sums,
)
from fetcher.page.word_spans import WordSpans
from fetcher.region.extent import PageView, ancestors, children, extent, is_marked
from fetcher.region.page_lines import is_imprint

# Never left out by class: themes write the state of a whole site into the classes of these.
_PAGE = frozenset({"html", "body", "main", "article"}) | HEADINGS
# If less of the page's prose is left than this share, elements that were left out are restored, the fullest first.
_LEFT = 0.1
_TRIES = 4
# A boilerplate class is not believed if it would leave out this share of the sentences.
_TOO_MUCH = 0.25
# The most words of a teaser for another page (a linked title and a few lines), and the fewest teasers of a list.
_TEASER = 120
_TEASERS = 3
# The fewest words in sentences of a text beside which teasers are left out.
_TEXT = 30
# The fewest words of a line that is a text together with the heading above it.
_LINE = 4
_ADVERTS = frozenset({"ad", "ads", "advert", "advertisement"})
_LABEL = 3  # the most words over an advert that a script is to fetch
_CELLS = frozenset({"td", "th"})
# A page with so many times more words in table cells than in sentences is a table.
_TABLES = 4


def main_content(spans: WordSpans) -> list[bool]:
    """For each text run whether it is main content."""
    counts = spans.counts
    shown = _shown(spans, counts)
    kept = extent(PageView(spans, counts, shown, _text(spans, counts, shown)))
    return [kept[run.holder] for run in spans.runs]


def _shown(spans: WordSpans, counts: Counts) -> list[bool]:
    """For each element whether neither it nor an ancestor is left out as boilerplate."""
    left_out, is_comment = [False] * len(spans.kinds), [False] * len(spans.kinds)
    opened = _opened(spans)
    for k, (tag, its, here) in enumerate(zip(spans.tags, spans.attributes, spans.kinds, strict=True)):
        # No other element has a tag, class or id of boilerplate.
        if here in SUSPECT or "role" in its or tag == "title":
            left_out[k] = bool(counts.words[k]) and _is_left_out(spans, counts, k, opened)
            is_comment[k] = here is ElementKind.BOILERPLATE and _is_comments(_boilerplate_class(its))
    for k in spans.furniture:
        left_out[k] = True
    hidden, comments = inherited(spans, left_out), inherited(spans, is_comment)
    whole = _plain(counts, comments)
    for _ in range(_TRIES):
        if _plain(counts, hidden) >= _LEFT * (whole if whole >= _TEXT else counts.plain[0]):
            break
        left_out[_to_restore(spans, counts, left_out, hidden)] = False
        hidden = inherited(spans, left_out)
    return _without_empty_folds(spans, [not out for out in hidden])


def _without_empty_folds(spans: WordSpans, shown: list[bool]) -> list[bool]:
    """The shown elements without `details` of which only the `summary` is left."""
    folds = [k for k in spans.tagged("summary") if spans.parents[k] >= 0]
    if folds:
        left = [0] * len(shown)
        for run in spans.runs:
            left[run.holder] += shown[run.holder]
        left = subtree_sums(spans, left)
    for k in folds:
        box = spans.parents[k]
        if spans.ends[box] > spans.ends[k] and left[box] == left[k]:
            shown[k : spans.after[k]] = [False] * (spans.after[k] - k)
    return shown


def _to_restore(spans: WordSpans, counts: Counts, left_out: Sequence[bool], hidden: Sequence[bool]) -> int:
    """The element to restore, one of the outermost that are left out."""
    # Behind an open dialog the app is hidden: prefer elements around marked text to the dialog.
    marked = {up for k in range(len(left_out)) if is_marked(spans, k) for up in (k, *ancestors(spans, k))}
    outermost = (k for k, out in enumerate(left_out) if out and not hidden[spans.parents[k]])
    return max(outermost, key=lambda k: (k in marked, counts.sentences[k]))


def _plain(counts: Counts, without: Sequence[bool]) -> int:
    """The words outside of links and of the elements in `without`."""
    return sum(compress(counts.own, map(not_, without)))


def _opened(spans: WordSpans) -> set[str]:
    """The ids of elements that a button on the page opens and closes."""
    return {name for its in spans.attributes if "aria-expanded" in its for name in its.get("aria-controls", "").split()}


def _is_left_out(spans: WordSpans, counts: Counts, k: int, opened: set[str]) -> bool:
    element, its, here = spans.elements[k], spans.attributes[k], spans.kinds[k]
    if element.tag in _PAGE:
        return False
    if element.tag == "button" or its.get("role") == "button":
        return not _opens_a_section(spans, counts, k)
    if element.tag == "title" or is_choice(its):
        return True
    if here is ElementKind.HIDDEN:
        return not _is_folded(spans, counts, k, opened)
    if here is not ElementKind.BOILERPLATE:
        return False
    is_aside = is_unquoted(its) and not counts.sentences[k]
    return is_aside or is_boilerplate_by_tag(element, its) or _has_boilerplate_name(element, its, counts, k)


def _is_folded(spans: WordSpans, counts: Counts, k: int, opened: set[str]) -> bool:
    """Whether a hidden element is text that opens on a click, and not a label for screen readers."""
    if counts.formulas[k]:  # shown as an image beside it
        return True
    if counts.reads(k) or (
        spans.attributes[k].get("id") in opened and not counts.controls[k] and not counts.is_menu(k)
    ):
        return True
    return counts.sentences[k] >= _TOO_MUCH * counts.sentences[0]


def _opens_a_section(spans: WordSpans, counts: Counts, k: int) -> bool:
    """Whether a button is the heading of the section that it opens."""
    parent = spans.parents[k]
    if counts.headings[k] or (spans.elements[parent].tag in HEADINGS and counts.words[k] == counts.words[parent]):
        return True
    its = spans.attributes[k]
    if its.get("role") == "tab":
        return True
    return "aria-expanded" in its and (bool(its.get("aria-controls")) or _is_before_text(spans, counts, k))


def _is_before_text(spans: WordSpans, counts: Counts, k: int) -> bool:
    """Whether the next sibling has words, but no links or controls."""
    after = spans.after[k]
    is_beside = after < len(spans.parents) and spans.parents[after] == spans.parents[k]
    return is_beside and counts.words[after] > 0 and not counts.links[after] and not counts.controls[after]


def _has_boilerplate_name(element: html.HtmlElement, its: Mapping[str, str], counts: Counts, k: int) -> bool:
    if called := _boilerplate_class(its) or own_name(element):
        pressed = counts.links[k] + counts.controls[k] > 0 or (called in _ADVERTS and counts.words[k] <= _LABEL)
        return _is_comments(called) or (pressed and counts.sentences[k] < _TOO_MUCH * counts.sentences[0])
    # An id may be the anchor of a section: "#sharing", "#cookies".
    called = boilerplate_word(its.get("id", ""))
    if called.endswith("footer"):  # a stamp in it is as long as a sentence
        return counts.sentences[k] < _TOO_MUCH * counts.sentences[0]
    return bool(called) and counts.links[k] + counts.controls[k] > 0 and not counts.reads(k)


def _boilerplate_class(its: Mapping[str, str]) -> str:
    """The boilerplate word in an element's class; empty if there is none."""
    return _boilerplate_name(its["class"]) if "class" in its else ""


@lru_cache(maxsize=4096)  # a page has many elements, but few classes
def _boilerplate_name(classes: str) -> str:
    # A variant (`toc-visible:hidden`) or a computed value (`w-[var(--sidebar)]`) does not name the element.
    return boilerplate_word(" ".join(name for name in classes.split() if not set(name) & set(":[(")))


def _is_comments(called: str) -> bool:
    return called.startswith("comment")


def _text(spans: WordSpans, counts: Counts, shown: Sequence[bool]) -> list[int]:
    """For each element the words of sentences in it that belong to the page's text."""
    every = enumerate(zip(counts.lines, shown, strict=True))
    lines = [words if seen and words and not is_imprint(spans, k) else 0 for k, (words, seen) in every]
    if box := _short_text_box(spans, counts, shown, lines):
        return subtree_sums(spans, _short_text_words(spans, counts, shown, box))
    cells = _in_cells(spans, counts, shown)
    if sum(lines) * _TABLES < sum(cells):
        lines = [max(pair) for pair in zip(lines, cells, strict=True)]
    other = _other_pages(spans, counts)
    rest = [0 if teaser else words for words, teaser in zip(lines, other, strict=True)]
    return subtree_sums(spans, rest if sum(rest) >= _TEXT else lines)


def _short_text_box(spans: WordSpans, counts: Counts, shown: Sequence[bool], lines: Sequence[int]) -> int:
    """The box of a short text: the innermost one with the main heading and a line beside it, or the marked one; else 0.

    On such a page a notice or a footer says as much as the text, so that most of the sentences are in neither. 0 if
    most are in one box, or many are elsewhere.
    """
    heads = [k for k in spans.tagged("h1") if shown[k] and counts.words[k]]
    roles = (k for k, its in enumerate(spans.attributes) if "role" in its and its["role"] == "main")
    mains = sorted({*spans.tagged("main"), *roles})
    head = heads[0] if len(heads) == 1 else 0
    holders = (*ancestors(spans, head), *(k for k in mains if shown[k]))
    boxes = [k for k in holders if spans.tags[k] not in ("html", "body", "header")]
    told = (k for k in boxes if sum(lines[k : spans.after[k]]))  # a byline under the heading is not a text
    named = (k for k in boxes if counts.plain[k] - counts.plain[head] * (head in range(k, spans.after[k])) >= _LINE)
    box = next(told, next(named, 0))
    while spans.parents[box] in boxes and _reads_beside(spans, counts, lines, box):
        box = spans.parents[box]
    inside, whole = sum(lines[box : spans.after[box]]), sum(lines)
    is_short = inside * 2 <= whole < inside + _TEXT or not whole
    return box if box and is_short and not _has_lines_beside(spans, counts, shown, box) else 0


def _reads_beside(spans: WordSpans, counts: Counts, lines: Sequence[int], box: int) -> bool:
    """Whether a sibling of the box has sentences to read, such as a summary beside the text."""
    beside = (k for k in children(spans, spans.parents[box]) if k != box)
    return any(sum(lines[k : spans.after[k]]) and counts.reads(k) for k in beside)


def _has_lines_beside(spans: WordSpans, counts: Counts, shown: Sequence[bool], box: int) -> bool:
    """Whether a paragraph, list or table with a line to read is beside the box."""
    beside = (k for k in children(spans, spans.parents[box]) if k != box and shown[k])
    lines = (k for k in beside if spans.kinds[k] is ElementKind.CONTENT and spans.elements[k].tag not in HEADINGS)
    return any(counts.plain[k] >= _LINE for k in lines)


def _short_text_words(spans: WordSpans, counts: Counts, shown: Sequence[bool], box: int) -> list[int]:
    """For each element its own words if they belong to the short text in a box."""
    told = [0] * len(shown)
    for k in range(box, spans.after[box]):
        if shown[k] and spans.elements[counts.block[k]].tag not in HEADINGS:
            told[k] = counts.own[k]
    return told


def _in_cells(spans: WordSpans, counts: Counts, shown: Sequence[bool]) -> list[int]:
    """For each shown table cell its words outside of links, if they make no sentence."""
    found = [0] * len(spans.elements)
    for k in spans.tagged(*_CELLS):
        found[k] = counts.plain[k] if shown[k] and not counts.sentences[k] else 0
    return found


def _other_pages(spans: WordSpans, counts: Counts) -> list[bool]:
    """For each element whether it is in a list of teasers: similar siblings, each a linked title and some lines."""
    groups: dict[tuple[int, str, str | None], list[int]] = defaultdict(list)
    for k in _begun_by_a_link(spans, counts):
        groups[spans.parents[k], spans.elements[k].tag, spans.attributes[k].get("class")].append(k)
    teasers = {k for group in groups.values() if len(group) >= _TEASERS for k in group}
    return inside(spans, sorted(teasers))


def _begun_by_a_link(spans: WordSpans, counts: Counts) -> Iterator[int]:
    """The small elements with a sentence whose first line is only a link."""
    first = {}
    for run in spans.runs:
        k = run.holder
        while k >= 0 and k not in first:
            first[k] = run.holder
            k = spans.parents[k]
    for k, holder in first.items():
        if counts.linked[holder] and counts.sentences[k] and counts.words[k] <= _TEASER:
            title = counts.block[holder]
            if title > k and not counts.plain[title]:
                yield k
