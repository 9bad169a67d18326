"""Which part of a page to compare: the one learned from the stored body, or the main content where that was stored."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, islice

from lxml import html

from fetcher.markdown.reading import blocks
from fetcher.page.links import revealed
from fetcher.page.page import Page, missing_titles
from fetcher.page.semantics import Look, inherited, summed
from fetcher.page.word_spans import Flow, flow
from fetcher.region.furniture import furniture
from fetcher.region.main_content import main_content
from fetcher.region.region import Region, region
from fetcher.region.to_markdown import written

_KNOWN = 0.2  # share of the stored words below which the page is taken for a new one at the old address
_RUN = 5  # words of a passage that is none by chance
_PASSAGES = 20  # that the main content lacks, of which one is enough to tell that somebody else chose
_OWN = 0.9  # share of the stored blocks that are to the letter what this program would write


def compared(page: Page, stored: str) -> tuple[Flow, list[bool]]:
    """The page's text, and for each run of it whether a body is compared with it, or made of it if none is stored."""
    page = revealed(page, stored)
    found, text = flow(page.root), blocks.parse(stored)
    main = content(page, found)
    return found, choose(page, found, main, text) if text.words else main


def content(page: Page, found: Flow) -> list[bool]:
    """For each run of `found`, whether it is content.

    Of a page that a user has cut down all is, but for what serves its readers.
    """
    if not page.selected:
        return main_content(found)
    serving = {*furniture(found, found.prose)}
    hidden = inherited(found, (k in serving or _is_unseen(found, k) for k in range(len(found.elements))))
    return [not hidden[run.holder] for run in found.runs]


def _is_unseen(found: Flow, k: int) -> bool:
    """Whether an element is a button, or a label that only screen readers tell of."""
    is_label = found.looks[k] is Look.HIDDEN and not found.prose.reads(k)
    return found.elements[k].tag == "button" or is_label


def choose(page: Page, found: Flow, main: list[bool], text: blocks.Text) -> list[bool]:
    """For each run of `found`, whether it is compared with the stored `text`.

    `main` is the page's main content.

    A body that this program filled is the main content, and everything new in there is a change; of a body of
    somebody else's only what stands among stored text is.
    """
    if found.chosen(main).words == text.words:  # so it is for most bodies once they are brought up to their page
        return main
    learned = region(found, text)
    if page.selected:  # the user knows better than the stored text what is to be stored
        return [wanted or known for wanted, known in zip(main, learned.keep, strict=True)]
    return main if learned.share < _KNOWN else _preferred(page, found, main, learned, text)


def _preferred(page: Page, found: Flow, main: list[bool], learned: Region, text: blocks.Text) -> list[bool]:
    """The main content or the learned region, whichever the stored text was made of."""
    if main == learned.keep:
        return main
    if _loses(found, main, learned.keep, text):
        return learned.keep
    if _differences(found, main, text) <= _differences(found, learned.keep, text):
        return main
    if _is_shortened(page, found, main, text) and not _replaces(found, main, learned.keep, text):
        return main
    new = found.chosen(wanted and not known for wanted, known in zip(main, learned.keep, strict=True)).words
    known = found.chosen(known and not wanted for wanted, known in zip(main, learned.keep, strict=True)).words
    lost = Counter(known) & (Counter(text.words) - Counter(found.chosen(main).words))
    if lost or len(new) * 2 > len(text.words) or _lacks_its_title(found, main, text):
        return learned.keep
    return _without_labels(found, main, learned) if is_own(text, written(page, found, main)) else learned.keep


def _is_shortened(page: Page, found: Flow, main: list[bool], text: blocks.Text) -> bool:
    """Whether the main content is the stored text without some of its blocks, and the others to the letter."""
    if Counter(found.chosen(main).words) - Counter(text.words):
        return False
    fresh = blocks.parse(written(page, found, main))
    stored = {text.source(block).strip() for block in text.blocks}
    return all(fresh.source(block).strip() in stored for block in fresh.blocks)


def _replaces(found: Flow, main: Sequence[bool], keep: Sequence[bool], text: blocks.Text) -> bool:
    """Whether what `keep` has, and the main content has not, has most words of a block that is stored."""
    extra = _blocks(found, (known and not wanted for wanted, known in zip(main, keep, strict=True)))
    shown = Counter(_blocks(found, main).values())
    gone = [Counter(block.words) for block in text.blocks if not shown[_line(block.words)]]
    said = [Counter(line.split()) for line in islice(extra.values(), _PASSAGES)]
    return any((one & other).total() * 2 >= one.total() for one in gone for other in said)


