"""Decides which differences are held back as noise, and defines what a merge is given and returns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fetcher.markdown.reading.wording import Edit, Wording, wording
from fetcher.merge.churn import ChangedLists, Side, churn
from fetcher.merge.pairing import UNKNOWN, Hunk, Reproduction
from fetcher.merge.place_history import Difference, Place, is_churn, key
from fetcher.merge.times import is_date, is_stamp, is_time
from fetcher.page.links import current_targets
from fetcher.page.semantics import HEADINGS
from fetcher.sites.trimming import NOTHING_IGNORED, ChangedWords, Ignored
from fetcher.terms.outcomes import HeldBack, Noise

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from fetcher.markdown.reading.blocks import Block, Text

_AROUND = 12  # words on each side of an edit by which noise is recognised


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered of a page: the text that it last gave, and what stood at the places that changed.

    `refused` are the conflicts in which the stored text stayed (`threeway.conflict`). `is_source`: the text is that of
    a Markdown answer itself. `accepted` are held-back differences that are to be written (`Held.id`). `is_own`: the
    text was filled in by this program, so that no importer explains how it differs from the page. `pictures` are
    those that the body and the page had in common (`picture_blocks.keys`). `ignored` is what a user wants none of.
    `by_data`: the page was made of the data for its scripts then, too.
    """

    text: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    refused: Collection[str] = ()
    is_source: bool = False
    accepted: Collection[str] = ()
    is_own: bool = False
    pictures: Collection[str] = ()
    ignored: Ignored = NOTHING_IGNORED
    by_data: bool = False


NOTHING = Past()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: the texts that go and come, how many words they have, and, where it is held back, why."""

    removed: str
    added: str
    words_removed: int = 0
    words_added: int = 0
    held: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged body, every difference that was found, and what is to be remembered of them, by place.

    `ignored` counts by rule what a user's rules ignored. `reproduction` is known where the body changes.
    """

    body: str
    changes: list[Change] = field(default_factory=list)
    differences: Mapping[str, Difference] = field(default_factory=dict)
    ignored: Mapping[str, int] = field(default_factory=dict)
    reproduction: Reproduction = UNKNOWN

    def followed_by(self, again: Merged) -> Merged:
        """This merge, with the body and the written changes of a merge of its body."""
        changes = [*self.changes, *(change for change in again.changes if not change.held)]
        return replace(self, body=again.body, changes=changes)


