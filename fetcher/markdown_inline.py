"""One line of text, with marks where markup goes, as Markdown that every CommonMark reader shows like the page.

While the tree is walked, nothing is escaped: whether a sign needs a backslash, and whether `**` opens anything, depends
on its neighbours, which may stand in another element. So text stays as it is, markup is written as *marks* (code points
that Unicode keeps free for such use), and the finished line is escaped in one pass that sees both sides of every sign.
"""

import re
import textwrap
import unicodedata
from functools import lru_cache

from fetcher.dialect import Dialect

# Each of these four opens where it is not open, and closes where it is.
EM, STRONG, DEL, CODE = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
BREAK = "\ufdd4"
_LINK, _RAW, _END = "\ufdd5", "\ufdd6", "\ufdd7"  # a link's text begins; finished Markdown begins, ends
_MARKS = "\ufdd0-\ufdd7"

# No-break and other wide spaces are spaces; what has no width and joins nothing is noise of a converter. Joiners and
# direction marks stay: they change what is shown (Persian, emoji).
_WHITE = re.compile(r"[\s\x00-\x20\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_NOISE = re.compile("[\u00ad\u200b\u2060\ufeff\ufdd0-\ufdef]")


def plain(text: str) -> str:
    """The text with every run of white space as one space, without signs of no width."""
    return _WHITE.sub(" ", text if text.isascii() else _NOISE.sub("", text))


def verbatim(text: str) -> str:
    """The text of code: its spaces are spaces and its lines are lines, everything else is left alone."""
    return text if text.isascii() else _NOISE.sub("", text).replace("\u00a0", " ")


def raw(markdown: str) -> str:
    """Finished Markdown, to stand in a line as it is."""
    return f"{_RAW}{markdown}{_END}"


_ONE_LINK = rf"{_LINK}(?:[^{_RAW}]|{_RAW}(?!\]\()[^{_END}]*{_END})*{_RAW}\]\([^{_END}]*{_END}"
_LINKS = re.compile(f"({_ONE_LINK})")


def link(text: str, target: str) -> str:
    """The text as a link, but for the links in it; `target` is what stands between the parentheses."""
    return "".join(_link_part(part, target) for part in _LINKS.split(text)) if _LINK in text else _link(text, target)


def _link_part(part: str, target: str) -> str:
    return part if blank(part) or part.startswith(_LINK) else _link(part, target)


def _link(text: str, target: str) -> str:
    core = text.strip(f" {BREAK}")
    before, after = text.split(core, 1)
    return f"{before}{_LINK}{core}{raw(f']({target})')}{after}"


def wrapped(text: str, mark: str) -> str:
    """The text between two marks, white space and breaks at its edges moved out; nothing around nothing."""
    core = text.strip(f" {BREAK}")
    if not core:
        return text
    start = text.index(core)
    return f"{text[:start]}{mark}{core}{mark}{text[start + len(core) :]}"


_NO_CODE = re.compile(f"({_ONE_LINK}|{_RAW}[^{_END}]*{_END}|{BREAK})")


def code(text: str) -> str:
    """The text as code; links in it stay links, with code for text."""
    return "".join(_code_part(part) for part in _NO_CODE.split(text))


def _code_part(part: str) -> str:
    if part.startswith(_LINK):
        text, bracket, target = part[1:].rpartition(f"{_RAW}](")
        return f"{_LINK}{code(text)}{bracket}{target}"
    return part if part.startswith((_RAW, BREAK)) else wrapped(part, CODE)


def formula(source: str) -> str:
    """A formula in a line, as GitHub reads it and as others show it unharmed: code between dollars."""
    span = _code_span(plain(source))
    return raw(f"${span}$" if "`" not in source else span)


_IN_LABEL = re.compile(rf"[\[\]\\`*_<&!{_MARKS}]")


def image(alt: str, target: str) -> str:
    """An image; `target` is what stands between the parentheses."""
    label = _IN_LABEL.sub(lambda match: "" if _is_mark(match[0]) else "\\" + match[0], alt)
    return raw(f"![{label}]({target})")


_RAW_PART = re.compile(rf"{_RAW}[^{_END}]*{_END}")


def has_text(line: str) -> bool:
    """Whether the line shows more than images."""
    return not blank(re.sub(f"[{_MARKS}]", "", _RAW_PART.sub("", line)))


def blank(line: str) -> bool:
    """Whether nothing of the line is shown."""
    return not line.strip(f" {BREAK}")


# --- finishing a line ---

_PLAIN_LINE = re.compile(rf"[^{_MARKS}\\`*_~<&!\[\]:]*")
_SPACES = re.compile(rf"({_RAW}[^{_END}]*{_END})|[ {BREAK}]*{BREAK}[ {BREAK}]*| {{2,}}")


def flat(line: str, dialect: Dialect) -> str:
    """The line as Markdown without line breaks: a heading's text, a table's cell."""
    return _finish(line.replace(BREAK, " "), dialect)


def heading(line: str, dialect: Dialect, level: int) -> str:
    """The line as a heading's text, without what would end it (`# C #`) or, above an underline, change it."""
    text = flat(line, dialect)
    if dialect.heading == "underlined" and level < 3:
        return safe_start(text)
    return re.sub(r"(?:^|(?<=\s))(?=#+$)", "\\\\", text)


def paragraph(line: str, dialect: Dialect, width: int) -> str:
    """The line as a paragraph, at most `width` columns wide where the dialect wraps, safe at the start of every line."""
    ends = {"\\": "\\\n", "  ": "  \n", "<br>": "<br>\n"}[dialect.hard_break]
    parts = _finish(line, dialect).split(BREAK)
    lines = [_wrap(part, width) if dialect.wrap else safe_start(part) for part in parts]
    return ends.join(lines)


def _finish(line: str, dialect: Dialect) -> str:
    line = _SPACES.sub(_space, line).strip(f" {BREAK}")
    if not dialect.escapes and _PLAIN_LINE.fullmatch(line):
        return line
    return _escape(_emphasis(line.replace(CODE + CODE, ""), dialect), dialect)


def _space(match: re.Match[str]) -> str:
    return match[1] or (BREAK if BREAK in match[0] else " ")


_START = re.compile(r"(?:#{1,6}(?=\s|$)|[-+](?=\s|$)|>|[=-]+\s*$|~~~|\[[ xX]\](?=\s)|[|:][|:\s-]*$)")
_NUMBER = re.compile(r"(\d{1,9})([.)](?=\s|$))")


def safe_start(line: str) -> str:
    """The line with its first sign escaped if that would make it a heading, a list, a quote, a rule or a table."""
    if _START.match(line):
        return "\\" + line
    return _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line


def _wrap(part: str, width: int) -> str:
    lines = textwrap.wrap(part, max(width, 20), break_long_words=False, break_on_hyphens=False)
    return "\n".join(map(safe_start, lines))


# --- emphasis ---

_RUNS = re.compile(rf"([{EM}{STRONG}{DEL}]+)")
_TWICE = re.compile(r"(.)\1")


def _emphasis(line: str, dialect: Dialect) -> str:
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
    if len(after) > 1 and not _is_mark(after[0]) and not _is_mark(after[1]):
        texts[at], texts[at + 1] = before + after[0], after[1:]
        return True
    return False


def _can_close(texts: list[str], at: int) -> bool:
    before, after = texts[at], texts[at + 1]
    if not _maybe_sign(before[-1:]) or not after or after[0] in f" {BREAK}" or _surely_sign(after[0]):
        return True
    if len(before) > 1 and not _is_mark(before[-1]) and not _is_mark(before[-2]):
        texts[at], texts[at + 1] = before[:-1], before[-1] + after
        return True
    return False


def _is_mark(sign: str) -> bool:
    return EM <= sign <= _END


# Versions of CommonMark differ: symbols such as € count as punctuation in the newer ones.
def _maybe_sign(sign: str) -> bool:
    return _is_mark(sign) or (sign != "" and unicodedata.category(sign)[0] in "PS")


def _surely_sign(sign: str) -> bool:
    return _is_mark(sign) or unicodedata.category(sign)[0] == "P" or sign in "$+<=>^`|~"


# --- escapes ---

_MEANT = r"""
    (?P<raw> {raw}[^{end}]*{end} )
  | (?P<code> {code}[^{code}]*{code} )
  | (?P<link> {link} )
  | (?P<url> \bhttps?://[^\s<>{marks}]+ )
  | (?P<extra> {extra} )
  | (?P<sign>
        \\ (?= [!-/:-@\[-`{{-~{marks}] | $ )     # a backslash before what it could escape
      | `
      | (?<![ ])\* | \*(?![ ])                    # "2 * 3" is no emphasis
      | (?<=[^ ])~                                # "~5" opens only; nothing closes
      | < (?= [A-Za-z/!?{marks}] )                # a tag, an autolink
      | & (?= \#?\w{{1,31}}; )                    # an entity
      | ! (?= \[ | {link} )                       # an image
      | \] (?= [\[(:{marks}] | $ )                # a link, a definition
    )
  | (?P<under> _+ )
  | (?P<bracket> [\[\]] )
"""


@lru_cache(maxsize=64)
def _scanner(escapes: frozenset[str]) -> re.Pattern[str]:
    extra = "|".join(re.escape(sign) for sign in sorted(escapes)) or "(?!)"
    return re.compile(_MEANT.format(raw=_RAW, end=_END, code=CODE, link=_LINK, marks=_MARKS, extra=extra), re.VERBOSE)


def _escape(line: str, dialect: Dialect) -> str:
    """The line with every sign escaped that would be read as markup, and its marks written."""
    in_link = False
    scanner = _scanner(dialect.escapes)

    def written(match: re.Match[str]) -> str:
        nonlocal in_link
        found, kind = match[0], match.lastgroup
        if kind == "raw":
            in_link = in_link and not found.startswith(f"{_RAW}](")
            return found[1:-1]
        if kind == "link":
            in_link = True
            return "["
        if kind == "code":
            return _code_span(found[1:-1])
        if kind == "url":
            return _address(found, scanner.sub(written, found.partition("://")[2]), in_link=in_link)
        if kind == "under":
            return found if _inside_word(match) else "\\_" * len(found)
        return "\\" + found if kind != "bracket" or in_link else found

    return scanner.sub(written, line)


def _inside_word(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()][-1:], match.string[match.end() : match.end() + 1]
    return before.isalnum() and after.isalnum()


def _code_span(code: str) -> str:
    """The code between more backticks than it holds.

    >>> _code_span("a`b")
    '`` a`b ``'
    """
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    pad = " " if longest else ""
    return f"{'`' * (longest + 1)}{pad}{code}{pad}{'`' * (longest + 1)}"


_TRAILING = re.compile(r"[\]\[?!.,:;*_~'\")(]*$")


def _address(url: str, escaped: str, *, in_link: bool) -> str:
    """A bare address: renderers link it, and some show the backslashes in it, so one that needs any is put in `<>`."""
    scheme, _, rest = url.partition("://")
    if in_link or escaped == rest:
        return f"{scheme}://{escaped}"
    core = _TRAILING.sub("", url)
    return f"<{core}>{''.join(chr(92) + sign if sign in '*_~[]' else sign for sign in url[len(core) :])}"
