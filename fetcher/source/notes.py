"""Finds notes for AI agents that hosts insert into Markdown answers, and sets them aside during the merge.

Such a note is not part of the page, and would instruct whoever reads the corpus later. It addresses a program and asks
it to do something, or points it to the site's index for programs (`/llms.txt`). It stands apart from the text, in a
component, a quote or a comment, near one end of the document.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest
from typing import NamedTuple

from fetcher.align import hunks
from fetcher.seeds import frontmatter
from fetcher.terms.outcomes import HeldBack, Noise

_READER = r"""
    (?:(?:ai|llm|coding|automated|autonomous|artificial|large|language|web)[ -])*
    (?: agents? | ais? | llms? | gpts? | assistants? | (?:chat)?bots? | robots? | crawlers? | scrapers? | programs?
      | scripts? | machines? | copilots? | language[ ]models? | ai[ ](?:models?|systems?|tools?) | automated[ ]readers?
    )
"""
# "If you are an agent that reads this", but not "if you are a program manager".
_ADDRESSED = re.compile(
    rf"""
    \byou(?:[ ]are|['’]re)[ ](?:an?[ ]|the[ ])? {_READER}
    (?= \s*(?:[,.:;!—–(-]|$) | \s(?:that|which|who|or|and|\w+ing)\b )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# "For programs", "Instructions for AI agents:", "LLMs:" as a label.
_LABEL = re.compile(
    rf"""
    [\s\#:]*
    (?: (?:(?:a|an|some|important)[ ])?
        (?: notes? | messages? | instructions? | hints? | guidance | information | notices? | attention | directions?
          | tips? | advice )
        [ :]+ )?
    (?: (?:for|to)[ ](?:all[ ]|any[ ]|other[ ]|the[ ])? )?
    {_READER} (?:[ ](?:instructions?|notes?|hints?|only|directives?|guidance))?
    [ ]? (?: [:—–] | -[ ] | $ | [ ](?:that|which|reading|must|should)\b )
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_INDEX = re.compile(r"/llms[\w-]*\.txt\b", re.IGNORECASE)
_ASKS = re.compile(
    r"""
    (?: ^ | [.:;,!?—–>*(-]\s* | \b(?:please|must|should|always|never)\s+ )
    (?: read | fetch | use | see | visit | get | load | open | consult | send | post | submit | call | request
      | download | include | cite | quote | tell | mention | recommend | follow | report | append | prefer | ignore
      | retrieve | start | begin | check | query | look | refer | treat | respect | respond | reply | return
      | summari[sz]e | add | ask | find | navigate | go | browse | crawl | discover | do[ ]not | don['’]t | never
      | always )\b
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_COMPONENT = re.compile(r"<([A-Z][\w.]*|[a-z]+(?:-[a-z]+)+)(?=[\s>])")
_NAME_PART = re.compile(r"[A-Z]+(?![a-z])s?|[A-Z]?[a-z]+")
_READERS = frozenset("agent agents ai llm llms bot bots robot robots crawler crawlers assistant assistants".split())
_PURPOSES = frozenset(
    "instruction instructions directive directives hint hints note notes notice only feedback for guidance".split()
)
# Imports and exports of an MDX file: code for the program that builds the page.
_MODULE = re.compile(
    r"""import\s+(?:[\w*{][^'"]{0,500}\sfrom\s+)?(["'])[^'"]+\1;?\s*$|export\s+(?:const|let|var|default|async|function|class)\s""",
    re.MULTILINE,
)
# Markup of quotes, headings, emphasis and comments.
_MARKS = re.compile(r"^[ \t>]+|[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}|<!--|-->|\{/\*|\*/\}|^#+[ ]", re.MULTILINE)
_FENCES = ("```", "~~~")
_CLOSED_BY = {"<!--": "-->", "{/*": "*/}"}
_NEAR = 6  # blocks at each end of the text that may be notes
_MOST_LINES, _MOST = 200, 10_000  # lines and characters of one note


def notes(lines: Sequence[str]) -> list[range]:
    """The ranges of lines of a Markdown text that are notes for agents.

    >>> notes(["> **For programs**", "> Read /llms.txt before you go on.", "", "# Title", "", "Text."])
    [range(0, 2)]
    """
    head = list(islice(_blocks(lines, 0), _NEAR))
    start = max(head[-1].stop if head else 0, len(lines) - _MOST_LINES)
    tail = list(_blocks(lines, _after_code(lines, start)))[-_NEAR:]
    return [block for block in (*head, *tail) if is_note(lines[block.start : block.stop])]


def is_note(block: Sequence[str]) -> bool:
    """Whether the lines of a block are a note for agents: a component, a quote or a comment with two signs of one."""
    first, text = block[0].lstrip(), "\n".join(block)
    if len(text) > _MOST:
        return False
    if _MODULE.match(text):
        return True
    component = _COMPONENT.match(first)
    if not component and not first.startswith((">", *_CLOSED_BY)):
        return False
    if component and _is_for_readers(component[1]):
        return True
    text = _MARKS.sub("", text[component.end() :] if component else text).strip()
    signs = (_INDEX.search(text), _ASKS.search(text), _ADDRESSED.search(text) or _LABEL.match(text))
    return sum(map(bool, signs)) > 1


def _is_for_readers(name: str) -> bool:
    parts = {part.lower() for part in _NAME_PART.findall(name)}
    return bool(parts & _READERS and parts & _PURPOSES)


def _after_code(lines: Sequence[str], start: int) -> int:
    """The first line from `start` on that is not inside a fenced code block begun before."""
    fences = [at for at, line in enumerate(lines) if line.lstrip().startswith(_FENCES)]
    before = bisect_left(fences, start)
    return start if before % 2 == 0 else [*fences, len(lines) - 1][before] + 1


def _blocks(lines: Sequence[str], start: int) -> Iterator[range]:
    """The blocks of lines from `start` on; a component, a comment and a fenced code block are one block each."""
    at = start
    while at < len(lines):
        if lines[at].strip():
            end = _end(lines, at)
            yield range(at, end)
            at = end
        else:
            at += 1


def _end(lines: Sequence[str], start: int) -> int:
    """The end of the block that starts with a line."""
    first = lines[start].lstrip()
    component = _COMPONENT.match(first)
    closing = f"</{component[1]}>" if component else _CLOSED_BY.get(first[:4]) or _CLOSED_BY.get(first[:3])
    if closing:
        near = range(start, min(len(lines), start + _MOST_LINES))
        end = next((at + 1 for at in near if closing in lines[at]), 0)
        if end:
            return end
    if first.startswith(_FENCES):
        fence = first[:3]
        return next((at + 1 for at in range(start + 1, len(lines)) if lines[at].lstrip().startswith(fence)), len(lines))
    is_quote = first.startswith(">")
    for at in range(start + 1, len(lines)):
        line = lines[at].lstrip()
        if not line or line.startswith(">") != is_quote or line.startswith(_FENCES) or _COMPONENT.match(line):
            return at
    return len(lines)


class SetAside(NamedTuple):
    """Lines that were taken out; they stood before the line `at` of the rest."""

    at: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text without blank lines around it."""
        return "\n".join(self.lines).strip()


def without_notes(lines: Sequence[str]) -> tuple[list[str], list[SetAside]]:
    """The lines without notes for agents, and the notes, each with the blank lines next to it."""
    return _without(lines, notes(lines))


def without_front_matter(lines: Sequence[str]) -> tuple[list[str], list[SetAside]]:
    """The lines without front matter at their start, which an importer took for text, and that front matter."""
    span = frontmatter.find("\n".join(lines)) if lines and lines[0].rstrip() == "---" else None
    size = "\n".join(lines)[: span.body].count("\n") if span else 0
    return _without(lines, [range(size)] if size else [])


def put_back(before: Sequence[str], after: Sequence[str], parts: Iterable[SetAside]) -> list[str]:
    """The lines `after` the merge with the parts put back where they stood among the lines `before` it."""
    lines = list(after)
    for part in reversed([*parts]):
        place = _place(before, after, part.at)
        lines[place:place] = part.lines
    return lines


def held_back_notes(stored: Sequence[SetAside], fresh: Sequence[SetAside]) -> list[HeldBack]:
    """The notes that were added or removed, as held-back differences."""
    old, new = [part.text for part in stored], [part.text for part in fresh]
    gone = [text for text in old if text not in new]
    come = [text for text in new if text not in old]
    return [HeldBack(Noise.AGENT_NOTE, one, other) for one, other in zip_longest(gone, come, fillvalue="")]


def _without(lines: Sequence[str], places: Iterable[range]) -> tuple[list[str], list[SetAside]]:
    left: list[str] = []
    parts: list[SetAside] = []
    done = 0
    for place in places:
        start, end = place.start, place.stop
        while end < len(lines) and not lines[end].strip():
            end += 1
        if end == len(lines):
            while start > done and not lines[start - 1].strip():
                start -= 1
        left += lines[done:start]
        parts.append(SetAside(len(left), tuple(lines[start:end])))
        done = end
    return left + list(lines[done:]), parts


def _place(before: Sequence[str], after: Sequence[str], at: int) -> int:
    """The index after the merge of the line at `at`; for a removed line, the end of what replaced it."""
    if at == len(before):
        return len(after)
    shift = 0
    for hunk in hunks(before, after):
        if hunk.start_a >= at:
            break
        if at < hunk.end_a:
            return hunk.end_b
        shift = hunk.end_b - hunk.end_a
    return at + shift