class HoldBackRules:
    """Finds the reasons to hold differences of two texts back.

    `accept` names kinds of noise that are written all the same. `past` has what changed before, and what a person has
    accepted. `used` counts by rule what a user's rules ignored.
    """

    def __init__(
        self,
        stored: Text,
        fresh: Text,
        hunks: Sequence[Hunk],
        base: str,
        accept: AbstractSet[str],
        past: Past,
    ) -> None:
        self._stored, self._fresh, self._base = stored, fresh, base
        self._places, self._accept, self._accepted = past.places, accept, past.accepted
        self.lists = ChangedLists(stored, fresh, hunks, past.places)
        self._text_start, self._text_end = edges(stored.blocks)
        self._ignored = NOTHING_IGNORED if Noise.RULE in accept else past.ignored
        self.used: Counter[str] = Counter()

    def for_edits(self, hunk: Hunk, old: Sequence[Block], one: Wording, other: Wording, found: list[Edit]) -> list[str]:
        """For each edit of a hunk the reason to hold it back; empty where there is none."""
        reasons = self._for_edits(hunk, old, one, other, found)
        if not self._ignored:
            return reasons
        return [why or self._by_rule(one, other, edit) for why, edit in zip(reasons, found, strict=True)]

    def _for_edits(
        self, hunk: Hunk, old: Sequence[Block], one: Wording, other: Wording, found: list[Edit]
    ) -> list[str]:
        if edge := self.at_edge(hunk):
            return [edge] * len(found)
        if not found or any(block.kind == "pre" for block in old):  # in code every character counts
            return [""] * len(found)
        if is_time(one.text(), other.text()) or is_stamp(one.text(), other.text()):
            return [self._unless_accepted(Noise.TIME)] * len(found)
        reasons = (
            (
                not _is_code(one, other, edit)
                and churn(_side(one, edit.start_a, edit.end_a), _side(other, edit.start_b, edit.end_b))
            )
            or self._rotates(hunk, edit.added(other), edit)
            for edit in found
        )
        return [self._unless_accepted(reason) for reason in reasons]

    def for_replacement(self, hunk: Hunk, one: Wording, other: Wording) -> str:
        """The reason to hold back blocks that replace others, come or go; empty where there is none."""
        removed, added = one.text(), other.text()
        churns = churn(Side(removed), Side(added))
        churns = "" if churns == Noise.TIME and self._is_of_dates(hunk) else churns
        held = self.at_edge(hunk) or self._unless_accepted(churns or self._rotates(hunk, added))
        if not held and self._ignored:
            held = self._by_rule(one, other, Edit(0, len(one.words), 0, len(other.words)))
        return self.judged(hunk, removed, added, held)

    def for_paragraph(self, hunk: Hunk, block: Block) -> str:
        """The reason to hold back a new paragraph beside others: it only says how long ago, or how often."""
        added = wording([block]).text()
        if block.kind != "p" or block.boxes or is_date(added):
            return ""
        why = churn(Side(""), Side(added))
        return "" if why == Noise.LETTERS else self.judged(hunk, "", added, self._unless_accepted(why))

    def for_markup(self, hunk: Hunk, kind: str) -> str:
        """The reason to hold back a change of `links`, `markup` or `images` (`kind`); empty where there is none."""
        if held := self.at_edge(hunk):
            return held
        if kind in self._ignored.untold:
            return self._unless_accepted(Noise.IMPORTER)
        if kind not in self._ignored.kinds:
            return ""
        self.used[kind] += 1
        return Noise.RULE

    def _by_rule(self, one: Wording, other: Wording, edit: Edit) -> str:
        """The reason to hold back an edit that a user's rule ignores; empty for others."""
        old = ChangedWords(one.words, one.touch, edit.start_a, edit.end_a)
        why = self._ignored.why(old, ChangedWords(other.words, other.touch, edit.start_b, edit.end_b))
        if why:
            self.used[why] += 1
        return Noise.RULE if why else ""

    def at_edge(self, hunk: Hunk) -> str:
        """The reason to hold back furniture before or after the text; empty for all else."""
        before_text = 0 < self._text_start >= hunk.end_a
        after_text = len(self._stored.blocks) > self._text_end <= hunk.start_a
        at_edge = (before_text or after_text) and not self._adds_text(hunk)
        is_held = at_edge and not self._renames(hunk)
        return self._unless_accepted(Noise.EDGES) if is_held else ""

    def _renames(self, hunk: Hunk) -> bool:
        """Whether links that stay, or a heading above blocks that stay, have a new text."""
        old, new = hunk.old(self._stored.blocks), hunk.new(self._fresh.blocks)
        if [block.kind in HEADINGS for block in (*old, *new)] != [True, True]:
            return hunk.linked and renames(old, new, self._base)
        below, shown = self._stored.blocks[hunk.end_a :][:1], self._fresh.blocks[hunk.end_b :][:1]
        return bool(below) and wording(below).plain == wording(shown).plain

    def judged(self, hunk: Hunk, removed: str, added: str, reason: str, edit: Edit | None = None) -> str:
        """The given reason to hold a difference back; empty where a person has accepted the difference."""
        if not reason or not self._accepted:
            return reason
        return "" if HeldBack(reason, removed, added, self.place(hunk, edit)).id in self._accepted else reason

    def place(self, hunk: Hunk, edit: Edit | None) -> str:
        """The name of the place of a hunk, or of an edit in it, made of the stored words around it."""
        start, end = hunk.start_a, hunk.end_a
        inner = wording(self._stored.blocks[start:end]).words if edit else []
        before = wording(self._stored.blocks[max(0, start - 2) : start]).words + inner[: edit.start_a if edit else 0]
        after = inner[edit.end_a if edit else 0 :] + wording(self._stored.blocks[end : end + 2]).words
        return key(before, after)

    def _adds_text(self, hunk: Hunk) -> bool:
        """Whether a hunk only adds blocks, and not all of these are furniture: the text may go on at its end."""
        new = range(hunk.start_b, hunk.end_b)
        return hunk.only_adds and not all(is_furniture(self._fresh.blocks, k, teasers=True) for k in new)

    def _unless_accepted(self, reason: str) -> str:
        return "" if reason in self._accept else reason

    def _is_of_dates(self, hunk: Hunk) -> bool:
        """Whether items come or go beside stored items that are dates, too, so that the list is one of dates."""
        blocks = self._stored.blocks
        own = hunk.old(blocks) or hunk.new(self._fresh.blocks)
        beside = [blocks[at] for at in (hunk.start_a - 1, hunk.end_a) if 0 <= at < len(blocks)]
        boxes = {block.boxes for block in own if block.boxes}
        return any(block.boxes in boxes and is_date(wording([block]).text()) for block in beside)

    def _rotates(self, hunk: Hunk, added: str, edit: Edit | None = None) -> str:
        if not self._places:
            return ""
        known = self.lists.rotates(hunk) or is_churn(self._places.get(self.place(hunk, edit)), added)
        return Noise.CHURN if known else ""


