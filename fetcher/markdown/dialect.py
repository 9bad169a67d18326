"""How a seed writes Markdown: one record of habits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fetcher.markdown.grid import COMPACT, PADDED, UP_TO_72, Frame, Style

# 10², `10<sup>2</sup>`, `10^2^`, `10^(2)` and 102.
Raised = Literal["figures", "html", "pair", "parentheses", "plain"]

# `**Term**`, `Term`, `Term` with a hard break of two spaces before its definition, and with `:   ` before that.
Definitions = Literal["strong", "plain", "break", "colon"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The habits of one body; the defaults are a Markdown that people like."""

    bullet: Literal["-", "*", "+"] = "-"
    bullets: str = ""  # which lists in lists take in turn, if they do
    bullet_width: int = 2  # columns from the bullet to the item's text
    number_end: Literal[".", ")"] = "."
    number_width: int = 0  # columns that a number takes at least: 4 for pandoc's "1.  x"
    lists: Literal["page", "tight", "loose"] = "page"
    emphasis: Literal["*", "_"] = "*"
    strong: Literal["**", "__"] = "**"
    hard_break: Literal["\\", "  ", "<br>"] = "\\"
    heading: Literal["atx", "atx_closed", "underlined"] = "atx"
    rule: str = "---"
    code: Literal["fenced", "indented"] = "fenced"  # how code without a language is written
    code_ended: bool = False  # the end of its last line makes one more; empty lines are indented as the others are
    code_lead: int = 0  # lines of nothing but an indent before indented code
    fence: Literal["```", "~~~"] = "```"
    info_space: bool = False  # "``` python"
    info: Literal["language", "class", "told", "none"] = "language"  # "class": the first; "told": rather a language
    links: Literal["absolute", "relative", "page"] = "absolute"  # "page": as the page has them
    linked: bool = True  # links are written, and not only their texts
    backlinks: bool = True  # headings that lead to the contents do so here too
    autolinks: Literal["angle", "bare", "link"] = "angle"  # a link of which its address is the text
    images: bool = True
    tables: Style = COMPACT
    tabled: bool = True  # else each cell is a paragraph
    repeats: bool = False  # what a cell says that spans several places stands in each of them
    spaces: str = ""  # which spaces that do not break and signs without width are kept
    numbered: bool = False  # "(a)" at a line's start is escaped, as some readers take it for a list
    underlined: bool = False  # underlined text is emphasised
    keyed: bool = True  # what is typed or put out (`kbd`, `samp`, `tt`) is code
    raised: Raised = "figures"  # how what stands above or below the line is written
    definitions: Definitions = "strong"  # how the terms of definition lists are written
    escapes: frozenset[str] = frozenset()  # signs escaped even where Markdown does not need it; "..." is one
    wrap: int = 0  # columns; 0 is one line a paragraph
    items_wrapped: bool = True  # and so are items of lists


DEFAULT = Dialect()

