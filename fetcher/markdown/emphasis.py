"""Emphasis: which marks become signs, and which sign."""

import re
import unicodedata

from fetcher.dialect import Dialect
from fetcher.markdown.marks import BREAK, DEL, EM, STRONG, is_mark, raw

_RUNS = re.compile(rf"([{EM}{STRONG}{DEL}]+)")
_TWICE = re.compile(r"(.)\1")


def emphasis(line: str, dialect: Dialect) -> str:
    """The line with its emphasis marks written as signs, where CommonMark lets signs stand; elsewhere dropped.

    Signs open only before, and close only after, what is neither white space nor punctuation next to a letter
    (`foo**(bar)**` is nothing). There one sign of punctuation is moved out of the emphasis.
    """
    parts = _RUNS.split(line)
    if len(parts) == 1:
        return line
    texts, runs = parts[::2], [list(_once(run)) for run in parts[1::2]]
    opened: list[tuple[str, int, int]] = []  # mark, run, place in the run
    for at in range(len(runs)):
        _settle(texts, runs, at, opened, dialect)
    signs = ["".join(raw(sign) for sign in run if sign) for run in runs]
    return "".join(text + sign for text, sign in zip(texts, [*signs, ""], strict=True))


def _once(run: str) -> str:
    """The run without marks that close only to open again."""
    while (shorter := _TWICE.sub("", run)) != run:
        run = shorter
    return run


def _settle(
    texts: list[str], runs: list[list[str]], at: int, opened: list[tuple[str, int, int]], dialect: Dialect
) -> None:
    """Write the signs of one run, in place."""
    run = runs[at]
    names = {mark for mark, _, _ in opened}
    closing = [mark in names for mark in run]
    if run and all(closing) and not _can_close(texts, at):
        for _ in run:
            _drop(runs, opened)
        run.clear()
    opens = bool(run) and not any(closing) and _can_open(texts, at)
    for place, mark in enumerate(run):
        if closing[place]:
            _, first, start = opened.pop()
            if runs[first][start]:
                runs[first][start] = run[place] = _sign(mark, texts, first, at, dialect)
            else:
                run[place] = ""
        else:
            opened.append((mark, at, place))
            run[place] = mark if opens else ""


def _drop(runs: list[list[str]], opened: list[tuple[str, int, int]]) -> None:
    _, first, start = opened.pop()
    runs[first][start] = ""


def _sign(mark: str, texts: list[str], first: int, last: int, dialect: Dialect) -> str:
    if mark == DEL:
        return "~~"
    sign = dialect.emphasis if mark == EM else dialect.strong
    before, after = texts[first][-1:], texts[last + 1][:1]
    return sign.replace("_", "*") if before.isalnum() or after.isalnum() or not (before + after).isspace() else sign


def _can_open(texts: list[str], at: int) -> bool:
    before, after = texts[at], texts[at + 1]
    if not _maybe_sign(after[:1]) or not before or before[-1] in f" {BREAK}" or _surely_sign(before[-1]):
        return True
    if len(after) > 1 and not is_mark(after[0]) and not is_mark(after[1]):
        texts[at], texts[at + 1] = before + after[0], after[1:]
        return True
    return False


def _can_close(texts: list[str], at: int) -> bool:
    before, after = texts[at], texts[at + 1]
    if not _maybe_sign(before[-1:]) or not after or after[0] in f" {BREAK}" or _surely_sign(after[0]):
        return True
    if len(before) > 1 and not is_mark(before[-1]) and not is_mark(before[-2]):
        texts[at], texts[at + 1] = before[:-1], before[-1] + after
        return True
    return False


# Versions of CommonMark differ: symbols such as € count as punctuation in the newer ones.
def _maybe_sign(sign: str) -> bool:
    return is_mark(sign) or (sign != "" and unicodedata.category(sign)[0] in "PS")


def _surely_sign(sign: str) -> bool:
    return is_mark(sign) or unicodedata.category(sign)[0] == "P" or sign in "$+<=>^`|~"
