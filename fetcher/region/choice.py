"""Which part of a page to compare: the one learned from the stored body, or the main content where that was stored."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, islice

from lxml import html

from fetcher.markdown.reading import blocks
from fetcher.page.links import decode_emails
from fetcher.page.page import Page, missing_titles
from fetcher.page.semantics import ElementKind, inherited, subtree_sums
from fetcher.page.word_spans import WordSpans, word_spans
from fetcher.region.furniture import furniture
from fetcher.region.main_content import main_content
from fetcher.region.region import Region, region
from fetcher.region.to_markdown import as_markdown

_KNOWN = 0.2  # share of the stored words below which the page is taken for a new one at the old address
_RUN = 5  # words of a passage that is none by chance
_PASSAGES = 20  # that the main content lacks, of which one is enough to tell that somebody else chose
_OWN = 0.9  # share of the stored blocks that are to the letter what this program would write


def compared_runs(page: Page, stored: str) -> tuple[WordSpans, list[bool]]:
    """The page's text, and for each run of it whether a body is compared with it, or made of it if none is stored."""
    page = decode_emails(page, stored)
    found, text = word_spans(page.root), blocks.parse(stored)
    main = content_runs(page, found)
    return found, choose_runs(page, found, main, text) if text.words else main


def content_runs(page: Page, spans: WordSpans) -> list[bool]:
    """For each run of `found`, whether it is content.

    Of a page that a user has cut down all is, but for what serves its readers.
    """
    if not page.selected:
        return main_content(spans)
    serving = {*furniture(spans, spans.counts)}
    hidden = inherited(spans, (k in serving or _is_unseen(spans, k) for k in range(len(spans.elements))))
    return [not hidden[run.holder] for run in spans.runs]


def _is_unseen(spans: WordSpans, k: int) -> bool:
    """Whether an element is a button, or a label that only screen readers tell of."""
    is_label = spans.kinds[k] is ElementKind.HIDDEN and not spans.counts.reads(k)
    return spans.elements[k].tag == "button" or is_label


def choose_runs(page: Page, spans: WordSpans, main: list[bool], text: blocks.Text) -> list[bool]:
    """For each run of `found`, whether it is compared with the stored `text`.

    `main` is the page's main content.

    A body that this program filled is the main content, and everything new in there is a change; of a body of
    somebody else's only what stands among stored text is.
    """
    if spans.only(main).words == text.words:  # so it is for most bodies once they are brought up to their page
        return main
    learned = region(spans, text)
    if page.selected:  # the user knows better than the stored text what is to be stored
        return [wanted or known for wanted, known in zip(main, learned.keep, strict=True)]
    return main if learned.share < _KNOWN else _preferred(page, spans, main, learned, text)


def _preferred(page: Page, spans: WordSpans, main: list[bool], learned: Region, text: blocks.Text) -> list[bool]:
    """The main content or the learned region, whichever the stored text was made of."""
    if main == learned.keep:
        return main
    if _loses(spans, main, learned.keep, text):
        return learned.keep
    if _differences(spans, main, text) <= _differences(spans, learned.keep, text):
        return main
    if _is_shortened(page, spans, main, text) and not _replaces(spans, main, learned.keep, text):
        return main
    new = spans.only(wanted and not known for wanted, known in zip(main, learned.keep, strict=True)).words
    known = spans.only(known and not wanted for wanted, known in zip(main, learned.keep, strict=True)).words
    lost = Counter(known) & (Counter(text.words) - Counter(spans.only(main).words))
    if lost or len(new) * 2 > len(text.words) or _lacks_its_title(spans, main, text):
        return learned.keep
    return _without_labels(spans, main, learned) if is_own(text, as_markdown(page, spans, main)) else learned.keep


def _is_shortened(page: Page, spans: WordSpans, main: list[bool], text: blocks.Text) -> bool:
    """Whether the main content is the stored text without some of its blocks, and the others to the letter."""
    if Counter(spans.only(main).words) - Counter(text.words):
        return False
    fresh = blocks.parse(as_markdown(page, spans, main))
    stored = {text.source(block).strip() for block in text.blocks}
    return all(fresh.source(block).strip() in stored for block in fresh.blocks)


