"""Defines `Dialect`, the style in which a body writes Markdown, and fills in what the program that wrote it implies.

A body shows only some habits: `* a` with four columns to the text, say. Few importers write that, and what these have
in common (turndown's `1.  x`, `_emphasis_`, `* * *`) is then assumed too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fetcher.markdown.grid import COMPACT, PADDED, UP_TO_72, Frame, Style

# How superscript is written: 10², `10<sup>2</sup>`, `10^2^`, `10^(2)` or 102.
Raised = Literal["figures", "html", "pair", "parentheses", "plain"]

# How definition lists are written: `**Term**`, `Term`, `Term` with a hard break before its definition, or `:   ` there.
Definitions = Literal["strong", "plain", "break", "colon"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The habits of one body; the defaults are a style that people like."""

    bullet: Literal["-", "*", "+"] = "-"
    bullets: str = ""  # for nested lists: the bullet of each level in turn, if they differ
    bullet_width: int = 2  # columns from the bullet to the item's text
    number_end: Literal[".", ")"] = "."
    number_width: int = 0  # minimum columns of a number: 4 for pandoc's "1.  x"
    lists: Literal["page", "tight", "loose"] = "page"
    emphasis: Literal["*", "_"] = "*"
    strong: Literal["**", "__"] = "**"
    hard_break: Literal["\\", "  ", "<br>"] = "\\"
    heading: Literal["atx", "atx_closed", "underlined"] = "atx"
    rule: str = "---"
    code: Literal["fenced", "indented"] = "fenced"  # how code without a language is written
    code_ended: bool = False  # a final line end in code makes an empty last line; empty lines are indented too
    code_lead: int = 0  # lines of only an indent before indented code
    fence: Literal["```", "~~~"] = "```"
    info_space: bool = False  # "``` python"
    info: Literal["language", "class", "told", "none"] = "language"  # "class": the first; "told": prefers `language-…`
    links: Literal["absolute", "relative", "page"] = "absolute"  # "page": as the page has them
    linked: bool = True  # links are written; else only their texts
    backlinks: bool = True  # headings that link back to the contents keep that link
    autolinks: Literal["angle", "bare", "link"] = "angle"  # a link whose text is its address
    images: bool = True
    tables: Style = COMPACT
    tabled: bool = True  # else each cell is a paragraph
    repeats: bool = False  # a cell that spans several columns or rows repeats its text in each of them
    spaces: str = ""  # the no-break spaces and zero-width characters that are kept
    numbered: bool = False  # "(a)" at a line's start is escaped, as some readers take it for a list
    underlined: bool = False  # underlined text is emphasised
    keys: Literal["code", "plain", "tags"] = "code"  # how `kbd`, `samp` and `tt` are written
    raised: Raised = "figures"  # how superscript and subscript are written
    definitions: Definitions = "strong"  # how the terms of definition lists are written
    escapes: frozenset[str] = frozenset()  # characters escaped even where Markdown does not need it; also "..."
    wrap: int = 0  # columns; 0: one line per paragraph
    items_wrapped: bool = True  # list items are wrapped too


DEFAULT = Dialect()

_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def raised(text: str, tag: str, notation: Raised) -> tuple[str, str, str]:
    """Superscript (`sup`) or subscript (`sub`) in a notation: what opens it, its text, what closes it.

    >>> raised("2", "sup", "figures"), raised("th", "sup", "figures"), raised("2", "sub", "parentheses")
    (('', '²', ''), ('', 'th', ''), ('_(', '2', ')'))
    """
    figures, sign, under = (_RAISED, "^", "^") if tag == "sup" else (_LOWERED, "~", "_")
    if notation == "figures" and all(ord(letter) in figures for letter in text):
        return "", text.translate(figures), ""
    signs = {"html": (f"<{tag}>", f"</{tag}>"), "parentheses": (f"{under}(", ")")}
    if " " not in text:
        signs["pair"] = (sign, sign)
    opening, closing = signs.get(notation, ("", ""))
    return opening, text, closing


# For each habit, the values that a program can have, the default first. Some are evidence of the program only, and no
# fields of `Dialect`: whether it ever fences code, what it always escapes, whether it writes attributes (`{.name}`).
_Habits = Mapping[str, tuple[Any, ...]]

