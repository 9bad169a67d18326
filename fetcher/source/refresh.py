"""A Markdown answer against a stored body: text against text where they are the same Markdown, else block by block."""

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from fetcher.align import hunks
from fetcher.merge.held_back import NOTHING, Past
from fetcher.merge.refresh import Refreshed, refresh_text
from fetcher.source import notes
from fetcher.source.lines import Frame, Habit, Sides, framed, habits_of, in_line_ends_of, is_same_markdown, merged
from fetcher.source.local import Leads, by, localised, note_after, note_before, unknown
from fetcher.terms.outcomes import Held, Noise

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Source:
    """How an answer is read: its address, what the run accepts, what is remembered, and where local links lead.

    `likely` tells that the body was probably taken from Markdown of this address.
    """

    url: str
    accept: AbstractSet[str] = frozenset()
    past: Past = NOTHING
    leads: Leads = unknown
    likely: bool = False


def refresh_markdown(answer: str, stored: str, source: Source) -> Refreshed:
    """The stored body brought up to a Markdown answer, whose front matter was taken off before.

    Where both are the same Markdown but for edits, the body is the answer's text to the byte, except for notes for
    agents (`notes`), links that were pointed to files of the folder, and what a person changed. Blank lines around
    the text, line ends, and white space that its importer never keeps are the stored ones.
    """
    if not stored.strip():
        return _filled(answer, source)
    return _Texts(answer, stored, source).refreshed()


def _filled(answer: str, source: Source) -> Refreshed:
    answer = answer.replace("\r\n", "\n")
    lines, parts = _apart(framed(answer).lines, source)
    body = "\n".join(["", *lines, ""]) if lines else ""
    words = len(_WORD.findall(body))
    return Refreshed(body, None, words, held=tuple(notes.differing([], parts)), given=answer, is_source=True)


def _apart(lines: Sequence[str], source: Source) -> tuple[list[str], list[notes.Part]]:
    """The lines without notes for agents, and these, unless the run accepts them as text."""
    return (list(lines), []) if Noise.AGENT_NOTE in source.accept else notes.apart(lines)


class _Texts:
    """A stored body and an answer as lines, notes for agents set aside."""

    def __init__(self, answer: str, stored: str, source: Source) -> None:
        self.source = source
        self.stands_for = by(source.leads)
        self.frame = framed(stored)
        self.answer = in_line_ends_of(self.frame.lines, answer)
        self.fresh_frame = framed(self.answer)
        whole, self.front = notes.apart_from_front(self.frame.lines)
        self.stored, self.parts = _apart(whole, source)
        self.fresh, self.fresh_parts = _apart(self.fresh_frame.lines, source)

    def refreshed(self) -> Refreshed:
        """What becomes of the body."""
        past = self.source.past
        base = framed(past.text) if past.text and past.is_source else None
        if base and is_same_markdown(self.stored, _apart(base.lines, self.source)[0], likely=True):
            return self._by_text(*self._merged(base))
        if is_same_markdown(self.stored, self.fresh, likely=self.source.likely):
            return self._by_text(self._replaced(), [])
        return self._by_block()

    def _merged(self, base: Frame) -> tuple[Frame, list[Held]]:
        """The body with what changed since the last answer, and what is held back of it."""
        last, _ = _apart(base.lines, self.source)
        habits = habits_of(self.stored, last)
        pointed: dict[tuple[str, str], bool] = {}

        def was_pointed(local: str, served: str) -> bool:
            return pointed.setdefault((local, served), self.stands_for(local, served))

        last = localised(self.stored, _spelled(last, habits), was_pointed)
        fresh = localised(self.stored, _spelled(self.fresh, habits), lambda *pair: pointed.get(pair, False))
        yields = Noise.CONFLICT in self.source.accept
        lines, held = merged(Sides(last, self.stored, fresh), self.source.past.refused, yields=yields)
        head = _changed(base.head, self.frame.head, self.fresh_frame.head)
        return Frame(head, lines, _changed(base.tail, self.frame.tail, self.fresh_frame.tail)), held

    def _replaced(self) -> Frame:
        """The body as the answer, but for what is the file's own."""
        fresh = _spelled(self.fresh, habits_of(self.stored, self.fresh))
        fresh = localised(self.stored, fresh, self.stands_for)
        before, after = note_before(self.stored, fresh), note_after(self.stored, fresh)
        lines = [*self.stored[:before], *fresh, *self.stored[len(self.stored) - after :]]
        return Frame(self.frame.head, lines, self.frame.tail)

    def _by_text(self, frame: Frame, held: list[Held]) -> Refreshed:
        lines, by_rule, used = self._unignored(frame.lines)
        frame, held = frame._replace(lines=lines), [*held, *by_rule]
        removed, added = _counted(self.stored, frame.lines)
        held = [*notes.differing(self.parts, self.fresh_parts), *held]
        return Refreshed(
            self._whole(frame), None, added, removed, tuple(held), given=self.answer, is_source=True, ignored=used
        )

    def _unignored(self, fresh: list[str]) -> tuple[list[str], list[Held], Counter[str]]:
        """The lines, but the stored ones where they changed as a user ignores; these changes, and what ignores them."""
        ignored, used = self.source.past.ignored, Counter[str]()
        if not ignored.patterns or Noise.RULE in self.source.accept:
            return fresh, [], used
        lines: list[str] = []
        held: list[Held] = []
        at = 0
        for hunk in hunks(self.stored, fresh):
            old, new = self.stored[hunk.start_a : hunk.end_a], fresh[hunk.start_b : hunk.end_b]
            why = ignored.why_lines("\n".join(old), "\n".join(new))
            if why:
                used[why] += 1
                held.append(Held(Noise.RULE, "\n".join(old), "\n".join(new)))
            lines += [*fresh[at : hunk.start_b], *(old if why else new)]
            at = hunk.end_b
        return [*lines, *fresh[at:]], held, used

    def _by_block(self) -> Refreshed:
        """The body with the blocks whose words changed: it was written by another converter."""
        source, past = self.source, self.source.past
        stored = self.frame._replace(lines=self.stored).text()
        fresh = self.fresh_frame._replace(lines=self.fresh).text()
        if past.is_source:
            past = replace(past, text="\n".join(_apart(framed(past.text).lines, source)[0]))
        found = refresh_text(fresh, url=source.url, stored=stored, accept=source.accept, past=past)
        body = self.frame.text() if found.body == stored else self._whole(framed(found.body))
        held = (*notes.differing(self.parts, self.fresh_parts), *found.held)
        return replace(found, body=body, held=held, given=self.answer, is_source=True)

    def _whole(self, frame: Frame) -> str:
        lines = notes.put_back(self.stored, frame.lines, self.parts)
        return frame._replace(lines=[*(line for part in self.front for line in part.lines), *lines]).text()


def _spelled(lines: Sequence[str], habits: Sequence[Habit]) -> list[str]:
    for habit in habits:
        lines = habit(lines)
    return list(lines)


def _changed(last: str, stored: str, fresh: str) -> str:
    """What is stored, unless that is what the last answer had: then what the answer has now."""
    return fresh if stored == last else stored


def _counted(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many words of the old lines are gone, and how many of the new ones have come."""
    removed = added = 0
    for hunk in hunks(old, new):
        one, other = _words(old[hunk.start_a : hunk.end_a]), _words(new[hunk.start_b : hunk.end_b])
        for edit in hunks(one, other):
            removed, added = removed + edit.end_a - edit.start_a, added + edit.end_b - edit.start_b
    return removed, added


def _words(lines: Sequence[str]) -> list[str]:
    return _WORD.findall("\n".join(lines))
