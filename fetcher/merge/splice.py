"""Edits inside of a block: the changed words are exchanged in its source, the rest keeps its bytes."""

import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from typing import NamedTuple

from fetcher.markdown.reading.wording import Edit
from fetcher.page.words import fold


class Source(NamedTuple):
    """Markdown source, the span of each of its words in it, and where its text starts and ends."""

    text: str
    spans: list[tuple[int, int]]
    start: int
    end: int

    def gap(self, word: int) -> tuple[int, int]:
        """The span between the word before `word` and `word` itself."""
        return (
            self.spans[word - 1][1] if word else self.start,
            self.spans[word][0] if word < len(self.spans) else self.end,
        )


# What holds no words that a reader sees: targets of links, images, tags, comments, fences with their language.
_SILENT = re.compile(
    r"""
    !\[[^\]]*\]\([^()]*(?:\([^()]*\)[^()]*)*\)      # an image
    | (?<=\])\([^()]*(?:\([^()]*\)[^()]*)*\)         # the target of a link
    | (?<!\\)</?[a-zA-Z][^<>]*>(?<!://)                  # a tag; an autolink has a colon
    | <!--.*?-->
    | ^[ \t>]*(?:```+|~~~+)[^\n]*$
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_AUTOLINK = re.compile(r"<[a-zA-Z][a-zA-Z0-9+.-]*:[^<>\s]*>|<[^<>\s@]+@[^<>\s]+>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{2,31});")
_CLOSING = re.compile(r"[^\s\[\](]*(?:\]\([^()]*(?:\([^()]*\)[^()]*)*\))?[^\s\[\](]*")


def locate(text: str, words: Sequence[str], skip: Sequence[tuple[int, int]] = ()) -> Source | None:
    """The source of a block with its words found in it; None where they cannot be told apart for sure.

    `skip` are spans that hold no words (list markers, quote signs).
    """
    shown, places = _shown(text, skip)
    spans, at = [], 0
    for word in words:
        found = shown.find(word, at)
        if found < 0 or any(sign.isalnum() for sign in shown[at:found]):
            return None
        at = found + len(word)
        spans.append((places[found], places[at - 1] + 1 if at - 1 < len(places) else len(text)))
    if any(sign.isalnum() for sign in shown[at:]):
        return None
    start = skip[0][1] if skip and not skip[0][0] else 0
    return Source(text, [(start, _whole(text, end)) for start, end in spans], start, len(text.rstrip()))


def _whole(text: str, end: int) -> int:
    """Past the entity that the last sign of a word stands in, if it stands in one."""
    amp = text.rfind("&", max(0, end - 33), end)
    match = _ENTITY.match(text, amp) if amp >= 0 else None
    return match.end() if match and match.end() > end - 1 and match.start() < end else end


def _shown(text: str, skip: Sequence[tuple[int, int]]) -> tuple[str, list[int]]:
    """The text as its words read, without what shows no word, and the place of each sign in the source."""
    hidden = bytearray(len(text))
    for start, end in skip:
        hidden[start:end] = b"\1" * (end - start)
    for match in _SILENT.finditer(text):
        if not _AUTOLINK.match(match[0]):
            hidden[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    signs: list[str] = []
    places: list[int] = []
    for match in _PART.finditer(text):
        start, end = match.span()
        if match["plain"]:
            visible = [at for at in range(start, end) if not hidden[at]]
            signs.append(fold("".join(text[at] for at in visible)))
            places.extend(visible)
        elif not hidden[start]:
            shown = fold(unescape(match[0]))
            signs.append(shown)
            places.extend([start] * len(shown))
    return "".join(signs), places


# Plain signs are shown one for one; an entity or a sign beyond ASCII may read as several or as none.
_PART = re.compile(rf"(?P<plain>[^&\x80-\U0010ffff]+)|{_ENTITY.pattern}|.", re.DOTALL)


def splice(stored: Source, fresh: Source, edits: Sequence[Edit], holds: Callable[[str, int], bool]) -> str | None:
    """The stored source with the edits made; None where one of them cannot be made without harm.

    `holds(text, k)` tells whether `text` reads right when the edits `k` and later are made; they are made from the
    last to the first, each in the first of the ways to cut that holds.
    """
    text = stored.text
    for edit in reversed(edits):
        way = next(_ways(stored, fresh, edit), None)
        if way is None:
            break
        text = text[: way[0]] + way[2] + text[way[1] :]
    else:
        if holds(text, 0):
            return text
    return _stepwise(stored, fresh, edits, holds)


# Each step is checked by reading the block again: a bound on the signs read.
_MOST_READ = 300_000


def _stepwise(stored: Source, fresh: Source, edits: Sequence[Edit], holds: Callable[[str, int], bool]) -> str | None:
    text = stored.text
    if len(edits) * len(text) > _MOST_READ:
        return None
    for k in range(len(edits) - 1, -1, -1):
        for start, end, new in _ways(stored, fresh, edits[k]):
            attempt = text[:start] + new + text[end:]
            if holds(attempt, k):
                text = attempt
                break
        else:
            return None
    return text


# Where the gap before and the gap after an edit are cut: at the words themselves, or outside of the markup that
# hugs them, with the space before it, the space after it, or neither.
_CUTS = (
    ("start", "end"),
    ("opening", "closing"),
    ("closing", "closing"),
    ("opening", "opening"),
    ("end", "end"),
    ("start", "start"),
    ("start", "closing"),
    ("opening", "end"),
    ("end", "closing"),
    ("opening", "start"),
    ("end", "start"),
)


def _ways(stored: Source, fresh: Source, edit: Edit) -> Iterator[tuple[int, int, str]]:
    """Ways to exchange the words: stored span and fresh text, both cut at the same kind of place."""
    places = [
        _places(source, word)
        for source, word in ((stored, edit.start_a), (stored, edit.end_a), (fresh, edit.start_b), (fresh, edit.end_b))
    ]
    for left, right in _CUTS:
        start, end = places[0][left], places[1][right]
        low, high = places[2][left], places[3][right]
        if (
            start <= end
            and low <= high
            and _whole_markup(stored.text[start:end])
            and _whole_markup(fresh.text[low:high])
        ):
            yield start, end, fresh.text[low:high]


def _whole_markup(text: str) -> bool:
    """Whether the text opens and closes the same markup, as far as counting signs can tell."""
    plain = _ESCAPED.sub("", text)
    return not (plain.count("*") % 2 or plain.count("`") % 2 or plain.count("~~") % 2) and plain.count(
        "["
    ) == plain.count("]")


_ESCAPED = re.compile(r"\\.")


def _places(source: Source, word: int) -> dict[str, int]:
    """Where the gap before a word can be cut.

    `end` is the end of the word before, `closing` the end of the markup that closes after it, `opening` the start of
    the markup that opens before the word, `start` the word's own start.
    """
    low, high = source.gap(word)
    gap = source.text[low:high]
    closing = _CLOSING.match(gap)
    opening = max((at + 1 for at, sign in enumerate(gap) if sign.isspace()), default=None)
    after = low + (closing.end() if closing else 0)
    return {"end": low, "closing": after, "opening": after if opening is None else low + opening, "start": high}