_COLUMNS = 72  # where pandoc wraps, and the width of its rules
_BARE = Style(Frame(("", "| ", "  "), ("", "|", "  ")))
_COMMON: _Habits = {
    "strong": ("**",), "number_end": (".",), "bullet_width": (2,), "number_width": (0,), "bullets": ("",),
    "info_space": (False,), "attributes": (False,),
}  # fmt: skip
_FENCED: _Habits = {**_COMMON, "heading": ("atx",), "code": ("fenced",), "fenced": (True,), "wrap": (0,)}

# Versions 3 and 2 of pandoc; many corpora were written by them.
_PANDOC: _Habits = {
    **_COMMON, "bullet": ("-",), "number_end": (".", ")"), "number_width": (4,), "emphasis": ("*",),
    "hard_break": ("\\", "  "), "heading": ("atx", "underlined"), "rule": ("-" * _COLUMNS,), "code": ("indented",),
    "fenced": (True, False), "fence": ("```", "~~~"), "info_space": (True,), "info": ("told", "language", "class"),
    "attributes": (False, True), "escaped": ("<>|]",), "definitions": ("break", "colon"), "links": ("page", "relative"),
    "lists": ("page", "tight", "loose"),
    "tables": (UP_TO_72, PADDED), "underlined": (True,), "wrap": (_COLUMNS, 0),
    "numbered": (True, False),  # False where the text begins in another element
}  # fmt: skip
_PANDOC_2: _Habits = {**_PANDOC, "bullet_width": (4,), "tables": (PADDED,)}
_TURNDOWN: _Habits = {
    **_COMMON, "bullet": ("*", "-", "+"), "bullet_width": (4,), "number_width": (4,), "emphasis": ("_",),
    "hard_break": ("  ",), "heading": ("underlined", "atx"), "rule": ("* * *",), "wrap": (0,), "escaped": ("[]",),
    "definitions": ("plain",), "tables": (COMPACT,),
}  # fmt: skip
_HTML2TEXT: _Habits = {
    **_COMMON, "bullet": ("*",), "emphasis": ("_",), "hard_break": ("  ",), "heading": ("atx",), "rule": ("* * *",),
    "code": ("indented",), "fenced": (False,), "code_ended": (True,), "code_lead": (2,), "tables": (_BARE,),
    "wrap": (78, 0), "items_wrapped": (False, True),
}  # fmt: skip
_MARKDOWNIFY: _Habits = {
    **_FENCED, "bullet": ("*",), "bullets": ("*+-",), "emphasis": ("*",), "hard_break": ("  ",),
    "heading": ("underlined", "atx"), "rule": ("---",), "tables": (COMPACT,), "definitions": ("colon",),
}  # fmt: skip
_REMARK: _Habits = {
    **_FENCED, "bullet": ("*", "-"), "emphasis": ("*", "_"), "hard_break": ("\\",), "rule": ("***",),
    "tables": (PADDED,),
}  # fmt: skip

_PLAIN: _Habits = {"bullet": ("-",), "heading": ("atx",), "definitions": ("plain",)}
_NODE_HTML_MARKDOWN: _Habits = {
    "bullets": ("",), "emphasis": ("_",), "heading": ("atx",), "tables": (PADDED,), "code_ended": (True,),
    "definitions": ("plain",),
}  # fmt: skip

