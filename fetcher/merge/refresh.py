"""Refreshes a stored body from its page: finds the stored part of the page, converts it, and merges it."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial

from lxml import html as lxml_html

from fetcher.align import hunks
from fetcher.markdown.reading import blocks
from fetcher.merge import pictures
from fetcher.merge.held_back import NOTHING, Past
from fetcher.merge.markup_changes import may_differ
from fetcher.merge.merge import merge
from fetcher.merge.pairing import UNKNOWN, Reproduction, pair, reproduction
from fetcher.merge.place_history import Difference
from fetcher.page.emails import decode_emails
from fetcher.page.hidden_text import Shown, Unseen
from fetcher.page.links import target
from fetcher.page.page import Page, parse
from fetcher.page.word_spans import UNSURE, WordSpans, page_words, word_spans
from fetcher.region.choice import choose_runs, content_runs, is_own
from fetcher.region.cut import wordless_elements
from fetcher.region.to_markdown import as_markdown, targets
from fetcher.sites.trimming import UNTELLABLE
from fetcher.terms.outcomes import HeldBack, Metadata, Noise

_TRIES = 5  # times that the stored part is chosen again, as the merged body may hold more of the page
# Front matter: two or more keys with their values, between lines of hyphens.
_KEYS = re.compile(r"\s*---[ \t]*\n(?:[A-Za-z_][\w.:-]*:(?:[ \t].*)?\n(?:(?:[ \t]+|-[ \t])\S.*\n)*){2,}---[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A refreshed body, which is the stored one to the byte where nothing changed, and what is to be remembered.

    `given` is what the body would be if no person had edited it. `differences` are by place (`place_history`). `about`
    is the page's metadata, where it was asked for. `pictures` are those that the body and the page have in common.
    `is_source`: the page is Markdown, and `given` its own text. `by_data`: the page was made of the data for its
    scripts. `changes` counts the differences that were written. `ignored` and `reproduction` are as in `Merged`.
    """

    body: str
    title: str | None
    words_added: int = 0
    words_removed: int = 0
    held: tuple[HeldBack, ...] = ()
    given: str = ""
    differences: Mapping[str, Difference] = field(default_factory=dict)
    about: Metadata = field(default_factory=dict)
    is_source: bool = False
    pictures: tuple[str, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    by_data: bool = False
    changes: int = 0
    reproduction: Reproduction = UNKNOWN


def refresh(html: str, *, url: str, stored: str, accept: AbstractSet[str] = frozenset()) -> Refreshed:
    """The stored body brought up to date with the page; `accept` names kinds of noise that are not held back."""
    return refresh_page(parse(html, url), stored, accept)


def refresh_page(page: Page, stored: str, accept: AbstractSet[str] = frozenset(), past: Past = NOTHING) -> Refreshed:
    """The stored body brought up to date with a parsed page, which is left as it is; `past` is what is remembered.

    Front matter that an importer wrote into the body is no text of the page, and stays.
    """
    if keys := _KEYS.match(stored):
        past = replace(past, text=past.text[len(known[0]) :] if (known := _KEYS.match(past.text)) else past.text)
        below = refresh_page(page, stored[keys.end() :], accept, past)
        return replace(below, body=f"{keys[0]}{below.body}", given=f"{keys[0]}{below.given}")
    page = decode_emails(page, stored)
    spans = page_words(page.root)
    text = blocks.parse(stored)
    main = content_runs(page, spans)
    unseen = Unseen(page, spans)
    if not text.words:
        filled = _filled(as_markdown(page, spans, main), page.title)
        return replace(filled, pictures=pictures.in_common(blocks.parse(filled.body), page.base, unseen))
    result, keep = Refreshed(stored, page.title, given=past.text or stored), None
    for _ in range(_TRIES):
        chosen = choose_runs(page, spans, main, text)
        if chosen == keep:
            break
        keep = chosen
        kept = spans.only(keep)
        alike = _reads(kept, text) and _leads(spans, text, page.base)
        if alike and not may_differ(spans, keep, text, page.base):
            places = partial(wordless_elements, spans, keep)
            if not pictures.may_differ(text, page.base, unseen, places):
                break
        fresh = as_markdown(page, spans, keep, stored)
        result = _merged(stored, fresh, page, shown=Shown(kept, unseen, keep), accept=accept, past=past)
        if result.body == stored:
            break
        # The new body is part of the evidence for the region, so that the next run finds the same one.
        text = blocks.parse(result.body)
    return replace(result, pictures=pictures.in_common(text, page.base, unseen))


def refresh_by_data(page: Page, stored: str, accept: AbstractSet[str] = frozenset(), past: Past = NOTHING) -> Refreshed:
    """As `refresh_page`, for a page that was made of the data for its scripts.

    How the scripts lay this data out is not known. A body that was made otherwise is therefore only compared with the
    data of the last visit; all that it differs in at the first visit is held back as the importer's.
    """
    if past.by_data and not past.is_own:  # where links and pictures are, data does not always tell
        past = replace(past, ignored=replace(past.ignored, untold=UNTELLABLE))
    if not stored.strip() or past.by_data:
        return replace(refresh_page(page, stored, accept, past), by_data=True)
    own, found = refresh_page(page, ""), refresh_page(page, stored, accept, replace(past, text=""))
    if is_own(blocks.parse(stored), own.body, but=1) or Noise.IMPORTER in accept:
        return replace(found, by_data=True)
    if found.body == stored:
        return replace(found, given=own.given, by_data=True)
    held = (*found.held, *_differing(stored.splitlines(), found.body.splitlines()))
    return Refreshed(stored, page.title, held=held, given=own.given, pictures=found.pictures, by_data=True)


def _differing(old: list[str], new: list[str]) -> Iterator[HeldBack]:
    """The lines in which two texts differ, as differences that the importer explains."""
    for hunk in hunks(old, new):
        one = "\n".join(old[hunk.start_a : hunk.end_a]).strip()
        other = "\n".join(new[hunk.start_b : hunk.end_b]).strip()
        if one or other:
            yield HeldBack(Noise.IMPORTER, one, other)


def refresh_text(
    text: str, *, url: str, stored: str, accept: AbstractSet[str] = frozenset(), past: Past = NOTHING
) -> Refreshed:
    """The stored body brought up to date with an answer that is Markdown or plain text."""
    if not stored.strip():
        return _filled(text, None)
    return _merged(stored, text, Page(lxml_html.Element("html"), url, url, None), shown=None, accept=accept, past=past)


def _reads(kept: WordSpans, text: blocks.Text) -> bool:
    """Whether the page's words are those of the text: the way out that needs no converter, for most visits."""
    if kept.words != text.words:
        return False
    sure = (on_page == stored or on_page & UNSURE for on_page, stored in zip(kept.touch, text.touch, strict=True))
    return all(sure)


def _leads(spans: WordSpans, text: blocks.Text, base: str) -> bool:
    """Whether the page still has every link of the text."""
    stored = targets(text, base)
    return not stored or stored <= {
        target(element.get("href"), base) for element in spans.elements if element.get("href")
    }


def _filled(text: str, title: str | None) -> Refreshed:
    body = text.strip("\n")
    body = f"\n{body}\n" if body else ""
    return Refreshed(body, title, words_added=len(blocks.parse(body).words), given=body)


def _merged(
    stored: str,
    fresh: str,
    page: Page,
    *,
    shown: Shown | None,
    accept: AbstractSet[str],
    past: Past,
) -> Refreshed:
    merged = merge(stored, fresh, base=page.base, page=shown, accept=accept, past=past)
    given = merged.body
    if past.text and past.text != stored:
        given = merge(past.text, fresh, base=page.base, page=shown, accept=accept, past=replace(past, text="")).body
    let_through = [change for change in merged.changes if not change.held]
    return Refreshed(
        merged.body,
        page.title,
        sum(change.words_added for change in let_through),
        sum(change.words_removed for change in let_through),
        tuple(
            HeldBack(change.held, change.removed, change.added, change.place)
            for change in merged.changes
            if change.held
        ),
        given,
        merged.differences,
        ignored=merged.ignored,
        changes=len(let_through),
        reproduction=merged.reproduction,
    )


def reproduced(page: Page, stored: str) -> Reproduction:
    """How well the dialect of a stored body is known, measured on the blocks that it has in common with a page."""
    page = decode_emails(page, stored)
    found, text = word_spans(page.root), blocks.parse(stored)
    fresh = blocks.parse(as_markdown(page, found, choose_runs(page, found, content_runs(page, found), text), stored))
    return reproduction(pair(text.blocks, fresh.blocks), text, fresh)
