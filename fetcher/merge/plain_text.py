"""Changes in plain text, where no sign is markup: words are exchanged where they stand, and all else stays."""

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
_MARKED = re.compile(r"^ {0,3}#{1,6}[ \t]|^\S.*\n(?:=+|-+)[ \t]*$|\*\*\w[^*\n]*\*\*", re.MULTILINE)
_LONG = 50  # signs of a line that may be full
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
# Tags, images, and links to files of the folder.
_KEPT = re.compile(
    r"<(?!br\b)[a-zA-Z][\w-]*(?:\s[^<>]*)?>|!\[[^\[\]]*\]|\]\((?![a-z]+:|/|#)[^()\s]+\.mdx?(?:#[^()\s]*)?\)"
)
_PAIRS = 2  # lines that tell that all are filled
_TAG = re.compile(r"<[^>]*>")
_PROSE = re.compile(r"[^\\`*_\[\]<>&|{}#~$^=+]*")  # in which no sign could be markup


def is_plain(stored: Text, fresh: Text) -> bool:
    """Whether a stored text is plain: it has titles of the fresh one as lines of their own, and no markup for such."""
    titles = {tuple(map(str.casefold, block.words)) for block in fresh.blocks if block.kind in HEADINGS} - {()}
    body = "".join(stored.lines)
    if not titles or ANY_LINK.search(body) or _MARKED.search(body):
        return False
    return any(tuple(map(str.casefold, split_words(line))) in titles for line in stored.lines)


def exchanged(source: str, one: Wording, other: Wording, new: Sequence[Block], wanted: Sequence[Edit]) -> str | None:
    """The source of stored blocks, which read as `one`, with some edits to the words of `new` ones, `other`, made.

    None where its words are not to be found in it, or where whole blocks or lines come or go: these need a place of
    their own.
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
    """The source of stored blocks with edits made where the words stand, whatever markup is around these.

    None where that would not read as it is to, or where the page marks the words that come.
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
    """Whether all tags, images and links to files of a source stand in what is written for it."""
    return all(each in written for each in _KEPT.findall(_CODE.sub("", source)))


def _is_respaced(one: Wording, other: Wording, edit: Edit) -> bool:
    """Whether words come to the same word in the place of others, and do not stand to it as these did."""
    a, b, c, d = edit
    if a == b or c == d or not a or not c or one.words[a - 1] != other.words[c - 1]:
        return False
    return one.touch[a] & TOUCHING != other.touch[c] & TOUCHING


def _is_marked(text: str, source: str) -> bool:
    """Whether a source has markup right around a text that it shows."""
    return bool(text) and not re.search(rf"(?<![*_`~]){re.escape(text)}(?![*_`~])", source)


def _with_edits(one: Sequence[str], other: Sequence[str], wanted: Sequence[Edit]) -> list[str]:
    words, at = list[str](), 0
    for edit in sorted(wanted):
        words += [*one[at : edit.start_a], *other[edit.start_b : edit.end_b]]
        at = edit.end_a
    return [*words, *one[at:]]


def shown(block: Block) -> str:
    """What a block shows, as plain text."""
    lines = _BREAK.split(block.content.inside.strip())
    return "\n".join(" ".join(unescape(_TAG.sub("", line)).split()) for line in lines)


def laid_out(text: str, margin: str, width: int) -> str:
    """Text with a margin before each of its lines, and filled up to a width, if there is one."""
    filler = TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    lines = (filler.fill(line) if width else line for line in text.split("\n"))
    return indent("\n".join(lines), margin)


def margin(text: Text) -> str:
    """The white space that most words of paragraphs stand behind."""
    found = Counter[str]()
    for block in text.blocks:
        before = text.lines[block.start][: block.column]
        if block.kind == "p" and not block.boxes and not before.strip():
            found[before] += len(block.words)
    return found.most_common(1)[0][0] if found else ""


def width(lines: Sequence[str], margin: str) -> int:
    """The columns behind the margin up to which lines are filled; 0 where they are not, or too few tell.

    Short lines are blocks of their own, as in menus.
    """
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
    """From where to where the source gives way to which text."""
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
    """The new text of an edit, as the page has it; None where it is that of several blocks."""
    if edit.only_removes:
        return ""
    for block, (start, end) in zip(new, places(new), strict=True):
        if start <= edit.start_b and edit.end_b <= end:
            text = " ".join(shown(block).split())
            found = _spans(text, block.words)
            return text[found[edit.start_b - start][0] : found[edit.end_b - 1 - start][1]] if found else None
    return None


def _is_line(source: str, start: int, end: int) -> bool:
    """Whether nothing is left of a line without a stretch of it."""
    before, after = source[:start].rpartition("\n")[2], source[end:].partition("\n")[0]
    return "\n" in source[start:end] or not (before.strip() or after.strip())


def _spans(source: str, words: Sequence[str]) -> list[Span] | None:
    """Where words stand in a source; None where one of them does not."""
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
