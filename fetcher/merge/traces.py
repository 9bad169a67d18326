"""Traces of importers in a stored text: words and signs that are markup, or that say what the page says unseen.

Each function gives spans of a text, as it reads, that the page's own words there do not have to hold.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from fetcher.markdown.reading.wording import Wording
from fetcher.merge.masks import Span
from fetcher.page.unseen import Unseen
from fetcher.page.words import fold, pieces

# Attributes as pandoc and its kin write them: `{#id .class key="value"}`.
_ATTRIBUTES = re.compile(r'\{(?:[#.=][^\s{}"]*|[\w:@.-]+=(?:"[^"]*"|[^\s"{}]+)|\s+)*\}')
_MARKS = re.compile(
    r"""
    :{3,}(?:\s*[\w-]+(?=\s*$))?              # a fenced box, with its name
    | (?<!=)==(?![=\s]) | (?<![=\s])==(?!=)  # marked text
    | \[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]  # the kind of a callout, of which the page has but an icon
    | \(BUTTON\) | \[(?:/?code|IMAGE|INLINE|LINK|EMBED|USEMAP)\]
    | \[(?:DEL|INS): | :(?:DEL|INS)\]        # struck and inserted text
    | \\[()\[\]]                             # a formula
    """,
    re.VERBOSE,
)
_RULES = r"[+|][-=+:|]{2,}[+|]?|_{3,}|-{4,}|(?<!\S)[|+](?!\S)|\\(?!\S)"  # the lines of a table, and breaks in cells
_BULLET = re.compile(r"^[ \t>]*(?:\|[^\n]*\|[ \t]*|\|[ \t]*)?([-+*•◦▪■□○●◆·:~])[^\S\n]", re.MULTILINE)
_BOX_NAME = re.compile(r"^[ \t>]*:{3,}[ \t]*([\w-]+)[ \t]*:*[ \t]*$", re.MULTILINE)
_DEFINED = re.compile(r"[ \t>]*\[[^\n]+\]:[ \t]*(\S+)[^\n]*")
_DASH = re.compile(r"(?<!-)-{2,3}(?!-)")
_CELL_END = re.compile(r"(?<!\\)\|")
_TICK = re.compile(r"\[([ \xa0xX])\](?!\S)|([☐☑☒])(?!\S)")
_CITED = re.compile(r"[\[⟨^]\^?(\d{1,4})[\]⟩]")
_REFERENCE = re.compile(r"[ \t>]*[\[⟨^]*(\d{1,4})[\]⟩]*[.:)]*[ \t]+<?[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,9}://\S+|(?<=[\[(<])[^\s\[\]()<>]*[/.#][^\s\[\]()<>]*(?=[\])>])", re.IGNORECASE
)
_REST_OF_ADDRESS = re.compile(r"\s?[^\s\])>]+")
_PICTURE = re.compile(r"!\[([^\[\]]+)\]")
_NUMBERED = re.compile(r"[ \t>]*(\d{1,5})(?:[ \t|:.]|$)")
_AROUND_CODE = re.compile(r"[ \t>]*(?:```|~~~|:::|\[/?code\])")
_OPENING, _CLOSING = "[(<", "])>"


class Reading(NamedTuple):
    """A wording as text, and where each of its words starts in it."""

    text: str
    starts: list[int]

    def words(self, span: Span) -> Span:
        """The words that stand in a span of the text."""
        return bisect_left(self.starts, span[0]), bisect_left(self.starts, span[1])


def reading(text: Wording) -> Reading:
    """How a wording reads."""
    sizes = [len(word) + (not touch) for word, touch in zip(text.words, text.touch, strict=True)]
    offset = 0 if not text.touch or text.touch[0] else 1
    starts = [end - len(word) - offset for end, word in zip(accumulate(sizes), text.words, strict=True)]
    return Reading(text.text(), starts)


def attributes(text: str) -> Iterator[Span]:
    """Identifiers, classes and keys in braces."""
    return (match.span() for match in _ATTRIBUTES.finditer(text) if match[0] != "{}")


def markup(text: str, shown: str) -> Iterator[Span]:
    """Attributes, fences of boxes and other markup of dialects; but what the page has shown so is text."""
    for pattern in (_ATTRIBUTES, _MARKS):
        yield from (match.span() for match in pattern.finditer(text) if match[0] not in shown)


def lines_and_bullets(text: str, source: str) -> Iterator[Span]:
    """The lines that a table is drawn with, and the bullets that lines of the source begin with."""
    bullets = "".join(map(re.escape, {*_BULLET.findall(source)}))
    pattern = rf"{_RULES}|(?<!\S)[{bullets}](?!\S)" if bullets else _RULES
    yield from (match.span() for match in re.finditer(pattern, text))


def boxes(text: str, source: str) -> Iterator[Span]:
    """The fences of boxes with the names that lines of the source give them."""
    if names := "|".join(map(re.escape, {*_BOX_NAME.findall(source)})):
        yield from (match.span() for match in re.finditer(rf":{{3,}}\s*(?:{names})(?!\S)", text))


def heads(text: str, titles: Iterable[str]) -> Iterator[Span]:
    """The signs of headings, with these titles, that do not stand at the beginning of a line."""
    for title in titles:
        yield from (match.span() for match in re.finditer(rf"#{{1,6}}(?= ?{re.escape(title)})", text))


def ticks(text: str, shown: str) -> Iterator[Span]:
    """Boxes as text that are ticked as those of the page are (`Marks.ticks`), or none of which is ticked."""
    found = [*_TICK.finditer(text)]
    states = "".join("x" if match[0] in ("[x]", "[X]", "☑", "☒") else "-" for match in found)
    if states in (shown, "-" * len(shown)):
        yield from (match.span() for match in found)


def is_definition(source: str, unseen: Unseen) -> bool:
    """Whether all lines are reference definitions, even with words behind, of what the page leads to."""
    lines = [line for line in source.splitlines() if line.strip(" \t>")]
    found = [match for match in map(_DEFINED.fullmatch, lines) if match]
    return len(found) == len(lines) > 0 and all(unseen.leads_to(match[1].strip("<>")) for match in found)


def cut_cells(rows: str, words: Sequence[str]) -> Counter[str]:
    """The words of cells at the end of rows that no renderer shows, as the head of the table has fewer cells."""
    said, found = Counter(words), Counter[str]()
    for row in rows.splitlines():
        for cell in reversed(_CELL_END.split(row.strip(" \t>|"))):
            hidden = Counter(pieces(cell))
            if hidden & said:
                break
            found += hidden
    return found


def dashes(text: str) -> Iterator[Span]:
    """The hyphens of a dash, which some dialects write as two or three, but for the first of each."""
    return ((match.start() + 1, match.end()) for match in _DASH.finditer(text))


def citations(text: str, shown: str, known: frozenset[str]) -> Iterator[Span]:
    """The marks that lead to a list of references, whose numbers are `known`."""
    for match in _CITED.finditer(text):
        if match[1] in known and match[0] not in shown:
            yield match.span()


def references(lines: Iterable[str]) -> frozenset[str]:
    """The numbers under which lines list addresses."""
    return frozenset(found[1] for line in lines if (found := _REFERENCE.match(line)))


def addresses(text: str, source: str, shown: str, unseen: Unseen, *, in_brackets: bool) -> Iterator[Span]:
    """Addresses that are links on the page and text here, with the brackets around them.

    Only `in_brackets` explains one in brackets, or one that is a link in the `source`: who writes links as Markdown
    does not write them beside their texts, but for the end of a link around several blocks, which Markdown has not.
    """
    for match in _ADDRESS.finditer(text):
        before = text[: match.start()]
        if not in_brackets and before.endswith(tuple(_OPENING)) and not before.endswith("]("):
            continue
        end = _end_of_address(text, match, unseen)
        address = text[match.start() : end]
        if end and address not in shown and (in_brackets or f"<{address}>" not in source):
            start = match.start()
            while (
                start
                and text[start - 1] in _OPENING
                and text[end : end + 1] == _CLOSING[_OPENING.index(text[start - 1])]
            ):
                start, end = start - 1, end + 1
            yield start, end


def _end_of_address(text: str, match: re.Match[str], unseen: Unseen) -> int:
    """Where an address of the page ends that starts where the match does, wrapped over three lines at most; or 0."""
    start, end = match.span()
    for _ in range(3):
        for cut in range(end, max(start, end - 4), -1):  # a full stop or bracket after it is not part of it
            if unseen.leads_to(text[start:cut].replace(" ", "")):
                return cut
        more = _REST_OF_ADDRESS.match(text, end)
        if not more:
            break
        end = more.end()
    return 0


def alternatives(text: str, known: Iterable[str]) -> Iterator[Span]:
    """The texts that stand for images: of the other side's Markdown, or of the page."""
    for alternative in known:
        yield from (match.span() for match in re.finditer(rf"\[?{re.escape(fold(alternative))}\]?", text))


