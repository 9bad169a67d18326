"""Writes new links and footnotes as references where the stored body has such, and keeps definitions in step.

A merged body has new links in inline form. Where the stored body uses references, they become references: with the
definition of the link that they replace, or with a new one. Definitions that nothing uses any more are removed.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from fetcher.markdown.reading.blocks import Text, parse
from fetcher.merge.tokenizer import Tokenizer
from fetcher.merge.tokens import DEFINITION, NOTE, NOTE_DEFINITION, Lookup, Token, address_of, label_of, lookup
from fetcher.page.links import respell, target
from fetcher.page.words import fold

_IMAGE = re.compile(r"!\[(.*?)\]((?:\[[^\[\]]*\]|\([^()\s]*\))?)", re.DOTALL)
# A footnote as pages have it: a number that links to it, and a list item with an arrow that links back.
_ITEM = re.compile(
    r"^ {0,3}(?:\[\^)?(\d{1,4})(?:[.)]|\]:)[ \t]+(.*?)[ \t]*\[[↩↵⏎↑⤴^\ufe0e\ufe0f]+\]\(#[^()\s]*\)[ \t]*$", re.MULTILINE
)
_CALL = re.compile(
    r"\[(?:\^\(?|<sup>)?([\d\u2070\u00b9\u00b2\u00b3\u2074-\u2079]{1,4})(?:\)|\^|</sup>)?\]\(#[^()\s]*\)"
)


@dataclass(frozen=True, slots=True)
class _Use:
    """A link or an image: its start, the end of its text, its end, that text, and its target or label."""

    start: int
    close: int
    end: int
    text: str
    leads: str

    @property
    def label(self) -> str:
        """The folded label of a reference; empty for an inline link."""
        if self.leads.startswith("("):
            return ""
        return label_of(self.leads[1:-1] or self.text)


@dataclass(frozen=True, slots=True)
class _Definition:
    """A reference definition: its folded label and link, and its line with the place of that."""

    label: str
    link: str
    start: int
    line: str


class References:
    """Writes the references and definitions of merged bodies as the stored body has them."""

    def __init__(self, stored: str, base: str) -> None:
        self._stored, self._base = stored, base

    def settled(self, body: str) -> str:
        """A merged body with references and definitions as the stored body has them."""
        if "]:" not in self._stored or body == self._stored:
            return body
        return self._settling.settled(body) if self._settling else body

    @cached_property
    def _settling(self) -> "_Settling | None":
        """What does so; None where less than half of the stored body's links are references."""
        before = list(_definitions(parse(self._stored)))
        used = _uses(self._stored, lookup(self._stored, self._base))
        references = [use for use in used if use.label]
        if not before or not references or len(references) * 2 < len(used):
            return None
        known = Counter(_whole(self._stored, use) for use in used)
        signs = "[!" if any(self._stored[use.start] == "!" for use in references) else "["
        return _Settling(before, references, known, self._base, signs)


