"""Turns a line with marks into Markdown: writes emphasis where CommonMark allows it, escapes, wraps paragraphs."""

import re
import textwrap
import unicodedata
from typing import NamedTuple

from fetcher.markdown.dialect import Dialect
from fetcher.markdown.escapes import Escaper
from fetcher.markdown.marks import BREAK, CODE, DEL, EM, END, LINK, MARKS, RAW, STRONG, UNBROKEN_SPACE, is_mark, raw

_SPACE = f" {BREAK}"
_RUNS = re.compile(rf"([{EM}{STRONG}{DEL}][{EM}{STRONG}{DEL}]*)")  # starts with one character, so the search is fast
_TWICE = re.compile(r"(.)\1")


class _Opened(NamedTuple):
    """The position of a mark that is still open."""

    mark: str
    run: int
    place: int


def emphasis(line: str, dialect: Dialect) -> str:
    """The line with its emphasis marks as delimiters where CommonMark reads them as such; elsewhere they are dropped.

    A delimiter run opens emphasis only if it is left-flanking and closes it only if it is right-flanking: in
    `foo**(bar)**` neither does. There one punctuation character is moved out of the emphasis.
    """
    if EM not in line and STRONG not in line and DEL not in line:
        return line
    parts = _RUNS.split(line)
    texts, runs = parts[::2], [list(_once(run)) for run in parts[1::2]]
    opened: list[_Opened] = []
    for at in range(len(runs)):
        _settle(texts, runs, at, opened, dialect)
    signs = ["".join(raw(sign) for sign in run if sign) for run in runs]
    return "".join(text + sign for text, sign in zip(texts, [*signs, ""], strict=True))


def _once(run: str) -> str:
    """The run without marks that close only to open again."""
    while (shorter := _TWICE.sub("", run)) != run:
        run = shorter
    return run


def _settle(texts: list[str], runs: list[list[str]], at: int, opened: list[_Opened], dialect: Dialect) -> None:
    """Write the delimiters of one run, in place.

    Where one emphasis ends and another begins with nothing between them (`*a***b**`), the second is dropped.
    """
    run = runs[at]
    ending = _ending(run, opened)
    closes = ending > 0 and _can_close(texts, at, run)
    opens = ending == 0 and _can_open(texts, at, run) and not _would_close(texts, runs, at, opened)
    for place, mark in enumerate(run):
        if place >= ending:
            opened.append(_Opened(mark, at, place))
            run[place] = mark if opens else ""
            continue
        start = opened.pop()
        kept = closes and runs[start.run][start.place] != ""
        runs[start.run][start.place] = run[place] = _sign(mark, texts, start.run, at, dialect) if kept else ""


def _ending(run: list[str], opened: list[_Opened]) -> int:
    """How many marks of the run close emphasis; the rest open it."""
    ending = 0
    for mark, other in zip(run, reversed(opened), strict=False):
        if mark != other.mark:
            break
        ending += 1
    return ending


def _would_close(texts: list[str], runs: list[list[str]], at: int, opened: list[_Opened]) -> bool:
    """Whether CommonMark would read the opening run as the end of an outer emphasis.

    A run between two letters, or between two punctuation characters, can open and close. Only the rule of three tells
    which: `*` and `**` do not pair if one of them can do both, since their lengths add up to three.
    """
    outer = [other for other in opened if other.mark != DEL and runs[other.run][other.place]]
    before, after = texts[at][-1:], texts[at + 1][:1]
    if not outer or not before or before in _SPACE or (_maybe_sign(before) and not _maybe_sign(after)):
        return False
    return len(runs[at]) > 1 or any(len(runs[other.run]) > 1 for other in outer)


def _sign(mark: str, texts: list[str], first: int, last: int, dialect: Dialect) -> str:
    if mark == DEL:
        return "~~"
    sign = dialect.emphasis if mark == EM else dialect.strong
    alone = _ends_word(texts[first][-1:]) and _ends_word(texts[last + 1][:1])
    return sign if alone else sign.replace("_", "*")  # "_" is no delimiter inside a word


def _can_open(texts: list[str], at: int, run: list[str]) -> bool:
    before, after = texts[at], texts[at + 1]
    becomes_sign = after.startswith(("http://", "https://", "www.")) and _gets_brackets(texts[: at + 1])
    if _ends_word(before[-1:]) or not (_maybe_sign(after[:1]) or becomes_sign or _differ(run)):
        return True
    rest = after[1:].lstrip(_SPACE)
    if becomes_sign or _differ(run) or is_mark(after[0]) or not rest or not _surely_sign(after[0]):
        return False
    texts[at], texts[at + 1] = before + after[: -len(rest)], rest
    return True


