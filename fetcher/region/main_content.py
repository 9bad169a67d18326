"""The main content of a page whose seed has no body yet: the text, its title, and what stands between the two.

Labels are believed as far as they leave a text: whoever writes `nav` or `role="dialog"` means it, whoever writes
`class="toc-visible"` may mean something else, and a page that is one form, or hidden until a script shows it, still
has its text. So what kinds apart is left out first, and the text is where most of the sentences left are.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import compress
from operator import not_

from fetcher.page.semantics import (
    HEADINGS,
    Counts,
    ElementKind,
    boilerplate_word,
    inherited,
    is_boilerplate_by_tag,
    is_choice,
    is_unquoted,
    subtree_sums,
)
from fetcher.page.word_spans import WordSpans
from fetcher.region.extent import PageView, around, children, extent, is_main, is_marked
from fetcher.region.furniture import furniture

_SUSPECT = (ElementKind.BOILERPLATE, ElementKind.HIDDEN)
# Never left out for what they are called: a theme writes the state of a whole site into their classes.
_PAGE = frozenset({"html", "body", "main", "article"}) | HEADINGS
# Where less of the page's prose is left than this share, what was left out is let in again, the fullest first.
_LEFT = 0.1
_TRIES = 4
# A class that sounds apart is taken for a mistake where it would leave out this share of the sentences.
_TOO_MUCH = 0.25
# An entry in a list of other pages: a linked title and a few lines.
_TEASER = 120
_TEASERS = 3
# Fewer words in sentences than this are no text to which a list of other pages could be an addition.
_TEXT = 30
# Words of a line that make a text together with the heading above it.
_LINE = 4
_CELLS = frozenset({"td", "th"})
# A page with so many times more words in the cells of tables than in sentences is a table.
_TABLES = 4


def main_content(spans: WordSpans) -> list[bool]:
    """For each run of `found`: whether it is main content."""
    counts = spans.counts
    shown = _shown(spans, counts)
    kept = extent(PageView(spans, counts, shown, _text(spans, counts, shown)))
    return [kept[run.holder] for run in spans.runs]


def _shown(spans: WordSpans, counts: Counts) -> list[bool]:
    """For each element whether neither it nor one around it is left out for its kinds."""
    left_out, is_comment = [False] * len(spans.kinds), [False] * len(spans.kinds)
    opened = _opened(spans)
    for k, (element, its, here) in enumerate(zip(spans.elements, spans.attributes, spans.kinds, strict=True)):
        # Neither tag nor class nor id of any other says that it is apart.
        if here in _SUSPECT or "role" in its or element.tag == "title":
            left_out[k] = bool(counts.words[k]) and _is_left_out(spans, counts, k, opened)
            is_comment[k] = here is ElementKind.BOILERPLATE and _is_comments(_called(its))
    for k in furniture(spans, counts):
        left_out[k] = True
    hidden, comments = inherited(spans, left_out), inherited(spans, is_comment)
    whole = _plain(counts, comments)
    for _ in range(_TRIES):
        if _plain(counts, hidden) >= _LEFT * (whole if whole >= _TEXT else counts.plain[0]):
            break
        left_out[_let_in(spans, counts, left_out, hidden)] = False
        hidden = inherited(spans, left_out)
    return _closed(spans, [not out for out in hidden])


def _closed(spans: WordSpans, shown: list[bool]) -> list[bool]:
    """The elements that are shown, without what folds if nothing is left in it but what opens it."""
    folds = [k for k, element in enumerate(spans.elements) if element.tag == "summary" and spans.parents[k] >= 0]
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


def _let_in(spans: WordSpans, counts: Counts, left_out: Sequence[bool], hidden: Sequence[bool]) -> int:
    """The element to let in again, of the outermost that are left out."""
    # The app behind an open dialog is hidden: what holds the marked text is rather meant than the dialog.
    marked = {up for k in range(len(left_out)) if is_marked(spans, k) for up in (k, *around(spans, k))}
    outermost = (k for k, out in enumerate(left_out) if out and not hidden[spans.parents[k]])
    return max(outermost, key=lambda k: (k in marked, counts.sentences[k]))


def _plain(counts: Counts, without: Sequence[bool]) -> int:
    """The words outside of links and of the elements to do without."""
    return sum(compress(counts.own, map(not_, without)))


def _opened(spans: WordSpans) -> set[str]:
    """The ids of what a button on the page opens and closes."""
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
    return is_aside or is_boilerplate_by_tag(element, its) or _is_called_apart(its, counts, k)


def _is_folded(spans: WordSpans, counts: Counts, k: int, opened: set[str]) -> bool:
    """Whether what is hidden is text that opens on a click, and no label for screen readers."""
    if counts.formulas[k]:  # shown as an image beside it
        return True
    if counts.reads(k) or (
        spans.attributes[k].get("id") in opened and not counts.controls[k] and not counts.is_menu(k)
    ):
        return True
    return counts.sentences[k] >= _TOO_MUCH * counts.sentences[0]


def _opens_a_section(spans: WordSpans, counts: Counts, k: int) -> bool:
    """Whether a button is the heading of what it opens."""
    parent = spans.parents[k]
    if counts.headings[k] or (spans.elements[parent].tag in HEADINGS and counts.words[k] == counts.words[parent]):
        return True
    its = spans.attributes[k]
    if its.get("role") == "tab":
        return True
    return "aria-expanded" in its and (bool(its.get("aria-controls")) or _is_before_text(spans, counts, k))


def _is_before_text(spans: WordSpans, counts: Counts, k: int) -> bool:
    """Whether the next element beside an element holds words, and nothing that leads on or is to be pressed."""
    after = spans.after[k]
    is_beside = after < len(spans.parents) and spans.parents[after] == spans.parents[k]
    return is_beside and counts.words[after] > 0 and not counts.links[after] and not counts.controls[after]


def _is_called_apart(its: Mapping[str, str], counts: Counts, k: int) -> bool:
    if called := _called(its):
        pressed = counts.links[k] + counts.controls[k] > 0
        return _is_comments(called) or (pressed and counts.sentences[k] < _TOO_MUCH * counts.sentences[0])
    # An id is also what the sections of a document are linked by: "#sharing", "#cookies".
    called = boilerplate_word(its.get("id", ""))
    if called.endswith("footer"):  # a stamp in it is as long as a sentence
        return counts.sentences[k] < _TOO_MUCH * counts.sentences[0]
    return bool(called) and counts.links[k] + counts.controls[k] > 0 and not counts.reads(k)


def _called(its: Mapping[str, str]) -> str:
    """The word in an element's class that sounds apart; empty if none does."""
    return _named(its["class"]) if "class" in its else ""