_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def raised(text: str, tag: str, notation: Raised) -> tuple[str, str, str]:
    """What stands above (`sup`) or below the line (`sub`) in a notation: what opens it, its text, what closes it.

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


# Of each habit the values that a program may have, by its options: the usual one first. Some tell of programs alone:
# whether they ever fence code, which signs they always escape, and whether they write attributes (`{.name}`).
_Habits = Mapping[str, tuple[Any, ...]]

_COLUMNS = 72  # at which pandoc wraps, and as wide as its rules are
_BARE = Style(Frame(("", "| ", "  "), ("", "|", "  ")))
_COMMON: _Habits = {
    "strong": ("**",), "number_end": (".",), "bullet_width": (2,), "number_width": (0,), "bullets": ("",),
    "info_space": (False,), "attributes": (False,),
}  # fmt: skip
_FENCED: _Habits = {**_COMMON, "heading": ("atx",), "code": ("fenced",), "fenced": (True,), "wrap": (0,)}

# By versions 3 and 2 of pandoc many corpora were written.
_PANDOC: _Habits = {
    **_COMMON, "bullet": ("-",), "number_end": (".", ")"), "number_width": (4,), "emphasis": ("*",),
    "hard_break": ("\\", "  "), "heading": ("atx", "underlined"), "rule": ("-" * _COLUMNS,), "code": ("indented",),
    "fenced": (True, False), "fence": ("```", "~~~"), "info_space": (True,), "info": ("told", "language", "class"),
    "attributes": (False, True), "escaped": ("<>|]",), "definitions": ("break", "colon"), "links": ("page", "relative"),
    "lists": ("page", "tight", "loose"),
    "tables": (UP_TO_72, PADDED), "underlined": (True,), "wrap": (_COLUMNS, 0),
    "numbered": (True, False),  # not where the text begins in another element
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
# What no other program writes.
_ITS_OWN: Mapping[str, object] = {"rule": "-" * _COLUMNS, "info_space": True, "tables": UP_TO_72, "attributes": True}
_TELLING = frozenset(["attributes", "escaped", "fenced"])
_IF_TOLD = frozenset(
    ["fence", "info", "links", "lists", "numbered", "underlined"]
)  # what others than pandoc may do as well


def complete(seen: Mapping[str, Any], plain: Collection[str] = (), room: int = 0) -> dict[str, Any]:
    """The habits that a body shows, with those that its program must have.

    `plain` are the signs that stand in its text and are not escaped, `room` the columns that it needs at least.

    >>> complete({"bullet": "*", "bullet_width": 4})["number_width"]
    4
    """
    by_pandoc, *others = ([program for program in each if _agrees(program, seen, plain)] for each in _FAMILIES)
    if by_pandoc and _is_told(seen):
        # How narrow tables are drawn does not tell how wide ones are; nor do infos how others come about, or lists
        # without blank lines that there are none of paragraphs.
        rest = {name: habit for name, habit in seen.items() if name not in ("tables", "info", "lists")}
        escapes = seen.get("escapes", frozenset()) | _ESCAPED.difference(plain)
        return _dialect({**_usual(by_pandoc[0], room), **rest, "escapes": escapes})
    is_underlined = seen.get("heading") == "underlined"  # which pandoc has to be asked for
    known = [family for family in ([] if is_underlined else by_pandoc, *others) if family]
    usual = _usual(known[0][0], room) if len(known) == 1 else _in_common([each for family in known for each in family])
    return _dialect({**{name: habit for name, habit in usual.items() if name not in _IF_TOLD}, **seen})


def _is_told(seen: Mapping[str, Any]) -> bool:
    """Whether a body has what few programs but pandoc write; who else sets numbers so wide underlines headings."""
    is_wide = seen.get("number_width") == _PANDOC["number_width"][0] and seen.get("heading") != "underlined"
    is_its_own = any(seen.get(name) == habit for name, habit in _ITS_OWN.items())
    return is_wide or is_its_own or "$" in seen.get("escapes", ())


def _dialect(habits: Mapping[str, Any]) -> dict[str, Any]:
    """The habits without those that tell of programs alone."""
    return {name: habit for name, habit in habits.items() if name not in _TELLING}


def _agrees(program: _Habits, seen: Mapping[str, Any], plain: Collection[str]) -> bool:
    """Whether a program may have written what has the habits that were seen, and these signs without an escape."""
    is_plain = any(sign in escaped for escaped in program.get("escaped", ()) for sign in plain)
    return not is_plain and all(
        any(_is_one(habit, seen[name]) for habit in program[name]) for name in seen.keys() & program
    )


def _is_one(habit: object, other: object) -> bool:
    if isinstance(habit, Style) and isinstance(other, Style):
        return (habit.frame, habit.padded) == (other.frame, other.padded)
    return habit == other


def _usual(program: _Habits, room: int) -> dict[str, Any]:
    """The usual habits of a program; it wraps at no column that is less than the text needs."""
    habits = {name: values[0] for name, values in program.items()}
    return {**habits, "wrap": next(column for column in program["wrap"] if not 0 < column < room)}


def _in_common(programs: Sequence[_Habits]) -> dict[str, Any]:
    """The habits that programs have whatever their options."""
    values = [(name, {value for each in programs for value in each.get(name, (None,))}) for name in _REMARK]
    return {name: found.pop() for name, found in values if len(found) == 1}
