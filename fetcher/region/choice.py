"""Chooses the part of a page that a body is compared with: the region learned from it, or the page's main content.

If this program filled the body, it is the main content, and all that is new there is a change. For another importer's
body only what is new among stored text is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, islice

from lxml import html

from fetcher.markdown.reading import blocks
from fetcher.page.emails import decode_emails
from fetcher.page.page import Page, missing_titles
from fetcher.page.semantics import ElementKind, inherited, subtree_sums
from fetcher.page.word_spans import WordSpans, word_spans
from fetcher.region.main_content import main_content
from fetcher.region.region import Region, region
from fetcher.region.to_markdown import as_markdown

_KNOWN = 0.2  # with a smaller share of the stored words, it is a new page at the old URL
_RUN = 5  # words of a passage that is not shared by chance
_PASSAGES = 20  # passages to check; one that the main content lacks shows that another importer chose
_OWN = 0.9  # share of the stored blocks that are exactly as this program writes them


def compared_runs(page: Page, stored: str) -> tuple[WordSpans, list[bool]]:
    """The page's words, and for each text run whether the body is compared with it (or made of it, if empty)."""
    page = decode_emails(page, stored)
    found, text = word_spans(page.root), blocks.parse(stored)
    main = content_runs(page, found)
    return found, choose_runs(page, found, main, text) if text.words else main


def content_runs(page: Page, spans: WordSpans) -> list[bool]:
    """For each text run whether it is main content.

    If a user's rules selected the page's content, all of it is, except page furniture.
    """
    if not page.selected:
        return main_content(spans)
    hidden = inherited(spans, (k in spans.furniture or _is_unseen(spans, k) for k in range(len(spans.elements))))
    return [not hidden[run.holder] for run in spans.runs]


def _is_unseen(spans: WordSpans, k: int) -> bool:
    """Whether an element is a button, or a label for screen readers only."""
    is_label = spans.kinds[k] is ElementKind.HIDDEN and not spans.counts.reads(k)
    return spans.elements[k].tag == "button" or is_label


def choose_runs(page: Page, spans: WordSpans, main: list[bool], text: blocks.Text) -> list[bool]:
    """For each text run whether it is compared with the stored `text`; `main` tells which are main content."""
    if spans.only(main).words == text.words:  # the usual case after a refresh
        return main
    learned = region(spans, text)
    if page.selected:  # the user's rules count more than the stored text
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
    """Whether the main content is exactly the stored text without some of its blocks."""
    if Counter(spans.only(main).words) - Counter(text.words):
        return False
    fresh = blocks.parse(as_markdown(page, spans, main))
    stored = {text.source(block).strip() for block in text.blocks}
    return all(fresh.source(block).strip() in stored for block in fresh.blocks)


def _replaces(spans: WordSpans, main: Sequence[bool], keep: Sequence[bool], text: blocks.Text) -> bool:
    """Whether text that only `keep` has contains half of the words of a stored block that the main content lacks."""
    extra = _blocks(spans, (known and not wanted for wanted, known in zip(main, keep, strict=True)))
    shown = Counter(_blocks(spans, main).values())
    gone = [Counter(block.words) for block in text.blocks if not shown[_line(block.words)]]
    said = [Counter(line.split()) for line in islice(extra.values(), _PASSAGES)]
    return any((one & other).total() * 2 >= one.total() for one in gone for other in said)


def _loses(spans: WordSpans, main: Sequence[bool], keep: Sequence[bool], text: blocks.Text) -> bool:
    """Whether a stored block or passage is in `keep` but not in the main content, such as a title beside it.

    Whole blocks are compared: the words of a title are in the text and in menus as well.
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
    """The words of the wanted runs, by the block that they are in."""
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
    """The main content without ignorable elements, and without labels of controls beside stored text.

    The text of tabs may be stored without the labels of the tabs.
    """
    is_label = inherited(spans, map(_is_label, spans.elements, spans.attributes))
    is_ignorable = inherited(spans, (k in learned.ignorable for k in range(len(spans.elements))))
    held = subtree_sums(spans, _known(spans, learned.keep))

    def is_news(k: int) -> bool:
        return not is_ignorable[k] and (not is_label[k] or not held[_beside(spans, is_label, k)])

    runs = zip(main, learned.keep, spans.runs, strict=True)
    return [wanted and (known or is_news(run.holder)) for wanted, known, run in runs]


def _is_label(element: html.HtmlElement, its: Mapping[str, str]) -> bool:
    return element.tag == "button" or its.get("role") in ("tab", "tablist")


def _known(spans: WordSpans, keep: Sequence[bool]) -> list[int]:
    """For each element how many of its own text runs `keep` has."""
    known = [0] * len(spans.elements)
    for run, wanted in zip(spans.runs, keep, strict=True):
        known[run.holder] += wanted
    return known


def _beside(spans: WordSpans, is_label: Sequence[bool], k: int) -> int:
    """The innermost ancestor of a label that is not a label itself."""
    while spans.parents[k] > 0 and is_label[k]:
        k = spans.parents[k]
    return k


def _lacks_its_title(spans: WordSpans, main: Sequence[bool], text: blocks.Text) -> bool:
    """Whether the page's title is in the main content but not stored: this program would have stored it."""
    if any(block.kind == "h1" for block in text.blocks):
        return False
    shown = [run.start for run, wanted in zip(spans.runs, main, strict=True) if wanted]
    missing = missing_titles(spans, text.words)
    return any(spans.starts[k] <= start < spans.ends[k] for k in missing for start in shown)


def is_own(text: blocks.Text, written: str, but: int = 0) -> bool:
    """Whether a body is, block for block, as written here, except for `but` blocks."""
    own = _own(text, written)
    return sum(own) > but and sum(own) + but >= _OWN * len(own)


def own_share(text: blocks.Text, written: str) -> float:
    """The share of a body's blocks that are exactly as written here."""
    own = _own(text, written)
    return sum(own) / max(1, len(own))


def _own(text: blocks.Text, written: str) -> list[bool]:
    fresh = blocks.parse(written)
    sources = {fresh.source(block).strip() for block in fresh.blocks}
    return [text.source(block).strip() in sources for block in text.blocks if block.words]
