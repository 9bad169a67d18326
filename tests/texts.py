"""Generated texts: documents as data, written as Markdown in any style, and edits of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Span(NamedTuple):
    """Words of a line under one kind of markup."""

    kind: str  # plain, em, strong, code, link
    words: tuple[str, ...]


Line = tuple[Span, ...]


class Node(NamedTuple):
    """A block: a leaf has lines (of a table: rows, whose spans are cells), a box has children."""

    kind: str  # heading, paragraph, code, table, rule, html; bullets, numbers, item, quote
    lines: tuple[Line, ...] = ()
    children: tuple[Node, ...] = ()
    loose: bool = False


Doc = tuple[Node, ...]


@dataclass(frozen=True)
class Style:
    """How a converter writes Markdown."""

    bullet: str = "-"
    bullet_gap: str = " "
    number_end: str = "."
    emphasis: str = "*"
    strong: str = "**"
    hard_break: str = "\\"
    fence: str = "```"
    underlined: bool = False
    escapes: str = ""
    wrap: bool = False
    padded: bool = False
    head: str = ""
    foot: str = "\n"
    newline: str = "\n"


# --- writing ---

_ALWAYS = "\\`*_[]<>|~"


def write(doc: Doc, style: Style) -> str:
    """The document as Markdown."""
    body = "\n\n".join(_parts(doc, style))
    return (style.head + body + style.foot).replace("\n", style.newline)


def _parts(nodes: Doc, style: Style) -> Iterator[str]:
    before = ""
    for node in nodes:
        if node.kind == before and node.kind in ("bullets", "numbers", "quote"):
            yield "<!-- -->"  # what keeps two lists apart
        yield _WRITERS[node.kind](node, style)
        before = node.kind


def _word(word: str, style: Style) -> str:
    return "".join("\\" + sign if sign in _ALWAYS + style.escapes else sign for sign in word.replace("&", "&amp;"))


def _span(span: Span, style: Style) -> str:
    if span.kind == "code":
        return f"`` {' '.join(span.words)} ``"
    text = " ".join(_word(word, style) for word in span.words)
    signs = {"em": style.emphasis, "strong": style.strong}.get(span.kind, "")
    return f"[{text}](/{len(span.words)})" if span.kind == "link" else signs + text + signs


def _line(line: Line, style: Style) -> str:
    return " ".join(_span(span, style) for span in line)


def _heading(node: Node, style: Style) -> str:
    text = _line(node.lines[0], style)
    return f"{text}\n{'-' * 8}" if style.underlined else f"## {text}"


def _paragraph(node: Node, style: Style) -> str:
    text = f"{style.hard_break}\n".join(_line(line, style) for line in node.lines)
    return text.replace(" word ", " word\n") if style.wrap else text


def _code(node: Node, style: Style) -> str:
    lines = "\n".join(" ".join(word for span in line for word in span.words) for line in node.lines)
    return f"{style.fence} python\n{lines}\n{style.fence}"


def _table(node: Node, style: Style) -> str:
    width = 24 if style.padded else 0
    rows = [[_span(cell, style).ljust(width) for cell in line] for line in node.lines]
    rows.insert(1, ["-" * max(3, width) for _ in node.lines[0]])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _list(node: Node, style: Style) -> str:
    items = []
    for number, item in enumerate(node.children, 1):
        mark = f"{number}{style.number_end} " if node.kind == "numbers" else style.bullet + style.bullet_gap
        inner = ("\n\n" if node.loose else "\n").join(_parts(item.children, style))
        items.append(mark + _indented(inner, " " * len(mark)))
    return ("\n\n" if node.loose else "\n").join(items)


def _indented(text: str, prefix: str) -> str:
    return "\n".join(prefix + line if at and line else line for at, line in enumerate(text.split("\n")))


def _quote(node: Node, style: Style) -> str:
    inner = "\n\n".join(_parts(node.children, style))
    return "\n".join(f"> {line}".rstrip() if not line.endswith("  ") else f"> {line}" for line in inner.split("\n"))


_WRITERS: dict[str, Callable[[Node, Style], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "code": _code,
    "table": _table,
    "bullets": _list,
    "numbers": _list,
    "quote": _quote,
    "rule": lambda _node, _style: "* * *",
    "html": lambda node, style: f"<div>{_line(node.lines[0], style)}</div>",
}


# --- strategies ---

_WORDS = [
    *[
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "alpha",
        "beta",
        "gamma",
        "delta",
        "word",
        "word",
        "value",
        "page",
        "change",
    ],
    *[
        "$4.00",
        "it's",
        "“quoted”",
        "a*b",
        "x_y",
        "3.14",
        "C++",
        "naïve",
        "&c",
        "ﬁne",
        "<ID>",
        "half-open",
        "50%",
        "(really)",
        "[sic]",
        "a|b",
        "~7",
    ],
    *["漢字の文章", "한국어", "مرحبا", "שלום", "🎉", "สวัสดี", "été", "soft\xadhyphen", "no\xa0break"],
]
words = st.sampled_from(_WORDS)
styles = st.builds(
    Style,
    bullet=st.sampled_from("-*+"),
    bullet_gap=st.sampled_from([" ", "   "]),
    number_end=st.sampled_from(".)"),
    emphasis=st.sampled_from("*_"),
    strong=st.sampled_from(["**", "__"]),
    hard_break=st.sampled_from(["\\", "  "]),
    fence=st.sampled_from(["```", "~~~"]),
    underlined=st.booleans(),
    escapes=st.sampled_from(["", "$'", "$'\"#+-.!()"]),
    wrap=st.booleans(),
    padded=st.booleans(),
    head=st.sampled_from(["", "\n", "\n\n"]),
    foot=st.sampled_from(["\n", "", "\n\n"]),
    newline=st.sampled_from(["\n", "\n", "\r\n"]),
)


def _spans(kinds: list[str]) -> st.SearchStrategy[Span]:
    return st.builds(Span, st.sampled_from(kinds), st.lists(words, min_size=1, max_size=6).map(tuple))


_lines = st.builds(
    lambda first, rest: (first, *rest),
    _spans(["plain"]),
    st.lists(_spans(["plain", "plain", "em", "strong", "code", "link"]), max_size=3),
)
_cells = _spans(["plain", "em", "link"])


def _leaf(kind: str, lines: st.SearchStrategy[Line], most: int) -> st.SearchStrategy[Node]:
    return st.lists(lines, min_size=1, max_size=most).map(lambda lines: Node(kind, tuple(lines)))


_paragraphs = _leaf("paragraph", _lines, 1)
_leaves = st.one_of(
    _leaf("heading", _lines, 1),
    _paragraphs,
    _paragraphs,
    _leaf("paragraph", _lines, 3),
    _leaf("code", st.tuples(_spans(["plain"])), 4),
    _leaf("table", st.tuples(_cells, _cells), 4),
    _leaf("html", st.tuples(_spans(["plain"])), 1),
    st.just(Node("rule")),
)


def _boxes(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    items = st.builds(
        lambda first, rest: Node("item", children=(first, *rest)),
        _paragraphs,
        st.lists(inner.filter(lambda node: node.kind in ("bullets", "numbers", "paragraph")), max_size=1),
    )
    return st.one_of(
        st.builds(
            _box, st.sampled_from(["bullets", "numbers"]), st.lists(items, min_size=1, max_size=4), st.booleans()
        ),
        st.builds(_box, st.just("quote"), st.lists(inner, min_size=1, max_size=2), st.just(True)),
    )


def _box(kind: str, children: list[Node], loose: bool) -> Node:
    apart = any(node.kind == "paragraph" for item in children for node in item.children[1:])
    return Node(kind, children=tuple(children), loose=loose or apart)


nodes = st.recursive(_leaves, _boxes, max_leaves=6)
docs = st.lists(nodes, min_size=1, max_size=7).map(tuple)


# --- edits ---


def _paths(nodes: Doc, above: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    for at, node in enumerate(nodes):
        yield (*above, at)
        yield from _paths(node.children, (*above, at))


def _at(doc: Doc, path: tuple[int, ...]) -> Node:
    node = doc[path[0]]
    return _at(node.children, path[1:]) if path[1:] else node


def _exchanged(doc: Doc, path: tuple[int, ...], new: Doc) -> Doc:
    """The document with other nodes in the place of the one at `path`; a box without children goes too."""
    at, node = path[0], doc[path[0]]
    if path[1:]:
        children = _exchanged(node.children, path[1:], new)
        new = (node._replace(children=children),) if children else ()
    return doc[:at] + new + doc[at + 1 :]


@st.composite
def edited(draw: st.DrawFn, doc: Doc) -> Doc:
    """The document after one to three edits."""
    for _ in range(draw(st.integers(1, 3))):
        doc = draw(st.sampled_from([_reworded, _reworded, _inserted, _removed, _swapped]))(draw, doc)
    return doc


def _reworded(draw: st.DrawFn, doc: Doc) -> Doc:
    """One word exchanged, inserted or deleted; or one line (a row, a line of code) inserted or deleted."""
    leaves = [path for path in _paths(doc) if _at(doc, path).lines]
    if not leaves:
        return doc
    path = draw(st.sampled_from(leaves))
    node = _at(doc, path)
    row = draw(st.integers(0, len(node.lines) - 1))
    line = node.lines[row]
    if len(node.lines) > 1 and row and draw(st.booleans()):
        new = draw(st.sampled_from([(), (line, line)]))
    else:
        place = draw(st.integers(0, len(line) - 1))
        new = ((*line[:place], draw(_span_edits(line[place])), *line[place + 1 :]),)
    return _exchanged(doc, path, (node._replace(lines=(*node.lines[:row], *new, *node.lines[row + 1 :])),))


@st.composite
def _span_edits(draw: st.DrawFn, span: Span) -> Span:
    at = draw(st.integers(0, len(span.words)))
    gone = draw(st.integers(0, 1)) if len(span.words) > 1 else 0
    come = draw(st.lists(words, min_size=1 - gone, max_size=2))
    return span._replace(words=(*span.words[:at], *come, *span.words[at + gone :]))


def _inserted(draw: st.DrawFn, doc: Doc) -> Doc:
    at = draw(st.integers(0, len(doc)))
    lists = [path for path in _paths(doc) if _at(doc, path).kind == "item"]
    if draw(st.booleans()) and lists:
        path = draw(st.sampled_from(lists))
        return _exchanged(doc, path, (_at(doc, path), Node("item", children=(draw(_paragraphs),))))
    return (*doc[:at], draw(nodes), *doc[at:])


def _removed(draw: st.DrawFn, doc: Doc) -> Doc:
    path = draw(
        st.sampled_from([path for path in _paths(doc) if path[-1] or _above(doc, path).kind != "item"] or [(0,)])
    )
    return _exchanged(doc, path, ()) or doc


def _above(doc: Doc, path: tuple[int, ...]) -> Node:
    return _at(doc, path[:-1]) if path[1:] else Node("document")


def _swapped(draw: st.DrawFn, doc: Doc) -> Doc:
    one, other = sorted((draw(st.integers(0, len(doc) - 1)), draw(st.integers(0, len(doc) - 1))))
    if one == other:
        return doc
    return (*doc[:one], doc[other], *doc[one + 1 : other], doc[one], *doc[other + 1 :])
