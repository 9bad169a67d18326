"""How a seed writes Markdown: one record of habits."""

from dataclasses import dataclass
from typing import Literal

from fetcher.markdown.grid import COMPACT, Style

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