class _Settling:
    def __init__(
        self, before: Sequence[_Definition], references: Sequence[_Use], known: Counter[str], base: str, signs: str
    ) -> None:
        self._signs = signs  # first characters of what becomes a reference: links, and pictures if one is
        self._before = {definition.label: definition for definition in reversed(before)}
        self._order = list(dict.fromkeys(use.label for use in references if use.label in self._before))
        self._texts = {use.label: use.text for use in references}
        self._leads = {use.label: use.leads for use in references}
        self._is_full = sum(use.leads not in ("", "[]") for use in references) * 2 >= len(references)
        self._collapsed = "[]" if any(use.leads == "[]" for use in references) else ""
        self._known, self._base = known, base

    def settled(self, body: str) -> str:
        found = {definition.label: definition for definition in reversed(list(_definitions(parse(body))))}
        links = {label: definition.link for label, definition in {**self._before, **found}.items()}
        uses = _uses(body, Lookup(links, self._base, lookup(body, self._base).notes))
        new = list(self._new(body, uses))
        times = Counter(use.label for use in uses)
        lines: dict[str, str] = {}  # new definitions, by label
        edits: list[tuple[int, int, str]] = []
        last = ""
        places: dict[str, tuple[int, str]] = {}  # the places of links with new labels, and the labels before these
        renamed: dict[str, str] = {}  # labels that follow the new texts of their links
        for use in uses:
            if use.label in self._before:
                last = use.label
            if use not in new:
                continue
            address = use.leads[1:-1].strip("<>")
            label = self._label(use, address, links, times, last)
            if self._is_renamed(label_of(label), text := " ".join(use.text.split()), times, links):
                last, renamed[label_of(label)] = label_of(label), label_of(text)
                links[label_of(text)], label = links.pop(last), text
                lines[label_of(text)] = self._line(label, links[label_of(text)], last)
            times[label_of(label)] += 1
            if target(links.get(label_of(label), ""), self._base) != target(address, self._base):
                lines[label_of(label)] = self._line(label, address, last)
                places[label_of(label)] = use.end, last
                links[label_of(label)] = address
            is_own = label_of(label) == label_of(use.text) and not (self._is_full and label.isdigit())
            own = self._leads.get(label_of(label), self._collapsed)
            edits.append((use.close, use.end, own if is_own else f"[{label}]"))
            last = label_of(label)
        found = {renamed.get(label, label): definition for label, definition in found.items()}
        edits += self._defined(body, found, times, lines, places)
        for start, end, text in sorted(edits, reverse=True):
            body = body[:start] + text + body[end:]
        return body

    def _new(self, body: str, uses: Sequence[_Use]) -> Iterator[_Use]:
        """The inline links that the stored body does not have, or not so often."""
        rest = self._known.copy()
        for use in uses:
            whole = _whole(body, use)
            if not use.label and not rest[whole] and body[use.start] in self._signs and _is_link(use):
                yield use
            rest[whole] -= 1

    def _label(self, use: _Use, address: str, links: dict[str, str], times: Counter[str], last: str) -> str:
        """The label for a link: one with the same target, else that of the link it replaces, else a new one."""
        there = target(address, self._base)
        for label, link in links.items():
            if target(link, self._base) == there:
                return _own(self._before[label].line) if label in self._before else label
        at = self._order.index(last) + 1 if last in self._order else 0
        free = [label for label in self._order if not times[label]]
        same = [label for label in free if self._texts[label] == use.text]
        follower = [label for label in self._order[at : at + 1] if label in free and self._is_full]
        for label in same + follower:
            return _own(self._before[label].line)
        numbers = [int(label) for label in links if label.isdigit()]
        if (self._is_full and numbers) or label_of(use.text) in links or not _LABEL.fullmatch(use.text):
            return str(max(numbers, default=0) + 1)
        return use.text

    def _is_renamed(self, label: str, text: str, times: Counter[str], links: dict[str, str]) -> bool:
        """Whether a label that was the text of its link is to follow the link's new text."""
        is_text = not self._is_full and label in self._before and label == label_of(self._texts.get(label, ""))
        return is_text and not times[label] and label_of(text) not in links and bool(_LABEL.fullmatch(text))

    def _line(self, label: str, address: str, last: str) -> str:
        """The definition of a label, in the form of its old one or of the label before it."""
        old = self._before.get(label_of(label))
        model = DEFINITION.match((old or self._before.get(last) or next(iter(self._before.values()))).line)
        assert model is not None  # noqa: S101 - by this expression it was found
        begin = model["open"].replace(f"[{model['label']}]", f"[{label}]", 1)
        is_same = target(address_of(model), self._base) == target(address, self._base)
        written = model["link"] if is_same else respell(address, model["link"], self._base)
        return f"{begin}{f'<{written}>' if model['angle'] else written}"

    def _defined(
        self,
        body: str,
        found: dict[str, _Definition],
        times: Counter[str],
        lines: dict[str, str],
        places: dict[str, tuple[int, str]],
    ) -> Iterator[tuple[int, int, str]]:
        """The edits of definitions: exchanged, removed where nothing uses them, restored, and added."""
        for label, definition in found.items():
            end = definition.start + len(definition.line)
            ending = definition.line[len(definition.line.rstrip("\r\n")) :]
            if label in lines:
                yield definition.start, end, lines.pop(label) + ending
            elif label in self._order and not times[label]:
                # With the blank line before it, where it stood alone.
                alone = body[: definition.start].endswith("\n\n") and body[end : end + 1] in ("\n", "")
                yield definition.start - alone, end, ""
        for label in self._order:
            if label not in found and times[label] and label not in lines:
                lines[label] = self._before[label].line.rstrip("\r\n")
        if lines:
            newline = "\r\n" if "\r\n" in body else "\n"
            kept = {label: each for label, each in found.items() if times[label] or label not in self._order}
            for label, line in lines.items():
                place = self._place(body, kept, *places.get(label, (0, "")))
                start = "" if body[:place].endswith("\n") else newline
                gap = "" if kept else newline
                yield place, place, f"{start}{gap}{line}{newline}" if start == "" else f"{start}{gap}{line}"

    def _place(self, body: str, kept: dict[str, _Definition], use: int, before: str) -> int:
        """Where a new definition goes: in the order of the links if labels are texts, else behind a group of others."""
        if not self._is_full and before in kept:
            return kept[before].start + len(kept[before].line)
        first = min((each.start for each in kept.values() if each.start > use), default=-1)
        if not self._is_full and not before and first >= 0:
            return first
        ends = sorted(each.start + len(each.line) for each in kept.values())
        # The last of the first group that follows.
        return next((end for end in ends if end > use and not DEFINITION.match(body, end)), len(body))


