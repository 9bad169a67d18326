"""The main content of a page whose seed has no body yet: the text, its title, and what stands between the two.

Labels are believed as far as they leave a text: whoever writes `nav` or `role="dialog"` means it, whoever writes
`class="toc-visible"` may mean something else, and a page that is one form, or hidden until a script shows it, still
has its text. So what looks apart is left out first, and the text is where most of the sentences left are.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import compress
from operator import not_

from fetcher.page.semantics import (
    HEADINGS,
    Look,
    Prose,
    apart_by_kind,
    inherited,
    is_choice,
    is_unquoted,
    sounds_apart,
    summed,
)
from fetcher.page.word_spans import Flow
from fetcher.region.extent import Reading, around, children, extent, is_main, is_marked
from fetcher.region.furniture import furniture

_SUSPECT = (Look.APART, Look.HIDDEN)
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


def main_content(found: Flow) -> list[bool]:
    """For each run of `found`: whether it is main content."""
    prose = found.prose
    shown = _shown(found, prose)
    kept = extent(Reading(found, prose, shown, _text(found, prose, shown)))
    return [kept[run.holder] for run in found.runs]


def _shown(found: Flow, prose: Prose) -> list[bool]:
    """For each element whether neither it nor one around it is left out for its looks."""
    left_out, is_comment = [False] * len(found.looks), [False] * len(found.looks)
    opened = _opened(found)
    for k, (element, its, here) in enumerate(zip(found.elements, found.attributes, found.looks, strict=True)):
        # Neither tag nor class nor id of any other says that it is apart.
        if here in _SUSPECT or "role" in its or element.tag == "title":
            left_out[k] = bool(prose.words[k]) and _is_left_out(found, prose, k, opened)
            is_comment[k] = here is Look.APART and _is_comments(_called(its))
    for k in furniture(found, prose):
        left_out[k] = True
    hidden, comments = inherited(found, left_out), inherited(found, is_comment)
    whole = _plain(prose, comments)
    for _ in range(_TRIES):
        if _plain(prose, hidden) >= _LEFT * (whole if whole >= _TEXT else prose.plain[0]):
            break
        left_out[_let_in(found, prose, left_out, hidden)] = False
        hidden = inherited(found, left_out)
    return _closed(found, [not out for out in hidden])


def _closed(found: Flow, shown: list[bool]) -> list[bool]:
    """The elements that are shown, without what folds if nothing is left in it but what opens it."""
    folds = [k for k, element in enumerate(found.elements) if element.tag == "summary" and found.parents[k] >= 0]
    if folds:
        left = [0] * len(shown)
        for run in found.runs:
            left[run.holder] += shown[run.holder]
        left = summed(found, left)
    for k in folds:
        box = found.parents[k]
        if found.ends[box] > found.ends[k] and left[box] == left[k]:
            shown[k : found.after[k]] = [False] * (found.after[k] - k)
    return shown


def _let_in(found: Flow, prose: Prose, left_out: Sequence[bool], hidden: Sequence[bool]) -> int:
    """The element to let in again, of the outermost that are left out."""
    # The app behind an open dialog is hidden: what holds the marked text is rather meant than the dialog.
    marked = {up for k in range(len(left_out)) if is_marked(found, k) for up in (k, *around(found, k))}
    outermost = (k for k, out in enumerate(left_out) if out and not hidden[found.parents[k]])
    return max(outermost, key=lambda k: (k in marked, prose.sentences[k]))


def _plain(prose: Prose, without: Sequence[bool]) -> int:
    """The words outside of links and of the elements to do without."""
    return sum(compress(prose.own, map(not_, without)))


def _opened(found: Flow) -> set[str]:
    """The ids of what a button on the page opens and closes."""
    return {name for its in found.attributes if "aria-expanded" in its for name in its.get("aria-controls", "").split()}


def _is_left_out(found: Flow, prose: Prose, k: int, opened: set[str]) -> bool:
    element, its, here = found.elements[k], found.attributes[k], found.looks[k]
    if element.tag in _PAGE:
        return False
    if element.tag == "button" or its.get("role") == "button":
        return not _opens_a_section(found, prose, k)
    if element.tag == "title" or is_choice(its):
        return True
    if here is Look.HIDDEN:
        return not _is_folded(found, prose, k, opened)
    if here is not Look.APART:
        return False
    is_aside = is_unquoted(its) and not prose.sentences[k]
    return is_aside or apart_by_kind(element, its) or _is_called_apart(its, prose, k)


def _is_folded(found: Flow, prose: Prose, k: int, opened: set[str]) -> bool:
    """Whether what is hidden is text that opens on a click, and no label for screen readers."""
    if prose.formulas[k]:  # shown as an image beside it
        return True
    if prose.reads(k) or (found.attributes[k].get("id") in opened and not prose.controls[k] and not prose.is_menu(k)):
        return True
    return prose.sentences[k] >= _TOO_MUCH * prose.sentences[0]


def _opens_a_section(found: Flow, prose: Prose, k: int) -> bool:
    """Whether a button is the heading of what it opens."""
    parent = found.parents[k]
    if prose.headings[k] or (found.elements[parent].tag in HEADINGS and prose.words[k] == prose.words[parent]):
        return True
    its = found.attributes[k]
    if its.get("role") == "tab":
        return True
    return "aria-expanded" in its and (bool(its.get("aria-controls")) or _is_before_text(found, prose, k))


def _is_before_text(found: Flow, prose: Prose, k: int) -> bool:
    """Whether the next element beside an element holds words, and nothing that leads on or is to be pressed."""
    after = found.after[k]
    is_beside = after < len(found.parents) and found.parents[after] == found.parents[k]
    return is_beside and prose.words[after] > 0 and not prose.links[after] and not prose.controls[after]


def _is_called_apart(its: Mapping[str, str], prose: Prose, k: int) -> bool:
    if called := _called(its):
        pressed = prose.links[k] + prose.controls[k] > 0
        return _is_comments(called) or (pressed and prose.sentences[k] < _TOO_MUCH * prose.sentences[0])
    # An id is also what the sections of a document are linked by: "#sharing", "#cookies".
    called = sounds_apart(its.get("id", ""))
    if called.endswith("footer"):  # a stamp in it is as long as a sentence
        return prose.sentences[k] < _TOO_MUCH * prose.sentences[0]
    return bool(called) and prose.links[k] + prose.controls[k] > 0 and not prose.reads(k)


def _called(its: Mapping[str, str]) -> str:
    """The word in an element's class that sounds apart; empty if none does."""
    return _named(its["class"]) if "class" in its else ""