def _can_close(texts: list[str], at: int, run: list[str]) -> bool:
    before, after = texts[at], texts[at + 1]
    last = before.rpartition(" ")[2]
    becomes_sign = ("://" in last or "www." in last) and _gets_brackets(texts[: at + 1])
    if _ends_word(after[:1]) or not (_maybe_sign(before[-1:]) or becomes_sign or _differ(run)):
        return True
    rest = before[:-1].rstrip(_SPACE)
    if becomes_sign or _differ(run) or is_mark(before[-1]) or not rest or not _surely_sign(before[-1]):
        return False
    texts[at], texts[at + 1] = rest, before[len(rest) :] + after
    return True


def _gets_brackets(texts: list[str]) -> bool:
    """Whether an address after these texts may become an autolink, as it does outside links."""
    before = "".join(texts)
    return before.rfind(LINK) <= before.rfind(f"{RAW}](")


def _differ(run: list[str]) -> bool:
    """Whether the run mixes delimiters, each of which is punctuation to the other: `~~**`."""
    return len(run) > 1 and DEL in run


def _ends_word(sign: str) -> bool:
    return not sign or sign in _SPACE or sign.isspace() or _surely_sign(sign)


# Versions of CommonMark differ: symbols such as € count as punctuation in the newer ones.
def _maybe_sign(sign: str) -> bool:
    return is_mark(sign) or (bool(sign) and unicodedata.category(sign)[0] in "PS")


def _surely_sign(sign: str) -> bool:
    return is_mark(sign) or unicodedata.category(sign)[0] == "P" or sign in "$+<=>^`|~"


_PLAIN_SIGNS = rf"[^{MARKS}\\`*_~<&!\[\]:w]*"
_PLAIN_LINE = re.compile(rf"{_PLAIN_SIGNS}(?:w(?!ww\.){_PLAIN_SIGNS})*")
_SPACES = re.compile(rf"({RAW}[^{END}]*{END})|[ {BREAK}]*{BREAK}[ {BREAK}]*| {{2,}}")


def flat(line: str, dialect: Dialect) -> str:
    """The line as Markdown on one line: a heading's text, or a table cell."""
    return _finish(line.replace(BREAK, " "), dialect).replace(UNBROKEN_SPACE, " ")


def heading(line: str, dialect: Dialect, level: int) -> str:
    """The line as a heading's text, with what would be a closing sequence (`# C #`) or another block escaped."""
    text = flat(line, dialect)
    if dialect.heading == "underlined" and level < 3:
        return safe_start(text)
    return re.sub(r"(?:^|(?<=\s))(?=#+$)", "\\\\", text)


def paragraph(line: str, dialect: Dialect, width: int) -> str:
    """The line as a paragraph, no line of which begins another block; wrapped at `width` if the dialect wraps."""
    parts = _finish(line, dialect).split(BREAK)
    if dialect.numbered:
        parts = [_LETTERED.sub(r"\\(\1\\)", part) for part in parts]
    lines = [_wrap(part, width) if dialect.wrap else safe_start(part) for part in parts]
    return f"{dialect.hard_break}\n".join(lines)


def _finish(line: str, dialect: Dialect) -> str:
    if "  " in line or BREAK in line:
        line = _SPACES.sub(_space, line)
    line = line.strip(_SPACE)
    if not dialect.escapes and _PLAIN_LINE.fullmatch(line):
        return line
    return Escaper(emphasis(line, dialect).replace(CODE + CODE, ""), dialect).line()


def _space(match: re.Match[str]) -> str:
    return match[1] or (BREAK if BREAK in match[0] else " ")


_START = re.compile(r"(?:#{1,6}(?=[ \t]|$)|[-+](?=[ \t]|$)|>|=+\s*$|~~~|\[[ xX]\](?=\s)|[|:-][|:\s-]*$)")
_LETTERED = re.compile(r"^\((\w{1,4})\)(?=\s)")
_NUMBER = re.compile(r"(\d{1,9})([.)](?=[ \t]|$))")


def safe_start(line: str) -> str:
    """The line with its first character escaped if it would make a heading, list, quote, rule or table of the line."""
    if line[:1].isalpha():  # as most do
        return line
    if _START.match(line):
        return "\\" + line
    return _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line


def _wrap(part: str, width: int) -> str:
    lines = textwrap.wrap(part, max(width, 20), break_long_words=False, break_on_hyphens=False)
    return "\n".join(map(safe_start, lines)).replace(UNBROKEN_SPACE, " ")