def alternatives_of(source: str) -> set[str]:
    """The texts that stand for the images of Markdown."""
    return {found.strip() for found in _PICTURE.findall(source)} - {""}


def formula(text: str, forms: tuple[str, str]) -> list[Span]:
    """Where a text has a formula, which `forms` has as it is drawn and in TeX, in any way that converters write it."""
    drawn, tex = forms
    for form in sorted({drawn + tex, drawn, tex} - {""}, key=len, reverse=True):
        spaced = r"\s?".join(map(re.escape, form))
        if found := [match.span() for match in re.finditer(rf"[\\$'(\[]*\s?{spaced}\s?[\\$')\]]*", text)]:
            return found
    return []


def line_numbers(source: str) -> list[str]:
    """The numbers of lines that are kept as text, of each box of code all lines of which are numbered."""
    boxes: list[list[str]] = [[]]
    for line in source.splitlines():
        if _AROUND_CODE.match(line):
            boxes.append([])
        elif line.strip(" \t>"):
            boxes[-1].append(line)
    return [number for lines in boxes for number in _numbers(lines)]


def _numbers(lines: Sequence[str]) -> list[str]:
    """The numbers that lines begin with, if all do, and count on."""
    numbers = [match[1] for line in lines if (match := _NUMBERED.match(line))]
    follow = all(int(other) == int(one) + 1 for one, other in pairwise(numbers))
    return numbers if follow and len(numbers) == len(lines) else []


def unsaid(words: Sequence[str], texts: Iterable[tuple[str, ...]]) -> list[str]:
    """The words without those that make one of the texts."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for text in sorted(texts, key=len, reverse=True):
        by_first.setdefault(text[0], []).append(text)
    rest, at = [], 0
    while at < len(words):
        fits = (text for text in by_first.get(words[at], ()) if tuple(words[at : at + len(text)]) == text)
        size = len(next(fits, ()))
        rest += [] if size else [words[at]]
        at += size or 1
    return rest