_LABEL = re.compile(r"[^\[\]\\\n]{1,200}")


def _own(line: str) -> str:
    found = DEFINITION.match(line)
    return found["label"] if found else ""


def _is_link(use: _Use) -> bool:
    """Whether the inline target of a use is an address."""
    return bool(re.match(r"\(<?(?:https?:|/|\.|\w)", use.leads)) and " " not in use.leads


def _whole(text: str, use: _Use) -> str:
    return text[use.start : use.end]


def _definitions(text: Text) -> Iterator[_Definition]:
    starts = [0, *accumulate(map(len, text.lines))]
    for block in text.blocks:
        if block.kind == "raw" and not block.words:
            for at in range(block.start, block.end):
                if found := DEFINITION.fullmatch(text.lines[at]):
                    yield _Definition(label_of(found["label"]), address_of(found), starts[at], text.lines[at])


def _uses(body: str, seen: Lookup) -> list[_Use]:
    """The links and images of a body, in order."""
    text = parse(body)
    found: list[_Use] = []
    starts = [0, *accumulate(map(len, text.lines))]
    for block in text.blocks:
        source = text.source(block)[block.column :]
        if block.kind not in ("pre", "raw", "hr") and "[" in source:
            tokens = Tokenizer(seen).tokens(source)
            if "".join(token.text for token in tokens) == source:
                found += _uses_of(tokens, starts[block.start] + block.column)
    return sorted(found, key=lambda use: use.start)


def _uses_of(tokens: Sequence[Token], at: int) -> Iterator[_Use]:
    opened: dict[int, tuple[int, int]] = {}
    for place, token in enumerate(tokens):
        if token.kind == "mark" and token.key == "[" and token.text == "[":
            opened[token.pair] = place, at
        elif token.kind == "mark" and token.key.startswith("](") and token.pair in opened:
            first, start = opened[token.pair]
            text = "".join(each.text for each in tokens[first + 1 : place])
            yield _Use(start, at + 1, at + len(token.text), text, token.text[1:])
        elif token.kind == "mark" and token.key.startswith("![") and token.text.startswith("!["):
            found = _IMAGE.fullmatch(token.text)
            if found:
                yield _Use(at, at + found.end(1) + 1, at + len(token.text), found[1], found[2])
        at += len(token.text)


def noted(stored: str, body: str) -> str:
    """The body with new footnotes and their references in Markdown's form, if the stored text has such."""
    if NOTE not in stored or not NOTE_DEFINITION.search(stored):
        return body
    known = set(stored.split("\n"))
    body = _ITEM.sub(lambda item: item[0] if item[0] in known else f"[^{item[1]}]: {item[2]}", body)
    lines, numbers = body.split("\n"), notes_of(body)

    def called(call: re.Match[str]) -> str:
        return f"[^{number}]" if (number := fold(call[1])) in numbers else call[0]

    return "\n".join(line if line in known else _CALL.sub(called, line) for line in lines)


def numbers_of_notes(lines: Sequence[str]) -> set[str]:
    """The numbers of the footnotes of a fresh text, which are items with links back."""
    return {found[1] for line in lines if (found := _ITEM.match(line.rstrip("\r\n")))}


def notes_of(text: str) -> set[str]:
    """The labels of the footnotes that a text defines in Markdown."""
    return {note[2:-1] for note in NOTE_DEFINITION.findall(text)}