def _is_code(one: Wording, other: Wording, edit: Edit) -> bool:
    """Whether an edit changes code, and not only the quotes that a dialect puts around code."""
    words = one.words[edit.start_a : edit.end_a] + other.words[edit.start_b : edit.end_b]
    is_code = any(one.code[edit.start_a : edit.end_a]) or any(other.code[edit.start_b : edit.end_b])
    return is_code and not {"'"}.issuperset(words)


def _side(wording: Wording, start: int, end: int) -> Side:
    """One side of an edit, with the words around it."""
    before, after = max(0, start - _AROUND), end + _AROUND
    return Side(wording.text(start, end), wording.text(before, start), wording.text(end, after))


_LABEL = 8  # words at most of a label, a button, a language
_TITLE = 15  # words at most of another page's title
_TEASER = 60  # words at most of a teaser above the link to another page
_ENDS = (".", "。", "．", "।", "۔")  # of sentences; titles may end with `?` and `!`


def edges(blocks: Sequence[Block]) -> tuple[int, int]:
    """Where the text begins and ends: blocks before the first index, and from the second on, are furniture.

    Furniture is a run of labels, links and titles of other pages with two links or more, and never more than two fifths
    of the words.
    """
    start = 0
    while start < len(blocks) and blocks[start].kind != "h1" and is_furniture(blocks, start, teasers=False):
        start += 1
    end = len(blocks)
    while end > start and blocks[end - 1].kind != "h1" and is_furniture(blocks, end - 1, teasers=True):
        end -= 1
    total = sum(len(block.words) for block in blocks)
    if not _furnished(blocks[:start], total):
        start = 0
    if not _furnished(blocks[end:], total):
        end = len(blocks)
    return start, end


def renames(old: Sequence[Block], new: Sequence[Block], base: str) -> bool:
    """Whether links have new texts and their old targets; in a rotating list the targets are new, too."""
    one, other = ([link for block in blocks for link in block.links] for blocks in (old, new))
    links = current_targets(one, other, base)
    return bool(links) and all(before == now for before, now in links)


def _furnished(edge: Sequence[Block], total: int) -> bool:
    links = sum(bool(block.links) for block in edge)
    return links >= 2 and sum(len(block.words) for block in edge) * 5 <= total * 2


def is_furniture(blocks: Sequence[Block], at: int, *, teasers: bool) -> bool:
    """Whether a block is a label, a link, a title or, with `teasers`, a text above the link to another page."""
    block = blocks[at]
    if block.kind in ("pre", "tr"):
        return False
    size = len(block.words)
    tells = block.words[-1:] and block.words[-1].endswith(_ENDS)
    if block.linked >= size or (size <= _LABEL and not tells):
        return True
    if size <= _TITLE and not block.words[-1].endswith(_ENDS):
        return True
    if size <= _TEASER and all(word.isalnum() for word in block.words):  # a row of labels, such as languages
        return True
    return (
        teasers and size <= _TEASER and at + 1 < len(blocks) and 0 < len(blocks[at + 1].words) <= blocks[at + 1].linked
    )