_FAMILIES: Sequence[Sequence[_Habits]] = (
    (_PANDOC, _PANDOC_2),
    (
        {**_TURNDOWN, "code": ("indented",), "fenced": (False,), "code_ended": (True,)},
        {**_TURNDOWN, "code": ("fenced",), "fenced": (True,)},
    ),
    (_HTML2TEXT,),
    (_MARKDOWNIFY, {**_MARKDOWNIFY, "bullet": ("-", "*"), "bullets": ("",)}),
    ({**_MARKDOWNIFY, **_PLAIN, "bullets": ("-*+",), "tables": (PADDED,)},),
    ({**_MARKDOWNIFY, **_PLAIN, "bullets": ("",)},),
    ({**_MARKDOWNIFY, **_NODE_HTML_MARKDOWN},),
    (_REMARK,),
    ({**_REMARK, "bullet": ("-",), "emphasis": ("_",), "hard_break": ("  ",), "rule": ("---",)},),
    ({name: (getattr(DEFAULT, name),) for name in _REMARK if hasattr(DEFAULT, name)},),
)  # pandoc, turndown, html2text, markdownify, html-to-markdown, clippers, node-html-markdown, remark, prettier, people
_ESCAPED = frozenset("$<>|[]#")
# Habits that only pandoc has.
_ITS_OWN: Mapping[str, object] = {"rule": "-" * _COLUMNS, "info_space": True, "tables": UP_TO_72, "attributes": True}
_TELLING = frozenset(["attributes", "escaped", "fenced"])
# Habits that are taken from pandoc's defaults only where the body is known to be pandoc's.
_IF_TOLD = frozenset(["fence", "info", "links", "lists", "numbered", "underlined"])


def complete(seen: Mapping[str, Any], plain: Collection[str] = (), room: int = 0) -> dict[str, Any]:
    """The habits that a body shows, with those of the program that must have written it.

    `plain` are the characters that are in its text without an escape; `room` is the length of its longest line that
    could have been broken, so it is not wrapped at fewer columns.

    >>> complete({"bullet": "*", "bullet_width": 4})["number_width"]
    4
    """
    by_pandoc, *others = ([program for program in each if _agrees(program, seen, plain)] for each in _FAMILIES)
    if by_pandoc and _is_told(seen):
        # How narrow tables are drawn does not show how wide ones are, nor one info string how others are chosen, nor
        # tight lists that lists of paragraphs are tight.
        rest = {name: habit for name, habit in seen.items() if name not in ("tables", "info", "lists")}
        escapes = seen.get("escapes", frozenset()) | _ESCAPED.difference(plain)
        return _dialect({**_usual(by_pandoc[0], room), **rest, "escapes": escapes})
    is_underlined = seen.get("heading") == "underlined"  # an option of pandoc's that is rarely used
    known = [family for family in ([] if is_underlined else by_pandoc, *others) if family]
    usual = _usual(known[0][0], room) if len(known) == 1 else _in_common([each for family in known for each in family])
    return _dialect({**{name: habit for name, habit in usual.items() if name not in _IF_TOLD}, **seen})


def _is_told(seen: Mapping[str, Any]) -> bool:
    """Whether a body has what few programs but pandoc write; others with such wide numbers underline headings."""
    is_wide = seen.get("number_width") == _PANDOC["number_width"][0] and seen.get("heading") != "underlined"
    is_its_own = any(seen.get(name) == habit for name, habit in _ITS_OWN.items())
    return is_wide or is_its_own or "$" in seen.get("escapes", ())


def _dialect(habits: Mapping[str, Any]) -> dict[str, Any]:
    """The habits that are fields of `Dialect`."""
    return {name: habit for name, habit in habits.items() if name not in _TELLING}


def _agrees(program: _Habits, seen: Mapping[str, Any], plain: Collection[str]) -> bool:
    """Whether a program can have written a body with these habits, and these characters without an escape."""
    is_plain = any(sign in escaped for escaped in program.get("escaped", ()) for sign in plain)
    return not is_plain and all(
        any(_is_one(habit, seen[name]) for habit in program[name]) for name in seen.keys() & program
    )


def _is_one(habit: object, other: object) -> bool:
    if isinstance(habit, Style) and isinstance(other, Style):
        return (habit.frame, habit.padded) == (other.frame, other.padded)
    return habit == other


def _usual(program: _Habits, room: int) -> dict[str, Any]:
    """The default habits of a program, wrapping at the first of its widths that has `room`."""
    habits = {name: values[0] for name, values in program.items()}
    return {**habits, "wrap": next(column for column in program["wrap"] if not 0 < column < room)}


def _in_common(programs: Sequence[_Habits]) -> dict[str, Any]:
    """The habits that all of the programs share, whatever their options."""
    values = [(name, {value for each in programs for value in each.get(name, (None,))}) for name in _REMARK]
    return {name: found.pop() for name, found in values if len(found) == 1}
