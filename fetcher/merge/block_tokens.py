"""Reads consecutive blocks as one sequence of tokens, and what stands around their texts."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from fetcher.markdown.reading.blocks import HARD_BREAK, Block, Text
from fetcher.merge.code_blocks import code_lines
from fetcher.merge.tokenizer import Tokenizer
from fetcher.merge.tokens import NOTE, Lookup, Token

_HEAD = re.compile(r"#{1,6}(?:[ \t]+|$)")
_HEAD_END = re.compile(r"(?<![ \t])[ \t]++#++[ \t]*+$")
_UNDERLINE = re.compile(r"(?<![ \t])[ \t]*+\r?\n[ \t>]*+(?:=++|-++)[ \t]*+$")
_EDGE = re.compile(r"[ \t]*\|[ \t]*")
_ROW_END = re.compile(r"(?<!\\)[ \t]*\|[ \t]*$")
_CELL = re.compile(r"(?<!\\)[ \t]*\|[ \t]*")
_LITERAL = re.compile(r"[\\`*_\[\]<&~{]")


@dataclass(frozen=True, slots=True)
class Source:
    """Consecutive blocks as tokens, with the source `before` and `after` all of them.

    `places` are the indexes of the words among the tokens. `frames` has for each block what it has around its text,
    list markers and quote signs apart: the `#` of a heading, the edges of a row.
    """

    before: str
    tokens: list[Token]
    after: str
    places: list[int]
    frames: list[tuple[str, str]]


def source(text: Text, blocks: Sequence[Block], lookup: Lookup) -> Source | None:
    """The tokens of consecutive blocks; None where their words are not the words of the blocks."""
    if not blocks or any(block.kind == "hr" for block in blocks):
        return None
    tokens: list[Token] = []
    frames: list[tuple[str, str]] = []
    before = after = ""
    tokenizer = Tokenizer(lookup)
    for k, (block, last) in enumerate(zip(blocks, [None, *blocks], strict=False)):
        opening, inner, closing = _cut(text, block)
        if last is None:
            before = opening
        else:
            between = "".join(text.lines[last.end : block.start])
            tokens.append(Token(after + between + opening, " ", "space", k, form="block"))
        if block.kind == "pre":  # in code nothing is markup
            inner = _LITERAL.sub(r"\\\g<0>", "\n".join(code_lines(text, block)))
        tokens += _tokens(inner, block.kind, tokenizer)
        after = closing
        frames.append((opening[block.column :], closing.rstrip()))
    return _checked(Source(before, tokens, after, [], frames), [word for block in blocks for word in block.words])


def aligned(stored: Source, fresh: Source) -> tuple[Source, Source]:
    """A table that is stored as text, and the rows of the fresh table written as lines of such text.

    Cells are separated as they are in the stored text: by spaces, a tab, the end of a line or of a paragraph.
    """
    spaces = [token.text for token in stored.tokens if token.kind == "space"]
    line = next((text for text in spaces if "\n" in text), "\n")
    wide = next(filter(_is_wide, spaces), "")
    cell = wide or (line if len(stored.frames) > 1 or _stand_apart(spaces, fresh) else " ")
    columns = _columns(stored) if wide.strip("\t") else []
    tokens: list[Token] = []
    width = at = 0
    for token in fresh.tokens:
        text = token.text
        if token.kind == "space" and token.form == "block":
            text, width, at = line, 0, 0
        elif token.kind == "space" and token.form == "cell":
            text = " " * max(2, columns[at] - width) if at < len(columns) else cell
            at += 1
        width += len(text) if text != line else 0
        is_same = token.form not in ("block", "cell")
        tokens.append(token if is_same else token._replace(text=text, key=_parting(text), form="", pair=-1))
    known = [token._replace(key=_parting(token.text)) if token.kind == "space" else token for token in stored.tokens]
    return replace(stored, tokens=known), replace(fresh, tokens=tokens)


def _parting(text: str) -> str:
    """What white space separates in a table that is text: lines (a line feed), cells (`|`), or words (a space)."""
    return "\n" if "\n" in text else "|" if _is_wide(text) else " "


def _stand_apart(spaces: Sequence[str], fresh: Source) -> bool:
    """Whether each cell, rather than each row, has a line of its own in a table that is stored as text."""
    forms = Counter(token.form for token in fresh.tokens)
    lines, rows, cells = sum("\n" in text for text in spaces), forms["block"], forms["block"] + forms["cell"]
    return abs(lines - cells) < abs(lines - rows)


def _is_wide(text: str) -> bool:
    """Whether white space separates cells rather than words."""
    return "\n" not in text and (len(text) > 1 or "\t" in text)


def _columns(stored: Source) -> list[int]:
    """The columns at which the second and later cells of the first stored row begin."""
    found, width = [], 0
    for token in stored.tokens:
        if "\n" in token.text:
            break
        width += len(token.text)
        if token.kind == "space" and _is_wide(token.text):
            found.append(width)
    return found


def _cut(text: Text, block: Block) -> tuple[str, str, str]:
    """What stands before the text of a block, that text, and what stands after it."""
    whole = text.source(block)
    end = HARD_BREAK.search(whole)
    inner = whole[: end.start()] if end and block.kind in ("p", "li") else whole.rstrip(" \t\r\n")
    start = block.column
    if block.kind in ("h1", "h2", "h3", "h4", "h5", "h6"):
        head = _HEAD.match(inner, start)
        ending = (_HEAD_END if head else _UNDERLINE).search(inner, start)
        inner = inner[: ending.start()] if ending else inner
        start = head.end() if head else start
    elif block.kind == "tr":
        inner = inner.split("\n", 1)[0].rstrip()
        edge, ending = _EDGE.match(inner, start), _ROW_END.search(inner, start)
        start = edge.end() if edge else start
        inner = inner[: ending.start()] if ending and ending.start() >= start else inner
    return whole[:start], inner[start:], whole[max(start, len(inner)) :]


def _tokens(inner: str, kind: str, tokenizer: Tokenizer) -> list[Token]:
    if kind != "tr":
        return tokenizer.tokens(inner)
    found, at = [], 0
    for match in _CELL.finditer(inner):
        found += [*tokenizer.tokens(inner[at : match.start()]), Token(match[0], "|", "space", form="cell")]
        at = match.end()
    return found + tokenizer.tokens(inner[at:])


def _checked(found: Source, words: Sequence[str]) -> Source | None:
    """The source with `places` filled in; None where its words are not these."""
    places = [at for at, token in enumerate(found.tokens) if token.kind == "word"]
    if len(places) != len(words):
        return None
    for at, word in zip(places, words, strict=True):
        if found.tokens[at].key == NOTE:
            found.tokens[at] = found.tokens[at]._replace(key=word)
        elif found.tokens[at].key != word:
            return None
    found.places[:] = places
    return found


def unmarked(source: Source, marks: Collection[str]) -> Source:
    """The source without markup of these kinds, such as `strong`."""
    gone = {*marks, *(f"/{mark}" for mark in marks)}
    tokens = [token for token in source.tokens if token.kind != "mark" or token.key not in gone]
    return replace(source, tokens=tokens, places=[at for at, token in enumerate(tokens) if token.kind == "word"])


def noted(source: Source, labels: Collection[str]) -> Source:
    """The source with links to footnotes of the page, told by their text, as footnote references.

    Brackets around such a label stay words, as the page has them.
    """
    tokens: list[Token] = []
    for token in source.tokens:
        tokens.append(token)
        if not _IN_PAGE.fullmatch(token.text):
            continue
        start = next((at for at in range(len(tokens) - 1, -1, -1) if _opens_link(tokens[at])), 0)
        inside = tokens[start + 1 : -1]
        own = [each for each in inside if each.key not in ("[", "]")]
        label = "".join(each.key for each in own)
        if label in labels and all(each.kind == "word" for each in inside):
            texts = dict(zip(map(id, own), [f"[^{label}]", *([""] * (len(own) - 1))], strict=True))
            tokens[start:] = [each._replace(text=texts.get(id(each), each.text)) for each in inside]
    return replace(source, tokens=tokens, places=[at for at, token in enumerate(tokens) if token.kind == "word"])


def _opens_link(token: Token) -> bool:
    return token.key == "[" and token.kind == "mark"


_IN_PAGE = re.compile(r"\]\(#[^()\s]*\)")