@lru_cache(maxsize=4096)  # a page has few classes for its many elements
def _named(classes: str) -> str:
    # A variant such as `toc-visible:hidden` or a computed value such as `w-[var(--sidebar)]` names something else.
    return sounds_apart(" ".join(name for name in classes.split() if not set(name) & set(":[(")))


def _is_comments(called: str) -> bool:
    return called.startswith("comment")


def _text(found: Flow, prose: Prose, shown: Sequence[bool]) -> list[int]:
    """For each element the words of sentences in it that make up the page's text."""
    lines = [words if seen else 0 for words, seen in zip(prose.lines, shown, strict=True)]
    if box := _of_few_lines(found, prose, shown, lines):
        return summed(found, _told_in(found, prose, shown, box))
    cells = [words if seen else 0 for words, seen in zip(_in_cells(found, prose), shown, strict=True)]
    if sum(lines) * _TABLES < sum(cells):
        lines = [max(pair) for pair in zip(lines, cells, strict=True)]
    other = _other_pages(found, prose)
    rest = [0 if teaser else words for words, teaser in zip(lines, other, strict=True)]
    return summed(found, rest if sum(rest) >= _TEXT else lines)


def _of_few_lines(found: Flow, prose: Prose, shown: Sequence[bool], lines: Sequence[int]) -> int:
    """The innermost element with the main heading and a line beside it, or the marked one, of a short text.

    A notice and a footer say as much as such a page does, so that most sentences are in none of them. 0 where most are
    in one box, or many are elsewhere.
    """
    heads = [k for k, element in enumerate(found.elements) if element.tag == "h1" and shown[k] and prose.words[k]]
    mains = [k for k in range(len(lines)) if shown[k] and is_main(found, k)]
    head = heads[0] if len(heads) == 1 else 0
    boxes = [k for k in (*around(found, head), *mains) if found.elements[k].tag not in ("html", "body", "header")]
    told = (k for k in boxes if sum(lines[k : found.after[k]]))  # a byline under the heading is not yet a text
    named = (k for k in boxes if prose.plain[k] - prose.plain[head] * (head in range(k, found.after[k])) >= _LINE)
    box = next(told, next(named, 0))
    while found.parents[box] in boxes and _reads_beside(found, prose, lines, box):
        box = found.parents[box]
    inside, whole = sum(lines[box : found.after[box]]), sum(lines)
    is_short = inside * 2 <= whole < inside + _TEXT or not whole
    return box if box and is_short and not _has_lines_beside(found, prose, shown, box) else 0


