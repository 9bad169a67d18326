"""Exchanges words in plain text, where no character is markup, and all else stays."""

import re
from collections import Counter
from collections.abc import Sequence
from html import unescape
from itertools import pairwise
from textwrap import TextWrapper, indent

from fetcher.markdown.detection import WRAPS
from fetcher.markdown.page_habits import ANY_LINK
from fetcher.markdown.reading.blocks import Block, Text, parse
from fetcher.markdown.reading.wording import Edit, Wording, wording
from fetcher.merge.masks import places
from fetcher.merge.patterns import Span
from fetcher.page.semantics import HEADINGS
from fetcher.page.word_spans import TOUCHING
from fetcher.page.words import fold, split_words

_BREAK = re.compile(r"<br[^>]*>\s*")
_MARKED = re.compile(r"^ {0,3}#{1,6}[ \t](?P<title>.*)|^\S.*\n(?:=+|-+)[ \t]*$|\*\*\w[^*\n]*\*\*", re.MULTILINE)
_LONG = 50  # characters of a line that may be full
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
# Tags, images, and links to files of the folder.
_KEPT = re.compile(
    r"<(?!br\b)[a-zA-Z][\w-]*(?:\s[^<>]*)?>|!\[[^\[\]]*\]|\]\((?![a-z]+:|/|#)[^()\s]+\.mdx?(?:#[^()\s]*)?\)"
)
_PAIRS = 2  # full lines that show that all paragraphs are filled
_TAG = re.compile(r"<[^>]*>")
_PROSE = re.compile(r"[^\\`*_\[\]<>&|{}#~$^=+]*")  # text without a character that could be markup


def is_plain(stored: Text, fresh: Text) -> bool:
    """Whether a stored text is plain: it has titles of the fresh one as lines, without markup of headings or links."""
    titles = {tuple(map(str.casefold, block.words)) for block in fresh.blocks if block.kind in HEADINGS} - {()}
    body = "".join(stored.lines)
    if not titles or ANY_LINK.search(body):
        return False
    if any(
        found["title"] is None or _key(found["title"].rstrip("# \t\r")) in titles for found in _MARKED.finditer(body)
    ):
        return False  # other lines that begin so may be those of code that nothing marks
    return any(_key(line) in titles for line in stored.lines)


def _key(text: str) -> tuple[str, ...]:
    return tuple(map(str.casefold, split_words(text)))


def exchanged(source: str, one: Wording, other: Wording, new: Sequence[Block], wanted: Sequence[Edit]) -> str | None:
    """The source of stored blocks, whose words are `one`, with edits to `other`, the words of the `new` blocks.

    None where the words are not found in the source, or where whole lines or text of several blocks would come or go.
    """
    found = _spans(source, one.words)
    parts, at = [], 0
    for edit in sorted(wanted):
        text = _text(new, edit)
        if found is None or text is None:
            return None
        start, end, text = _exchange(found, edit, other, text)
        if start < at or (not text and _is_line(source, start, end)):
            return None
        parts += [source[at:start], text]
        at = end
    return "".join(parts) + source[at:]


def in_place(text: Text, old: Sequence[Block], fresh: Text, new: Sequence[Block], wanted: Sequence[Edit]) -> str | None:
    """The source of stored blocks with words exchanged in place, whatever markup is around them.

    None where the result would not have the expected words and links, or where the new words have markup on the page.
    """
    source = "".join(text.lines[old[0].start : old[-1].end])
    one, other = wording(old), wording(new)
    shows = "".join(map(fresh.source, new))
    come = [_text(new, edit) for edit in wanted]
    if any(each is None or not _PROSE.fullmatch(each) or _is_marked(each, shows) for each in come):
        return None
    if any(_is_respaced(one, other, edit) for edit in wanted):
        return None
    struck = [sum(len(block.content.markup.struck) for block in blocks) for blocks in (old, new)]
    if struck[0] != struck[1]:
        return None
    changed = exchanged(source, one, other, new, wanted)
    if changed is None or any(block.kind == "raw" for block in old):  # raw HTML may go on below
        return changed
    before, after = parse(source).blocks, parse(changed).blocks
    if wording(before).words != one.words or wording(after).words != _with_edits(one.words, other.words, wanted):
        return None
    return changed if [block.links for block in before] == [block.links for block in after] else None


def keeps(source: str, written: str) -> bool:
    """Whether all tags, images and links to files of the folder of a source are in what is `written` for it."""
    return all(each in written for each in _KEPT.findall(_CODE.sub("", source)))