def _replaces(spans: WordSpans, main: Sequence[bool], keep: Sequence[bool], text: blocks.Text) -> bool:
    """Whether what `keep` has, and the main content has not, has most words of a block that is stored."""
    extra = _blocks(spans, (known and not wanted for wanted, known in zip(main, keep, strict=True)))
    shown = Counter(_blocks(spans, main).values())
    gone = [Counter(block.words) for block in text.blocks if not shown[_line(block.words)]]
    said = [Counter(line.split()) for line in islice(extra.values(), _PASSAGES)]
    return any((one & other).total() * 2 >= one.total() for one in gone for other in said)


def _loses(spans: WordSpans, main: Sequence[bool], keep: Sequence[bool], text: blocks.Text) -> bool:
    """Whether a block or a passage that is stored, and that `keep` has, is not main content: a title beside it, say.

    The words of a title stand in the text as well, and in menus: whole blocks are compared with whole ones.
    """
    stored, shown = Counter(_line(block.words) for block in text.blocks), _blocks(spans, main)
    lines = Counter(shown.values())
    all_stored, all_shown = _line(text.words), _line(spans.only(main).words)
    lost = _blocks(spans, (known and not wanted for wanted, known in zip(main, keep, strict=True)))
    for block, line in islice(lost.items(), _PASSAGES):
        if line in stored:
            if stored[line] > lines[line]:
                return True
        elif (block in shown or line.count(" ") > _RUN) and all_stored.count(line) > all_shown.count(line):
            return True
    return False


def _blocks(spans: WordSpans, keep: Iterable[bool]) -> dict[int, str]:
    """The words of the wanted runs, by the block that they stand in."""
    words: dict[int, list[str]] = {}
    for run in compress(spans.runs, keep):
        words.setdefault(spans.counts.block[run.holder], []).extend(spans.words[run.start : run.end])
    return {block: _line(inside) for block, inside in words.items()}


def _line(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


def _differences(spans: WordSpans, keep: Sequence[bool], text: blocks.Text) -> int:
    kept, stored = Counter(spans.only(keep).words), Counter(text.words)
    return ((kept - stored) + (stored - kept)).total()


def _without_labels(spans: WordSpans, main: Sequence[bool], learned: Region) -> list[bool]:
    """The main content without what is no news, and without labels of controls beside stored text.

    The text of tabs may be stored without the tabs.
    """
    is_label = inherited(spans, map(_is_label, spans.elements, spans.attributes))
    is_echo = inherited(spans, (k in learned.echoes for k in range(len(spans.elements))))
    held = subtree_sums(spans, _known(spans, learned.keep))

    def is_news(k: int) -> bool:
        return not is_echo[k] and (not is_label[k] or not held[_beside(spans, is_label, k)])

    runs = zip(main, learned.keep, spans.runs, strict=True)
    return [wanted and (known or is_news(run.holder)) for wanted, known, run in runs]


def _is_label(element: html.HtmlElement, its: Mapping[str, str]) -> bool:
    return element.tag == "button" or its.get("role") in ("tab", "tablist")


def _known(spans: WordSpans, keep: Sequence[bool]) -> list[int]:
    """For each element how many of its own runs of text `keep` has."""
    known = [0] * len(spans.elements)
    for run, wanted in zip(spans.runs, keep, strict=True):
        known[run.holder] += wanted
    return known


def _beside(spans: WordSpans, is_label: Sequence[bool], k: int) -> int:
    """The element around a label that holds other text, too."""
    while spans.parents[k] > 0 and is_label[k]:
        k = spans.parents[k]
    return k


def _lacks_its_title(spans: WordSpans, main: Sequence[bool], text: blocks.Text) -> bool:
    """Whether the page's title is main content and the stored text has none: this program stores it."""
    if any(block.kind == "h1" for block in text.blocks):
        return False
    shown = [run.start for run, wanted in zip(spans.runs, main, strict=True) if wanted]
    missing = missing_titles(spans, text.words)
    return any(spans.starts[k] <= start < spans.ends[k] for k in missing for start in shown)


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
