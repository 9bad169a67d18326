"""A line of Markdown as the words that a reader sees and the targets of its links, each with its span in the line."""

import re
from collections.abc import Sequence
from html import unescape
from typing import NamedTuple

from fetcher.page.words import fold

# Scripts written without spaces: every sign is a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_LETTERS = rf"[^\W_{_UNSPACED}]+"
_WORD = rf"{_LETTERS}(?:[.,:'’/@_+-]{_LETTERS}){{0,40}}%?"  # 3.5, don't, v2.1, 12:30, 20%
_CODE = re.compile(rf"[$€£¥]?{_WORD}|[{_UNSPACED}]|[^\w\s]|_")
_TOKEN = re.compile(
    rf"""
      \]\(\s*<?(?P<target>[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)[^()]{{0,300}}\)   # the rest of a link or an image
    | \\(?P<escaped>[$]{_WORD}|[!-/:-@\[-`{{-~])
    | </?[a-zA-Z][\w-]*(?:\s[^<>]{{0,1000}})?/?>                                      # a tag; an autolink has a colon
    | (?P<entity>&(?:\#\d{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[a-zA-Z]\w{{1,30}});)
    | (?P<word>https?://[^\s<>)\]]+|[$€£¥]?{_WORD}|[{_UNSPACED}])
    | [*`~|\[<>_\\]+ | \] | !(?=\[)                                                   # markup
    | (?P<sign>[^\w\s])
    """,
    re.VERBOSE,
)
# What stands before the text of a line: quote signs, a list marker with its box, the signs of a heading.
_START = re.compile(r"[ \t>]*(?:#{1,6}(?=\s|$)|(?:[-+*]|\d{1,9}[.)])(?=\s|$)(?:[ \t]+\[[ xX]\](?=\s))?)?[ \t>]*")


class Token(NamedTuple):
    """`line[start:end]`: a word or a sign as it reads, or the target of a link.

    Of signs that look alike `text` has the plain one.
    """

    text: str
    start: int
    end: int
    link: bool = False


def read(line: str) -> list[Token]:
    """The words and link targets of a line, in order; markup is left out.

    >>> [token.text for token in read("## It costs \\\\$4, [see *fees*](/f)")]
    ['It', 'costs', '$4', ',', 'see', 'fees', '/f']
    """
    start = _START.match(line)
    return [token for match in _TOKEN.finditer(line, start.end() if start else 0) if (token := _token(match))]


def read_code(line: str) -> list[Token]:
    """The words and signs of a line of code, in which nothing is markup."""
    return [Token(match[0], *match.span()) for match in _CODE.finditer(line)]


def shown(line: str, tokens: Sequence[Token]) -> str:
    """The tokens of a line as they read, a space where there is white space between two; without link targets.

    >>> line = "It costs **\\\\$4**, [see](/f)."
    >>> shown(line, read(line)), shown("“No”", read("“No”"))
    ('It costs $4, see.', '“No”')
    """
    parts: list[str] = []
    last = 0
    for token in tokens:
        if not token.link:
            apart = parts and any(map(str.isspace, line[last : token.start]))
            parts.append(f" {_as_written(line, token)}" if apart else _as_written(line, token))
        last = token.end
    return "".join(parts)


def _as_written(line: str, token: Token) -> str:
    """A word with the signs that it has in the line, where `text` has plain ones: curly quotes, long dashes."""
    raw = line[token.start : token.end]
    if raw == token.text:
        return raw
    written = unescape(raw) if raw.startswith("&") else raw
    return "".join(filter(str.isprintable, written))


def _token(match: re.Match[str]) -> Token | None:
    name = match.lastgroup
    if name == "word" and match[0].isascii():  # as most are
        return Token(fold(match[0]), *match.span())
    if not name or not match[name]:
        return None
    text = match[name] if name == "target" else fold(unescape(match[name]) if name == "entity" else match[name])
    return Token(text, *match.span(name), link=name == "target") if text.strip() else None  # of no width
