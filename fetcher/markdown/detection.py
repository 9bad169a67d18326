"""Detects the dialect of a stored body: which bullets, escapes, breaks, fences and so on it uses most."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any, TypeVar

from fetcher.markdown.code_blocks import NO_ITEM, Fence, indented_at_left, may_be_fenced, without_fenced
from fetcher.markdown.dialect import Dialect, complete
from fetcher.markdown.grid import Style, detect_style, find_tables

_T = TypeVar("_T")
_TABLES = 9  # tables that are looked at
_INDENTED = re.compile(r"\n\n(?: {4}.*\n+)+(?=\S|\Z)")
_CODE = r"`(?<!``)(`*)(?!`).*?(?<!`)`\1(?!`)"
_CODE_SPAN = re.compile(_CODE, re.DOTALL)
# What is not prose: code spans, link destinations, autolinks.
_SPAN = re.compile(
    _CODE + r"|\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?: \"[^\"]*\")?\)|<[a-z]+:[^\s>]*>|https?://\S*",
    re.DOTALL,
)
_LABEL = r"[^\]\n]{0,999}+"  # of a link; bounded, for the sake of texts that are only brackets
_BREAK = re.compile(r"\S(\\|  |<br ?/?>)\Z")
_KEPT_SPACES = "\u00a0\u00ad\u200b\u2060"
_LETTERED = r" *(?:(?:[-*+]|\d+[.)]) +)?{}\(\w{{1,4}}{}\)\s"
_PROSE = r"(?![#|>\s`~]|[-*+:] |\d+[.)] |<[^\n]*>$)"  # no heading, table, quote, code, list, definition or raw HTML
_HIGHLIGHTERS = frozenset([
    "shiki", "hljs", "highlight", "prettyprint", "sourcecode", "chroma",
    "codehilite", "prism", "code-block", "astro-code",
])  # fmt: skip
# Characters that some converters escape although Markdown reads them literally almost everywhere.
_OPTIONAL = "$'\"#<>@~^|[](){}+-=:;!%&,/"


@lru_cache(maxsize=1)  # one visit asks for the same body more than once
def detect(body: str) -> Dialect:
    """The dialect of `body`; the default of each habit that it does not show.

    >>> detect("* a\\n* b\\n\\nIt\\\\'s \\\\'x\\\\'\\n").bullet
    '*'
    """
    text = body.replace("\r\n", "\n").lstrip("\ufeff")
    lines, fences = without_fenced(text) if may_be_fenced(text) else (text, [])
    unfenced = lines
    lines = f"\n\n{lines}" if lines.startswith("    ") else lines  # faster than to search for the start, too
    lines = _INDENTED.sub("\n\n", lines) if "\n\n    " in lines else lines
    prose = _SPAN.sub("x", lines)
    habits = {
        **_blocks(unfenced, lines),
        **_lists(lines),
        **_code(text, fences),
        **_inline(prose),
        **_links(lines),
        "spaces": "".join(filter(lines.__contains__, _KEPT_SPACES)),
        "numbered": _numbered(unfenced),  # nested items are indented like code
        "escapes": _escapes(prose),
        "wrap": _wrap(lines),
    }
    seen = {name: habit for name, habit in habits.items() if habit is not None}
    plain = _plain(prose)
    return Dialect(**complete(seen, plain, _room(lines)))


def most_common(found: Iterable[_T]) -> _T | None:
    """The most common value; None if there is none."""
    ranked = Counter(found).most_common(1)
    return ranked[0][0] if ranked else None


def _at_lines(pattern: str, text: str) -> list[Any]:
    """`re.findall` at the starts of lines: searching for line ends is ten times as fast as searching for `^`."""
    return re.findall(rf"\n{pattern}", f"\n{text}", re.MULTILINE)


def _blocks(unfenced: str, lines: str) -> dict[str, object]:
    rules = re.findall(r"\n\n(-{3,}|\*{3,}|_{3,}|(?:[-*_] ){2,}[-*_])(?=\n\n|\n?\Z)", lines)
    under = len(_at_lines(r"\S.*+\n(?:=+|-+)$", lines))
    over = _at_lines(r"#{1,2} .*?( #+)?$", lines)
    heading = None
    if under or over:
        heading = "underlined" if under > len(over) else "atx_closed" if sum(map(bool, over)) * 2 > len(over) else "atx"
    return {
        "rule": most_common(rules),
        "heading": heading,
        "tables": _table_style(unfenced) if "|" in unfenced else None,
        "definitions": "colon" if ":   " in lines and _at_lines(r"[ \t>]*:   \S", lines) else None,
    }


def _table_style(text: str) -> Style | None:
    """The most common style of tables, or one that draws narrow and wide tables differently if any shows that."""
    styles = [style for style in map(detect_style, islice(find_tables(text), _TABLES)) if style]
    return next((style for style in styles if style.most), most_common(styles))


def _lists(lines: str) -> dict[str, object]:
    bullets = _at_lines(r"(?!(?:[-*_] ){2,}[-*_]$) *([-*+])( +)\S", lines)  # without rules such as "* * *"
    numbers = _at_lines(r" *(\d{1,9})([.)])( +)\S", lines)
    wide = most_common(4 if len(gap) > 1 else 0 for number, _, gap in numbers if len(number) == 1)
    return {
        "bullet": most_common(sign for sign, _ in bullets),
        "bullet_width": most_common(1 + len(gap) for _, gap in bullets if len(gap) < 5),
        "number_end": most_common(end for _, end, _ in numbers),
        "number_width": wide,
        "lists": _spacing(lines),
        "items_wrapped": True if _at_lines(rf" *(?:[-*+]|\d+[.)]) +\S.*\n +{NO_ITEM}\S", lines) else None,
    }


def _spacing(lines: str) -> str | None:
    """`tight` if no items are separated by blank lines, `loose` if all are; None if mixed, or too few to tell."""
    apart = _at_lines(r"(?:[-*+]|\d+[.)]) .*+(?=\n(\n?)(?:[-*+]|\d+[.)]) )", lines)
    if len(apart) < 5 or 0 < sum(map(bool, apart)) < len(apart):
        return None
    return "loose" if apart[0] else "tight"


_ATTRIBUTES = re.compile(r"\]\{[.#][\w-]+[ }]|\n#+ .*\{[.#][\w-]+[ }]")
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:|#|//", re.IGNORECASE)
# Lines of only an indent, before indented code and after it.
_LEAD = re.compile(r"(?:\A|\n\n)((?: {4}\n)*) {4}(?=\S)")
_ENDED = re.compile(r"\n {4}.*\S.*\n {4}(?=\n\n|\n?\Z)")


def _code(text: str, fences: Sequence[Fence]) -> dict[str, object]:
    infos = [fence.info for fence in fences if fence.info.strip()]
    indented = indented_at_left(text)
    bare = len(fences) - len(infos)
    return {
        "fence": most_common(fence.sign for fence in fences),
        "fenced": True if fences else None,
        "info_space": most_common(info.startswith(" ") for info in infos),
        "info": most_common("class" if info.split()[0].lower() in _HIGHLIGHTERS else "language" for info in infos),
        "code": "indented" if indented > bare else "fenced" if bare else None,
        "code_ended": True if any(fence.is_ended for fence in fences) or (indented and _ENDED.search(text)) else None,
        "code_lead": most_common(len(lead) // 5 for lead in _LEAD.findall(text) if lead) if indented else None,
        "attributes": True if ("{." in text or "{#" in text) and _ATTRIBUTES.search(text) else None,
    }


def _inline(prose: str) -> dict[str, object]:
    lines = prose.split("\n")
    ends = (_BREAK.search(line) for line, after in pairwise(lines) if after and line.endswith(("\\", "  ", ">")))
    breaks = [end[1] for end in ends if end]
    marked = "\n".join(line for line in lines if "*" in line or "_" in line)
    return {
        "hard_break": most_common("<br>" if sign.startswith("<") else sign for sign in breaks),
        "strong": most_common(re.findall(r"(\*\*|__)(?<![\w*_\\]..)(?=[^\s*_])", marked)),
        "emphasis": most_common(re.findall(r"([*_])(?<![\w*_\\].)(?=[^\s*_])[^*_\n]*[^\s*_\\]\1(?![\w*_])", marked)),
    }


def _links(lines: str) -> dict[str, object]:
    targets = re.findall(rf"\[(?<!!\[){_LABEL}\]\(<?([^\s)>]+)", lines) + _at_lines(
        rf" *\[(?!\^){_LABEL}\]:[ \t]*<?([^\s>]+)", lines
    )
    relative = sum(not _ABSOLUTE.match(target) for target in targets)
    images = len(re.findall(rf"!\[{_LABEL}\]\(", lines))
    long = len(lines) > 2000
    return {
        "backlinks": bool(_at_lines(rf" *#+ +\[{_LABEL}\]\(#", lines)) if _at_lines(r" *#+ ", lines) else None,
        "links": "relative" if relative else None,
        "autolinks": _autolinks(lines),
        "images": False if long and not images else None,
    }


def _autolinks(lines: str) -> str | None:
    """How links whose text is their address are mostly written; None for the default, `<…>`."""
    lines = _CODE_SPAN.sub("x", lines) if "`" in lines else lines
    forms = Counter(
        angle=len(re.findall(r"<(?:https?://|[\w.+-]+@)", lines)),
        bare=len(re.findall(r"http(?<![<(\"'\w\[/=]http)s?://", lines)),
        link=len(re.findall(r"\[((?:https?://|[\w.+-]{1,64}@)[^\]\s]+)\]\((?:mailto:)?\1/?\)", lines)),
    )
    form, times = forms.most_common(1)[0]
    return form if times and form != "angle" else None


def _escapes(prose: str) -> frozenset[str]:
    """The characters that are escaped more often than not."""
    escaped = Counter(re.findall(r"\\([!-/:-@\[-`{-~])", prose))
    found = {sign for sign, times in escaped.items() if sign in _OPTIONAL and times * 2 > prose.count(sign)}
    if "]" in found:  # links hide how often its partner is
        found.add("[")
    within = re.findall(r"(?<=[^\W_])(\\?)_(?=[^\W_])", prose) if "\\_" in prose else []
    if 2 * sum(map(bool, within)) > len(within):
        found.add("_")
    if 2 * len(re.findall(r"\\\.\.\.", prose)) > prose.count("..."):
        found.add("...")
    return frozenset(found)


_NO_TEXT = re.compile(
    r"\\.|<[!/]?[a-zA-Z][^<>\n]*>|^[ >]*>|^ *\|.*|\[(?:[ xX]?|\^\w+)\]|!\[[^\]\[\n]*\]"
    r"|\[[^\]\[\n]*\](?=\{[.#]|\[)|^ *\[[^\]\[\n]+\]:",
    re.MULTILINE,
)
_LABELS = re.compile(r"^ {0,3}(\[[^\]\[\n]+\]):", re.MULTILINE)
# Lines that `_plain` has to look at; searching for line ends is faster than looking at each line.
_SIGNED = re.compile(r"\n[^\n$<>|\]#]*+(?:#++(?!\w)[^\n$<>|\]#]*+)*+[$<>|\]#][^\n]*+")
_PLAIN = re.compile(r"[$<>|\]#](?:(?<!#)|(?<![\w#/&]#)(?=\w))")


def _plain(prose: str) -> frozenset[str]:
    """The characters that some importers always escape but that this text has without an escape."""
    signed = "".join(_SIGNED.findall(f"\n{prose}"))[1:]
    text = _NO_TEXT.sub("", signed)
    for label in _LABELS.findall(signed):
        text = text.replace(label, "")
    return frozenset(_PLAIN.findall(text.replace("[]", "")))


def _numbered(lines: str) -> bool | None:
    """Whether "(a)" at the start of a line is escaped; None if there is no such line and other escapes do not tell."""
    if plain := _at_lines(_LETTERED.format("", ""), lines):
        return len(_at_lines(_LETTERED.format(r"\\", r"\\"), lines)) > len(plain)
    return True if re.search(r"\\[$'\"#>()]", lines) else None


WRAPS = (72, 78, 80, 79, 70, 76, 100)  # columns that programs wrap at, the most common first
_LONGEST = 120  # columns: longer lines are not wrapped


def _wrap(lines: str) -> int | None:
    """The column where paragraphs are wrapped; 0 for one line per paragraph, None if there are too few to tell."""
    pairs = _at_lines(rf"{_PROSE}(\S.++)(?<![\\\s])(?=\n{_PROSE}(\S+))", lines)
    column = _wrap_of_few(pairs, lines) if len(pairs) < 5 else _wrap_of_many(pairs)
    is_long = column is None and _at_lines(rf"{_PROSE}\S.{{{_LONGEST}}}\S* \S", lines)
    return 0 if is_long else column


def _room(lines: str) -> int:
    """The length of the longest line that could have been broken."""
    return max(map(len, _at_lines(r"(?![#|>\s`~]|<[^\n]*>$)((?:(?:[-*+]|\d+[.)]) +)?\S+ .*)", lines)), default=0)


def _wrap_of_many(pairs: Sequence[tuple[str, str]]) -> int | None:
    """The column at which lines are wrapped, each given with the first word of the next, which did not fit into it."""
    longest = max(len(line) for line, _ in pairs)
    # Perhaps no line fills its column: the width that programs usually have is likelier than that of the longest line.
    for column in (*(usual for usual in sorted(WRAPS) if longest < usual), longest):
        full = sum(len(line) + 1 + len(word) > column for line, word in pairs)
        if full > 0.95 * len(pairs) and (column == longest or full == len(pairs)):
            return column if column <= _LONGEST else None
    return None


def _wrap_of_few(pairs: Sequence[tuple[str, str]], lines: str) -> int | None:
    """The column at which a short text is wrapped: a usual one that no line of prose exceeds."""
    if len(pairs) < 2:
        return None
    longest = max(len(_SPAN.sub("x", line)) for line in _at_lines(rf"{_PROSE}\S.*", lines))
    longest = max(longest, *(len(line) for line, _ in pairs))
    room = min(len(line) + 1 + len(word) for line, word in pairs)
    return next((column for column in WRAPS if longest <= column < room), None)
