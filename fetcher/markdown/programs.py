"""What well-known programs write: it tells of habits of which a body shows nothing.

A body that begins its items with `*   ` and underlines its headings was written by one of few programs. Where all that
have the habits which a body shows have one more in common, the body has it too; and where only one program has them, it
is taken to be used with as few options as possible.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import product
from typing import Any

from fetcher.markdown.dialect import DEFAULT
from fetcher.markdown.grid import COMPACT, PADDED, UP_TO_72, Frame, Style

_Habits = Mapping[str, object]

_COLUMNS = 72  # at which pandoc wraps, and as wide as its rules are
_BARE = Style(Frame(("", "| ", "  "), ("", "|", "  ")))
_COMMON: _Habits = {"strong": "**", "number_end": ".", "bullet_width": 2, "number_width": 0, "bullets": ""}
_FENCED: _Habits = {**_COMMON, "heading": "atx", "code": "fenced", "wrap": 0}

_PANDOC: _Habits = {
    **_COMMON, "bullet": "-", "number_width": 4, "emphasis": "*", "hard_break": "\\", "heading": "atx",
    "rule": "-" * _COLUMNS, "code": "indented", "info_space": True, "tables": UP_TO_72, "definitions": "break",
}  # fmt: skip
_TURNDOWN: _Habits = {
    **_COMMON, "bullet_width": 4, "number_width": 4, "emphasis": "_", "hard_break": "  ", "rule": "* * *", "wrap": 0,
    "definitions": "plain",
}  # fmt: skip
_HTML2TEXT: _Habits = {
    **_COMMON, "bullet": "*", "emphasis": "_", "hard_break": "  ", "heading": "atx", "rule": "* * *",
    "code": "indented", "tables": _BARE,
}  # fmt: skip
_MARKDOWNIFY: _Habits = {
    **_FENCED, "bullet": "*", "bullets": "*+-", "emphasis": "*", "hard_break": "  ", "rule": "---", "tables": COMPACT,
    "definitions": "colon",
}  # fmt: skip
_REMARK: _Habits = {
    **_FENCED, "bullet": "*", "emphasis": "*", "hard_break": "\\", "rule": "***", "tables": PADDED,
}  # fmt: skip


def _families() -> Iterator[list[_Habits]]:
    """The habits of each program, with each of the options that its users set, the usual ones first."""
    yield [{**_PANDOC, "bullet_width": width, "wrap": wrap} for width, wrap in product((2, 4), (_COLUMNS, 0))]
    options = product(("underlined", "atx"), ("indented", "fenced"), "*-+")
    yield [{**_TURNDOWN, "heading": heading, "code": code, "bullet": bullet} for heading, code, bullet in options]
    yield [{**_HTML2TEXT, "wrap": wrap} for wrap in (78, 0)]
    yield [
        {**_MARKDOWNIFY, "heading": heading, "bullet": bullets[0], "bullets": bullets if bullets[1:] else ""}
        for heading, bullets in product(("underlined", "atx"), ("*+-", "-", "*"))
    ]
    plain: _Habits = {**_MARKDOWNIFY, "bullet": "-", "definitions": "plain"}
    yield [{**plain, "bullets": "-*+", "tables": PADDED}]  # html-to-markdown
    yield [{**plain, "bullets": ""}]  # web clippers
    yield [{**plain, "bullet": "*", "bullets": "", "emphasis": "_", "tables": PADDED}]  # node-html-markdown
    yield [{**_REMARK, "bullet": bullet, "emphasis": sign} for bullet, sign in product("*-", "*_")]
    yield [{**_REMARK, "bullet": "-", "emphasis": "_", "hard_break": "  ", "rule": "---"}]  # prettier
    yield [{name: getattr(DEFAULT, name) for name in _REMARK}]


_FAMILIES = tuple(_families())

# Habits of pandoc 3 and 2, by which many corpora were written: of each the value for a body that shows none, and others
# that may be shown.
_OF_PANDOC: Mapping[str, tuple[Any, ...]] = {
    "bullet": ("-",),
    "bullet_width": (2,),
    "number_end": (".", ")"),
    "number_width": (4,),
    "emphasis": ("*",),
    "strong": ("**",),
    "hard_break": ("\\",),
    "heading": ("atx", "underlined"),
    "rule": ("-" * 72,),
    "code": ("indented",),
    "fence": ("```", "~~~"),
    "info_space": (True,),
    "info": ("told", "language", "class"),
    "tables": (UP_TO_72, PADDED),
    "numbered": (True, False),  # not where the text begins in another element
    "underlined": (True,),
    "definitions": ("break", "colon"),
    "links": ("page", "relative"),
    "lists": ("page", "tight", "loose"),
}
_PANDOCS = (_OF_PANDOC, {**_OF_PANDOC, "bullet_width": (4,), "hard_break": ("  ",), "tables": (PADDED,)})
_ESCAPED = frozenset("$<>|[]#")
_ALWAYS_ESCAPED = frozenset("<>|]")  # by pandoc
_ITS_OWN = ("number_width", "rule", "info_space")


def with_usual(seen: _Habits, plain: Collection[str] = (), room: int = 0) -> dict[str, Any]:
    """The habits that a body shows, with those that its program must have.

    `plain` are the signs that stand in its text and are not escaped, `room` the columns that it needs at least.

    >>> with_usual({"bullet": "*", "bullet_width": 4})["number_width"]
    4
    """
    shown = _by_pandoc(seen, plain)
    known = [
        [
            program
            for program in family
            if all(_agrees(program, name, shown[name]) for name in shown.keys() & program)
            and not 0 < int(str(program["wrap"])) < room
        ]
        for family in _FAMILIES
        if family[0]["rule"] != _PANDOC["rule"] or _ALWAYS_ESCAPED.isdisjoint(plain)
    ]
    first, *others = [program for family in known for program in family] or [{}]
    if sum(map(bool, known)) > 1:
        first = {name: habit for name, habit in first.items() if all(name in it and it[name] == habit for it in others)}
    return {**first, **shown}


def _by_pandoc(seen: Mapping[str, Any], plain: Collection[str]) -> dict[str, Any]:
    """The habits that a body shows, with those of pandoc if that has all of them, and one of them is its alone."""
    escapes: frozenset[str] = seen.get("escapes", frozenset())
    is_told = any(seen.get(habit) == _OF_PANDOC[habit][0] for habit in _ITS_OWN)
    if not _ALWAYS_ESCAPED.isdisjoint(plain) or not (is_told or seen.get("tables") == UP_TO_72 or "$" in escapes):
        return dict(seen)
    for known in _PANDOCS:
        if all(seen[habit] in known[habit] for habit in seen.keys() & known):
            usual = {habit: values[0] for habit, values in known.items()}
            # How narrow tables are drawn does not tell how wide ones are; nor do infos how others come about, or lists
            # without blank lines that there are none of paragraphs.
            sure = {habit: usual[habit] for habit in ("tables", "info", "lists")}
            return {**usual, **seen, **sure, "escapes": escapes | _ESCAPED.difference(plain)}
    return dict(seen)


def _agrees(program: _Habits, name: str, habit: object) -> bool:
    """Whether a program may have written what has this habit."""
    its = program[name]
    if isinstance(habit, Style) and isinstance(its, Style):
        return (habit.frame, habit.padded) == (its.frame, its.padded)
    return habit == its
