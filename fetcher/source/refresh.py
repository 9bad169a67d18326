"""Merges a Markdown answer into a stored body: as text if both are the same Markdown, otherwise block by block."""

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from fetcher.align import hunks
from fetcher.merge.held_back import NOTHING, Past
from fetcher.merge.refresh import Refreshed, refresh_text
from fetcher.source import notes
from fetcher.source.lines import (
    Frame,
    Habit,
    Sides,
    habits_of,
    in_line_ends_of,
    is_same_markdown,
    split_frame,
    three_way_merge,
)
from fetcher.source.local import Leads, link_matcher, note_after, note_before, unknown_target, with_local_links
from fetcher.terms.outcomes import HeldBack, Noise

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What a merge needs to know: the address, what the run accepts and remembers, and where local links lead.

    `likely` tells that the body was probably copied from the Markdown at this address.
    """

    url: str
    accept: AbstractSet[str] = frozenset()
    past: Past = NOTHING
    leads: Leads = unknown_target
    likely: bool = False


def refresh_markdown(answer: str, stored: str, source: SourceContext) -> Refreshed:
    """The stored body after the merge with a Markdown answer (without its front matter).

    If both are versions of the same Markdown, the new body is the answer to the byte, except for notes for agents
    (`notes`), links that were changed to files of the folder, and edits by hand. Blank lines around the text, line
    ends, and white space that its importer never keeps stay as they are stored.
    """
    if not stored.strip():
        return _filled(answer, source)
    return _Texts(answer, stored, source).refreshed()


def _filled(answer: str, source: SourceContext) -> Refreshed:
    answer = answer.replace("\r\n", "\n")
    lines, parts = _without_notes(split_frame(answer).lines, source)
    body = "\n".join(["", *lines, ""]) if lines else ""
    words = len(_WORD.findall(body))
    return Refreshed(body, None, words, held=tuple(notes.held_back_notes([], parts)), given=answer, is_source=True)


def _without_notes(lines: Sequence[str], source: SourceContext) -> tuple[list[str], list[notes.SetAside]]:
    """The lines without notes for agents, and the notes, unless the run accepts them as text."""
    return (list(lines), []) if Noise.AGENT_NOTE in source.accept else notes.without_notes(lines)


class _Texts:
    """A stored body and an answer as lines, with notes for agents set aside."""

    def __init__(self, answer: str, stored: str, source: SourceContext) -> None:
        self.source = source
        self.stands_for = link_matcher(source.leads)
        self.frame = split_frame(stored)
        self.answer = in_line_ends_of(self.frame.lines, answer)
        self.fresh_frame = split_frame(self.answer)
        whole, self.front = notes.without_front_matter(self.frame.lines)
        self.stored, self.parts = _without_notes(whole, source)
        self.fresh, self.fresh_parts = _without_notes(self.fresh_frame.lines, source)

    def refreshed(self) -> Refreshed:
        """The result of the merge."""
        past = self.source.past
        base = split_frame(past.text) if past.text and past.is_source else None
        if base and is_same_markdown(self.stored, _without_notes(base.lines, self.source)[0], likely=True):
            return self._by_text(*self._merged(base))
        if is_same_markdown(self.stored, self.fresh, likely=self.source.likely):
            return self._by_text(self._replaced(), [])
        return self._by_block()

    def _merged(self, base: Frame) -> tuple[Frame, list[HeldBack]]:
        """The body with the changes since the last answer, and those that are held back."""
        last, _ = _without_notes(base.lines, self.source)
        habits = habits_of(self.stored, last)
        pointed: dict[tuple[str, str], bool] = {}

        def was_pointed(local: str, served: str) -> bool:
            return pointed.setdefault((local, served), self.stands_for(local, served))

        last = with_local_links(self.stored, _with_habits(last, habits), was_pointed)
        fresh = with_local_links(self.stored, _with_habits(self.fresh, habits), lambda *pair: pointed.get(pair, False))
        yields = Noise.CONFLICT in self.source.accept
        lines, held = three_way_merge(Sides(last, self.stored, fresh), self.source.past.refused, yields=yields)
        head = _changed(base.head, self.frame.head, self.fresh_frame.head)
        return Frame(head, lines, _changed(base.tail, self.frame.tail, self.fresh_frame.tail)), held

    def _replaced(self) -> Frame:
        """The answer in place of the body, with the owner's links and notes kept."""
        fresh = _with_habits(self.fresh, habits_of(self.stored, self.fresh))
        fresh = with_local_links(self.stored, fresh, self.stands_for)
        before, after = note_before(self.stored, fresh), note_after(self.stored, fresh)
        lines = [*self.stored[:before], *fresh, *self.stored[len(self.stored) - after :]]
        return Frame(self.frame.head, lines, self.frame.tail)

    def _by_text(self, frame: Frame, held: list[HeldBack]) -> Refreshed:
        lines, by_rule, used = self._apply_ignore_rules(frame.lines)
        frame, held = frame._replace(lines=lines), [*held, *by_rule]
        removed, added = _word_counts(self.stored, frame.lines)
        held = [*notes.held_back_notes(self.parts, self.fresh_parts), *held]
        return Refreshed(
            self._whole(frame), None, added, removed, tuple(held), given=self.answer, is_source=True, ignored=used
        )

    def _apply_ignore_rules(self, fresh: list[str]) -> tuple[list[str], list[HeldBack], Counter[str]]:
        """The lines without changes that the user's rules ignore, these changes, and how often each rule applied."""
        ignored, used = self.source.past.ignored, Counter[str]()
        if not ignored.patterns or Noise.RULE in self.source.accept:
            return fresh, [], used
        lines: list[str] = []
        held: list[HeldBack] = []
        at = 0
        for hunk in hunks(self.stored, fresh):
            old, new = self.stored[hunk.start_a : hunk.end_a], fresh[hunk.start_b : hunk.end_b]
            why = ignored.why_lines("\n".join(old), "\n".join(new))
            if why:
                used[why] += 1
                held.append(HeldBack(Noise.RULE, "\n".join(old), "\n".join(new)))
            lines += [*fresh[at : hunk.start_b], *(old if why else new)]
            at = hunk.end_b
        return [*lines, *fresh[at:]], held, used

    def _by_block(self) -> Refreshed:
        """The body with its changed blocks replaced, if another converter wrote it."""
        source, past = self.source, self.source.past
        stored = self.frame._replace(lines=self.stored).text()
        fresh = self.fresh_frame._replace(lines=self.fresh).text()
        if past.is_source:
            past = replace(past, text="\n".join(_without_notes(split_frame(past.text).lines, source)[0]))
        found = refresh_text(fresh, url=source.url, stored=stored, accept=source.accept, past=past)
        body = self.frame.text() if found.body == stored else self._whole(split_frame(found.body))
        held = (*notes.held_back_notes(self.parts, self.fresh_parts), *found.held)
        return replace(found, body=body, held=held, given=self.answer, is_source=True)

    def _whole(self, frame: Frame) -> str:
        lines = notes.put_back(self.stored, frame.lines, self.parts)
        return frame._replace(lines=[*(line for part in self.front for line in part.lines), *lines]).text()


def _with_habits(lines: Sequence[str], habits: Sequence[Habit]) -> list[str]:
    for habit in habits:
        lines = habit(lines)
    return list(lines)


def _changed(last: str, stored: str, fresh: str) -> str:
    """The stored text if it differs from the last answer, otherwise the fresh text."""
    return fresh if stored == last else stored


def _word_counts(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """The numbers of words removed and added."""
    removed = added = 0
    for hunk in hunks(old, new):
        one, other = _words(old[hunk.start_a : hunk.end_a]), _words(new[hunk.start_b : hunk.end_b])
        for edit in hunks(one, other):
            removed, added = removed + edit.end_a - edit.start_a, added + edit.end_b - edit.start_b
    return removed, added


def _words(lines: Sequence[str]) -> list[str]:
    return _WORD.findall("\n".join(lines))
