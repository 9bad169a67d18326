"""Merges a stored body with the fresh text of its page; what has not changed there stays to the byte.

Both texts are cut into blocks, and the blocks are paired by their words (`pairing`). Each hunk of paired or unpaired
blocks becomes pieces of Markdown: the stored blocks as they are, the stored blocks with the changed words exchanged, or
fresh blocks written in the style of the stored text. A difference may be held back instead (`held_back`). The pieces
are put together by `assembly`, which takes back what would break the rest of the body.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property, partial

from fetcher.markdown.reading.blocks import Block, parse
from fetcher.markdown.reading.commonmark import BROKEN_ADDRESS
from fetcher.markdown.reading.wording import (
    Edit,
    Wording,
    edits,
    is_respaced,
    readings,
    with_paired_signs,
    wording,
)
from fetcher.merge import plain_text
from fetcher.merge.assembly import Assembly
from fetcher.merge.blank_lines import Piece
from fetcher.merge.compared import Compared
from fetcher.merge.grid_tables import Drawings
from fetcher.merge.held_back import NOTHING, Change, HoldBackRules, Merged, Past
from fetcher.merge.importer import Comparison
from fetcher.merge.layout import Layout, Moves
from fetcher.merge.markup_changes import MarkupChanges, is_lowered, lowered
from fetcher.merge.pairing import UNKNOWN, Hunk, reproduction
from fetcher.merge.pieces import Pieces
from fetcher.merge.place_history import Difference, value
from fetcher.merge.regroup import by_lines
from fetcher.merge.threeway import HandEdits
from fetcher.merge.tokens import Lookup, lookup
from fetcher.merge.unboxed import merged_by_content
from fetcher.page.hidden_text import Shown
from fetcher.page.links import current_targets, replace_targets
from fetcher.terms.outcomes import Noise

_WORD = re.compile(r"\w+")
_SETTLING = 3  # times that a result is merged again, as its blocks may pair in another way


def merge(
    stored: str,
    fresh: str,
    *,
    base: str = "",
    page: Shown | None = None,
    accept: AbstractSet[str] = frozenset(),
    past: Past = NOTHING,
) -> Merged:
    """The stored Markdown with what changed in the fresh one, and every difference that was found.

    Blocks whose words and links are the same keep their bytes, however the blocks are cut. In other blocks only the
    changed words are exchanged where possible. What changes by itself is held back, unless `accept` names its kind of
    noise. What a person edited stays, as far as `past` shows it. `merge(x, x).body == x`, and a second merge with the
    same fresh text changes nothing.

    `base` resolves links. `page` is what `fresh` was made of; with it, differences that the importer of the stored text
    made are held back, too, and boxes are told from text.
    """
    merged = partial(_drawn, fresh=fresh, base=base, page=page, accept=accept)
    if page and Noise.IMPORTER not in accept and not past.is_own:
        return merged_by_content(stored, fresh, page, past, merged)
    return merged(stored, past)


def _drawn(stored: str, past: Past, fresh: str, base: str, page: Shown | None, accept: AbstractSet[str]) -> Merged:
    if not (drawings := Drawings(stored, fresh + past.text)):
        return _merged(stored, fresh, base, page, accept, past)
    told = replace(past, text=drawings.replaced(past.text))
    merged = _merged(drawings.text, fresh, base, page, accept, told)
    return replace(merged, body=stored if merged.body == drawings.text else drawings.drawn(merged.body))


def _merged(stored: str, fresh: str, base: str, page: Shown | None, accept: AbstractSet[str], past: Past) -> Merged:
    is_explained = Noise.IMPORTER not in accept and not (past.is_own and past.text.strip() == stored.strip())
    text, unseen = parse(fresh), page.unseen if page and is_explained else None
    if page and page.text.words == text.words:
        text = text.with_unsure_touch(page.text.touch)
    merged = _Merge(Compared(by_lines(parse(stored), text), text, base, past, unseen), base, accept, past).run(stored)
    is_settled = merged.body == stored or merged.body.strip("\n") == fresh.strip("\n")
    for _ in range(0 if is_settled else _SETTLING):
        compared = Compared(by_lines(parse(merged.body), text), text, base, past, unseen)
        if not any(compared.changed):
            break
        again = _Merge(compared, base, accept, past).run(merged.body)
        if again.body == merged.body:
            break
        merged = merged.followed_by(again)
    return merged


class _Merge:
    def __init__(self, compared: Compared, base: str, accept: AbstractSet[str], past: Past) -> None:
        self.compared, self.base, self.accept, self.is_own = compared, base, accept, past.is_own
        self.stored, self.fresh = compared.stored, compared.fresh
        self.hunks, self.importer = compared.hunks, compared.importer
        self.hand_edits = HandEdits(past.text, self.stored, past.refused, self.fresh)
        self.changes: list[Change] = []
        self.differences: dict[str, Difference] = {}
        self.written: set[Hunk] = set()
        self.linked = [compared.blocks(hunk) for hunk in self.hunks if hunk.linked]
        is_plain = plain_text.is_plain(self.stored, self.fresh)
        self.layout = Layout(self.stored, Moves(compared.bare), is_plain=is_plain)
        self.pieces = Pieces(self.stored, self.fresh, self.layout, base, self.importer, self.linked)
        self.rules = HoldBackRules(self.stored, self.fresh, self.hunks, base, accept, past)

    def run(self, stored: str) -> Merged:
        changed = list(self.compared.changed)
        resolved, own_changes = [], {}
        for number, hunk in enumerate(self.hunks):
            start = len(self.changes)
            resolved.append(self._pieces_of(hunk) if changed[number] else self.pieces.kept(hunk))
            if resolved[-1]:
                self.pieces.last = resolved[-1][-1] if resolved[-1][-1].first < 0 else None
            own_changes[hunk] = range(start, len(self.changes))
            changed[number] = hunk not in self.pieces.unwritable and not all(
                change.held for change in self.changes[start:]
            )
        body, unwritable = stored, frozenset[Hunk]()
        if any(changed):
            assembly = Assembly(self.stored, self.fresh, self.layout, self.hunks, self.base)
            body, unwritable = assembly.assembled(resolved, changed)
        for hunk in unwritable | self.pieces.unwritable:
            self._take_back(hunk, own_changes[hunk])
        differences = self.differences | self.rules.lists.differences(self.written)
        known = reproduction(self.hunks, self.stored, self.fresh) if body != stored else UNKNOWN
        return Merged(body, self.changes, differences, self.rules.used, known)

    def _take_back(self, hunk: Hunk, own_changes: range) -> None:
        """Hold back those changes of a hunk that could not be written."""
        self.written.discard(hunk)
        for at in own_changes:
            if not (change := self.changes[at]).held:
                self.changes[at] = replace(change, held=Noise.UNWRITABLE, place=self.rules.place(hunk, None))

    def _pieces_of(self, hunk: Hunk) -> list[Piece]:
        """The pieces that a changed hunk is written as; its changes are noted."""
        old, new = self.compared.blocks(hunk)
        one, other = wording(old), wording(new)
        if not one.words and not other.words:
            lone = self.compared.picture_blocks.lone(hunk)
            return self._with_pictures(hunk, old, new) if lone else self._with_new_links(hunk, old, new)
        if readings(old, self.stored) & readings(new, self.fresh) and not is_respaced(one, other):
            return self._with_new_markup(hunk, old, new) or self._with_new_links(hunk, old, new)
        found = self._comparison(hunk, new, one, other)
        if found.explained and not found.changes:
            return self._with_new_markup(hunk, old, new) or self._with_new_links(hunk, old, new)
        if self.hand_edits.is_edited(hunk, old) and not self._gives_way(hunk, old, new, one, other):
            if not self.hand_edits.is_shown_as_before(hunk, new):
                self._note(hunk, one.text(), other.text(), Noise.CONFLICT)
            return self.pieces.kept(hunk)
        if hunk.linked:
            return self._edited(hunk, old, new, one, other, found.changes)
        known = {block.start for block in self.compared.picture_blocks.news(hunk, self.hunks)}
        new = self._without_noise(hunk, [block for block in found.new if block.start in known])
        return self._replaced(hunk, new, one, other if len(new) == len(found.new) else wording(new))

    def _without_noise(self, hunk: Hunk, new: Sequence[Block]) -> Sequence[Block]:
        """The new blocks without those that change by themselves, such as "2 days ago"; they are noted as held back."""
        reasons = [self.rules.for_paragraph(hunk, block) for block in new]
        if all(reasons):  # the whole hunk is held back, as any other is
            return new
        for block, why in zip(new, reasons, strict=True):
            if why:
                self._note(hunk, "", wording([block]).text(), why)
        return [block for block, why in zip(new, reasons, strict=True) if not why]

    def _comparison(self, hunk: Hunk, new: Sequence[Block], one: Wording, other: Wording) -> Comparison:
        """How the blocks of a hunk differ; what the importer explains is noted as held back, unless it is accepted."""
        if not self.importer or (self.is_own and not self.hand_edits.is_edited(hunk, hunk.old(self.stored.blocks))):
            return Comparison(edits(one, other), new=new)
        found, accepted = self.importer.compare(hunk), []
        for edit in found.explained:
            removed, added = edit.removed(one), edit.added(other)
            if self.rules.judged(hunk, removed, added, Noise.IMPORTER, edit):
                self._note(hunk, removed, added, Noise.IMPORTER, edit)
            else:
                accepted.append(edit)
        return replace(found, changes=found.with_changes(accepted, edits(one, other))) if accepted else found

    def _gives_way(self, hunk: Hunk, old: Sequence[Block], new: Sequence[Block], one: Wording, other: Wording) -> bool:
        """Whether a person's edit gives way to what the page has changed there, as that person has accepted."""
        if self.hand_edits.is_shown_as_before(hunk, new) and not self.hand_edits.is_refused(old, new):
            return False
        judged = self.rules.judged(hunk, one.text(), other.text(), Noise.CONFLICT)
        return not judged or judged in self.accept

    @cached_property
    def markup_changes(self) -> MarkupChanges:
        around = self.importer.unseen.around if self.importer else ()
        return MarkupChanges(self.linked, self.stored.blocks, self.base, around)

    def _with_new_markup(self, hunk: Hunk, old: Sequence[Block], new: Sequence[Block]) -> list[Piece]:
        """Blocks with the same words and new markup, such as struck text; nothing where the markup is the same."""
        if not hunk.linked or not self.markup_changes.has_changed(old, new):
            return []
        held = self.rules.for_markup(hunk, "markup")
        before, now = "".join(map(self.stored.source, old)).strip(), "".join(map(self.fresh.source, new)).strip()
        self.changes.append(Change(before, now, held=held))
        if held:
            return self.pieces.kept(hunk)
        if is_lowered(old, new):
            return [Piece(lowered("".join(map(self.stored.source, old))), old[0], hunk.start_a, hunk.end_a - 1)]
        return self.pieces.written(hunk, old, new, [])

    def _with_pictures(self, hunk: Hunk, old: Sequence[Block], new: Sequence[Block]) -> list[Piece]:
        """Blocks of nothing but pictures, which come or go."""
        held = self.rules.for_markup(hunk, "images")
        before, now = "".join(map(self.stored.source, old)).strip(), "".join(map(self.fresh.source, new)).strip()
        self.changes.append(Change(before, now, held=held, place=self.rules.place(hunk, None)))
        return self.pieces.kept(hunk) if held else self.pieces.inserted(hunk, new)

    def _with_new_links(self, hunk: Hunk, old: Sequence[Block], new: Sequence[Block]) -> list[Piece]:
        """Blocks with the same words: the stored ones with the new targets of links and the new pictures."""
        before, after = ([link for block in side for link in block.links] for side in (old, new))
        links = current_targets(before, after, self.base) if hunk.linked else []
        changes = [(one, other) for one, other in links if one != other]
        if not changes and hunk not in self.compared.pictured:
            return self.pieces.kept(hunk)
        source = "".join(self.stored.lines[old[0].start : old[-1].end])
        pictured = self.compared.pictured.get(hunk, source)
        text = replace_targets(pictured, links)
        held = self.rules.for_markup(hunk, "links" if changes else "images")
        leads_out = not any(link.startswith("#") for change in changes for link in change)
        is_elsewhere = self.pieces.has_references or BROKEN_ADDRESS.search(source)  # than in the links themselves
        if not held and text == source and is_elsewhere and leads_out:
            self.changes += (Change(one, other, place=self.rules.place(hunk, None)) for one, other in changes)
            return self.pieces.written(hunk, old, new, [])
        if not held and (text == source or self._words(text) != self._words(source)):
            held = Noise.LINK
        if pictured != source:
            changes.append((source.strip(), pictured.strip()))
        for one, other in changes:
            self.changes.append(Change(one, other, held=held, place=self.rules.place(hunk, None)))
        return [Piece(source if held else text, old[0], hunk.start_a, hunk.end_a - 1)]

    def _edited(
        self, hunk: Hunk, old: Sequence[Block], new: Sequence[Block], one: Wording, other: Wording, found: list[Edit]
    ) -> list[Piece]:
        """Blocks that share words: the changed words are exchanged, or else whole blocks."""
        held = []
        for edit, reason in zip(found, self.rules.for_edits(hunk, old, one, other, found), strict=True):
            removed, added = edit.removed(one), edit.added(other)
            held.append(self.rules.judged(hunk, removed, added, reason, edit))
            self._note(hunk, removed, added, held[-1], edit)
        if all(held):
            return self.pieces.kept(hunk)
        # Changes of letters are written where the block changes anyway.
        wanted = [edit for edit, why in zip(found, held, strict=True) if why in ("", Noise.LETTERS)]
        return self.pieces.written(hunk, old, new, with_paired_signs(one, other, wanted))

    def _replaced(self, hunk: Hunk, new: Sequence[Block], one: Wording, other: Wording) -> list[Piece]:
        """Blocks without words in common: the old ones go, the new ones come."""
        if not one.plain and not other.plain:
            return self.pieces.kept(hunk)
        held = self.rules.for_replacement(hunk, one, other)
        self._note(hunk, one.text(), other.text(), held)
        if held:
            return self.pieces.kept(hunk)
        return self.pieces.exchanged(hunk, new, gone=bool(one.plain), come=bool(other.plain))

    def _note(self, hunk: Hunk, removed: str, added: str, held: str, edit: Edit | None = None) -> None:
        removed, added = removed.strip(), added.strip()
        counts = len(_WORD.findall(removed)), len(_WORD.findall(added))
        place = self.rules.place(hunk, edit) if held else ""
        self.changes.append(Change(removed, added, *counts, held, place))
        if not held:
            self.written.add(hunk)
        # A rotating list is remembered as a whole; what a user ignores is not remembered.
        if held != Noise.RULE and not self.rules.lists.rotates(hunk):
            self.differences[self.rules.place(hunk, edit)] = Difference(value(removed), value(added), bool(held))

    def _words(self, source: str) -> list[str]:
        """The words of a part of the stored text that is parsed by itself, where a row is no part of a table."""
        known = lookup("".join(self.stored.lines), self.base) if "]" in source else Lookup()
        return wording(parse(f"{source}\n\n{known.as_definitions()}").blocks).words