def _reads_beside(found: Flow, prose: Prose, lines: Sequence[int], box: int) -> bool:
    """Whether beside a box stands another with sentences to read: the text under a heading and its summary, say."""
    beside = (k for k in children(found, found.parents[box]) if k != box)
    return any(sum(lines[k : found.after[k]]) and prose.reads(k) for k in beside)


def _has_lines_beside(found: Flow, prose: Prose, shown: Sequence[bool], box: int) -> bool:
    """Whether beside a box a paragraph, a list or a table with a line to read stands, in no box of its own."""
    beside = (k for k in children(found, found.parents[box]) if k != box and shown[k])
    lines = (k for k in beside if found.looks[k] is Look.CONTENT and found.elements[k].tag not in HEADINGS)
    return any(prose.plain[k] >= _LINE for k in lines)


def _told_in(found: Flow, prose: Prose, shown: Sequence[bool], box: int) -> list[int]:
    """For each element the words in it alone that a text of few lines in a box is made of."""
    told = [0] * len(shown)
    for k in range(box, found.after[box]):
        if shown[k] and found.elements[prose.block[k]].tag not in HEADINGS:
            told[k] = prose.own[k]
    return told


def _in_cells(found: Flow, prose: Prose) -> list[int]:
    """The words of each table's cell that are no links and make no sentence."""
    measured = zip(found.elements, prose.plain, prose.sentences, strict=True)
    return [plain if element.tag in _CELLS and not sentences else 0 for element, plain, sentences in measured]


def _other_pages(found: Flow, prose: Prose) -> list[bool]:
    """For each element whether it is in a list of other pages: alike siblings, each a linked title and some lines."""
    groups: dict[tuple[int, str, str | None], list[int]] = defaultdict(list)
    for k in _begun_by_a_link(found, prose):
        groups[found.parents[k], found.elements[k].tag, found.attributes[k].get("class")].append(k)
    teasers = {k for group in groups.values() if len(group) >= _TEASERS for k in group}
    return inherited(found, (k in teasers for k in range(len(found.elements))))


def _begun_by_a_link(found: Flow, prose: Prose) -> Iterator[int]:
    """The small elements with a sentence whose first line is nothing but a link."""
    first = {}
    for run in found.runs:
        k = run.holder
        while k >= 0 and k not in first:
            first[k] = run.holder
            k = found.parents[k]
    for k, holder in first.items():
        title = prose.block[holder]
        if (
            prose.linked[holder]
            and prose.sentences[k]
            and prose.words[k] <= _TEASER
            and title > k
            and not prose.plain[title]
        ):
            yield k