def _is_respaced(one: Wording, other: Wording, edit: Edit) -> bool:
    """Whether the space between the word before and the exchanged words changes."""
    a, b, c, d = edit
    if a == b or c == d or not a or not c or one.words[a - 1] != other.words[c - 1]:
        return False
    return one.touch[a] & TOUCHING != other.touch[c] & TOUCHING


def _is_marked(text: str, source: str) -> bool:
    """Whether a source has markup right around a text."""
    return bool(text) and not re.search(rf"(?<![*_`~]){re.escape(text)}(?![*_`~])", source)


def _with_edits(one: Sequence[str], other: Sequence[str], wanted: Sequence[Edit]) -> list[str]:
    words, at = list[str](), 0
    for edit in sorted(wanted):
        words += [*one[at : edit.start_a], *other[edit.start_b : edit.end_b]]
        at = edit.end_a
    return [*words, *one[at:]]


def shown(block: Block) -> str:
    """The plain text of a block."""
    lines = _BREAK.split(block.content.inside.strip())
    return "\n".join(" ".join(unescape(_TAG.sub("", line)).split()) for line in lines)


def laid_out(text: str, margin: str, width: int) -> str:
    """Text with a margin before each line, and wrapped at a width, unless that is 0."""
    filler = TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    lines = (filler.fill(line) if width else line for line in text.split("\n"))
    return indent("\n".join(lines), margin)


def margin(text: Text) -> str:
    """The white space before most paragraphs, weighted by their words."""
    found = Counter[str]()
    for block in text.blocks:
        before = text.lines[block.start][: block.column]
        if block.kind == "p" and not block.boxes and not before.strip():
            found[before] += len(block.words)
    return found.most_common(1)[0][0] if found else ""


def width(lines: Sequence[str], margin: str) -> int:
    """The width, without the margin, at which lines are wrapped; 0 where they are not, or too few are long."""
    texts = [line.removeprefix(margin).rstrip() for line in lines if line.startswith(margin)]
    texts = ["" if text[:1].isspace() else text for text in texts]
    pairs = [(one, other) for one, other in pairwise(texts) if len(one) >= _LONG and other]
    if len(pairs) < _PAIRS:
        return 0
    longest = max(len(text) for text in texts if " " in text)
    room = min(len(one) + 1 + len(other.split()[0]) for one, other in pairs)
    fits = range(longest, room)
    return next((at for column in WRAPS for at in (column, column - len(margin)) if at in fits), 0)


def _exchange(found: Sequence[Span], edit: Edit, other: Wording, text: str) -> tuple[int, int, str]:
    """The start and end in the source of what an edit replaces, and the new text."""
    a, b, c, d = edit
    if a < b and c < d:
        return found[a][0], found[b - 1][1], text
    if a == b and a:  # behind the word before
        return found[a - 1][1], found[a - 1][1], text if other.touch[c] & TOUCHING else f" {text}"
    if a == b:
        return found[0][0], found[0][0], text if d < len(other.words) and other.touch[d] & TOUCHING else f"{text} "
    if a:  # with the white space before
        return found[a - 1][1], found[b - 1][1], ""
    return found[0][0], found[b][0] if b < len(found) else found[b - 1][1], ""


def _text(new: Sequence[Block], edit: Edit) -> str | None:
    """The new text of an edit, as the page has it; None where it spans several blocks."""
    if edit.only_removes:
        return ""
    for block, (start, end) in zip(new, places(new), strict=True):
        if start <= edit.start_b and edit.end_b <= end:
            text = " ".join(shown(block).split())
            found = _spans(text, block.words)
            return text[found[edit.start_b - start][0] : found[edit.end_b - 1 - start][1]] if found else None
    return None


def _is_line(source: str, start: int, end: int) -> bool:
    """Whether removing a span would leave an empty line or join lines."""
    before, after = source[:start].rpartition("\n")[2], source[end:].partition("\n")[0]
    return "\n" in source[start:end] or not (before.strip() or after.strip())


def _spans(source: str, words: Sequence[str]) -> list[Span] | None:
    """The spans of words in a source; None where one is not found."""
    folded, origin = [], []
    for at, sign in enumerate(source):
        shown = fold(sign)
        folded.append(shown)
        origin += [at] * len(shown)
    text, found, at = "".join(folded), [], 0
    for word in words:
        start = text.find(word, at)
        if start < 0:
            return None
        at = start + len(word)
        found.append((origin[start], origin[at - 1] + 1))
    return found