@lru_cache(maxsize=4096)  # a page has few classes for its many elements
def _named(classes: str) -> str:
    # A variant such as `toc-visible:hidden` or a computed value such as `w-[var(--sidebar)]` names something else.
    return boilerplate_word(" ".join(name for name in classes.split() if not set(name) & set(":[(")))


def _is_comments(called: str) -> bool:
    return called.startswith("comment")


def _text(spans: WordSpans, counts: Counts, shown: Sequence[bool]) -> list[int]:
    """For each element the words of sentences in it that make up the page's text."""
    lines = [words if seen else 0 for words, seen in zip(counts.lines, shown, strict=True)]
    if box := _of_few_lines(spans, counts, shown, lines):
        return subtree_sums(spans, _told_in(spans, counts, shown, box))
    cells = [words if seen else 0 for words, seen in zip(_in_cells(spans, counts), shown, strict=True)]
    if sum(lines) * _TABLES < sum(cells):
        lines = [max(pair) for pair in zip(lines, cells, strict=True)]
    other = _other_pages(spans, counts)
    rest = [0 if teaser else words for words, teaser in zip(lines, other, strict=True)]
    return subtree_sums(spans, rest if sum(rest) >= _TEXT else lines)


def _of_few_lines(spans: WordSpans, counts: Counts, shown: Sequence[bool], lines: Sequence[int]) -> int:
    """The innermost element with the main heading and a line beside it, or the marked one, of a short text.

    A notice and a footer say as much as such a page does, so that most sentences are in none of them. 0 where most are
    in one box, or many are elsewhere.
    """
    heads = [k for k, element in enumerate(spans.elements) if element.tag == "h1" and shown[k] and counts.words[k]]
    mains = [k for k in range(len(lines)) if shown[k] and is_main(spans, k)]
    head = heads[0] if len(heads) == 1 else 0
    boxes = [k for k in (*around(spans, head), *mains) if spans.elements[k].tag not in ("html", "body", "header")]
    told = (k for k in boxes if sum(lines[k : spans.after[k]]))  # a byline under the heading is not yet a text
    named = (k for k in boxes if counts.plain[k] - counts.plain[head] * (head in range(k, spans.after[k])) >= _LINE)
    box = next(told, next(named, 0))
    while spans.parents[box] in boxes and _reads_beside(spans, counts, lines, box):
        box = spans.parents[box]
    inside, whole = sum(lines[box : spans.after[box]]), sum(lines)
    is_short = inside * 2 <= whole < inside + _TEXT or not whole
    return box if box and is_short and not _has_lines_beside(spans, counts, shown, box) else 0