def _loses(found: Flow, main: Sequence[bool], keep: Sequence[bool], text: blocks.Text) -> bool:
    """Whether a block or a passage that is stored, and that `keep` has, is not main content: a title beside it, say.

    The words of a title stand in the text as well, and in menus: whole blocks are compared with whole ones.
    """
    stored, shown = Counter(_line(block.words) for block in text.blocks), _blocks(found, main)
    lines = Counter(shown.values())
    all_stored, all_shown = _line(text.words), _line(found.chosen(main).words)
    lost = _blocks(found, (known and not wanted for wanted, known in zip(main, keep, strict=True)))
    for block, line in islice(lost.items(), _PASSAGES):
        if line in stored:
            if stored[line] > lines[line]:
                return True
        elif (block in shown or line.count(" ") > _RUN) and all_stored.count(line) > all_shown.count(line):
            return True
    return False


def _blocks(found: Flow, keep: Iterable[bool]) -> dict[int, str]:
    """The words of the wanted runs, by the block that they stand in."""
    words: dict[int, list[str]] = {}
    for run in compress(found.runs, keep):
        words.setdefault(found.prose.block[run.holder], []).extend(found.words[run.start : run.end])
    return {block: _line(inside) for block, inside in words.items()}


def _line(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


def _differences(found: Flow, keep: Sequence[bool], text: blocks.Text) -> int:
    kept, stored = Counter(found.chosen(keep).words), Counter(text.words)
    return ((kept - stored) + (stored - kept)).total()


def _without_labels(found: Flow, main: Sequence[bool], learned: Region) -> list[bool]:
    """The main content without what is no news, and without labels of controls beside stored text.

    The text of tabs may be stored without the tabs.
    """
    is_label = inherited(found, map(_is_label, found.elements, found.attributes))
    is_echo = inherited(found, (k in learned.echoes for k in range(len(found.elements))))
    held = summed(found, _known(found, learned.keep))

    def is_news(k: int) -> bool:
        return not is_echo[k] and (not is_label[k] or not held[_beside(found, is_label, k)])

    runs = zip(main, learned.keep, found.runs, strict=True)
    return [wanted and (known or is_news(run.holder)) for wanted, known, run in runs]


def _is_label(element: html.HtmlElement, its: Mapping[str, str]) -> bool:
    return element.tag == "button" or its.get("role") in ("tab", "tablist")


def _known(found: Flow, keep: Sequence[bool]) -> list[int]:
    """For each element how many of its own runs of text `keep` has."""
    known = [0] * len(found.elements)
    for run, wanted in zip(found.runs, keep, strict=True):
        known[run.holder] += wanted
    return known


def _beside(found: Flow, is_label: Sequence[bool], k: int) -> int:
    """The element around a label that holds other text, too."""
    while found.parents[k] > 0 and is_label[k]:
        k = found.parents[k]
    return k


def _lacks_its_title(found: Flow, main: Sequence[bool], text: blocks.Text) -> bool:
    """Whether the page's title is main content and the stored text has none: this program stores it."""
    if any(block.kind == "h1" for block in text.blocks):
        return False
    shown = [run.start for run, wanted in zip(found.runs, main, strict=True) if wanted]
    missing = missing_titles(found, text.words)
    return any(found.starts[k] <= start < found.ends[k] for k in missing for start in shown)


def is_own(text: blocks.Text, written: str, but: int = 0) -> bool:
    """Whether a text is, block for block, what was written here; so many blocks besides may be others."""
    own = _own(text, written)
    return sum(own) > but and sum(own) + but >= _OWN * len(own)


def own_share(text: blocks.Text, written: str) -> float:
    """The share of the blocks of a text that are what was written here."""
    own = _own(text, written)
    return sum(own) / max(1, len(own))


def _own(text: blocks.Text, written: str) -> list[bool]:
    fresh = blocks.parse(written)
    sources = {fresh.source(block).strip() for block in fresh.blocks}
    return [text.source(block).strip() in sources for block in text.blocks if block.words]