def _reads_beside(spans: WordSpans, counts: Counts, lines: Sequence[int], box: int) -> bool:
    """Whether beside a box stands another with sentences to read: the text under a heading and its summary, say."""
    beside = (k for k in children(spans, spans.parents[box]) if k != box)
    return any(sum(lines[k : spans.after[k]]) and counts.reads(k) for k in beside)


def _has_lines_beside(spans: WordSpans, counts: Counts, shown: Sequence[bool], box: int) -> bool:
    """Whether beside a box a paragraph, a list or a table with a line to read stands, in no box of its own."""
    beside = (k for k in children(spans, spans.parents[box]) if k != box and shown[k])
    lines = (k for k in beside if spans.kinds[k] is ElementKind.CONTENT and spans.elements[k].tag not in HEADINGS)
    return any(counts.plain[k] >= _LINE for k in lines)


def _told_in(spans: WordSpans, counts: Counts, shown: Sequence[bool], box: int) -> list[int]:
    """For each element the words in it alone that a text of few lines in a box is made of."""
    told = [0] * len(shown)
    for k in range(box, spans.after[box]):
        if shown[k] and spans.elements[counts.block[k]].tag not in HEADINGS:
            told[k] = counts.own[k]
    return told


def _in_cells(spans: WordSpans, counts: Counts) -> list[int]:
    """The words of each table's cell that are no links and make no sentence."""
    measured = zip(spans.elements, counts.plain, counts.sentences, strict=True)
    return [plain if element.tag in _CELLS and not sentences else 0 for element, plain, sentences in measured]


def _other_pages(spans: WordSpans, counts: Counts) -> list[bool]:
    """For each element whether it is in a list of other pages: alike siblings, each a linked title and some lines."""
    groups: dict[tuple[int, str, str | None], list[int]] = defaultdict(list)
    for k in _begun_by_a_link(spans, counts):
        groups[spans.parents[k], spans.elements[k].tag, spans.attributes[k].get("class")].append(k)
    teasers = {k for group in groups.values() if len(group) >= _TEASERS for k in group}
    return inherited(spans, (k in teasers for k in range(len(spans.elements))))


def _begun_by_a_link(spans: WordSpans, counts: Counts) -> Iterator[int]:
    """The small elements with a sentence whose first line is nothing but a link."""
    first = {}
    for run in spans.runs:
        k = run.holder
        while k >= 0 and k not in first:
            first[k] = run.holder
            k = spans.parents[k]
    for k, holder in first.items():
        title = counts.block[holder]
        if (
            counts.linked[holder]
            and counts.sentences[k]
            and counts.words[k] <= _TEASER
            and title > k
            and not counts.plain[title]
        ):
            yield k
