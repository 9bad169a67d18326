"""Renders Markdown as HTML with cmark and GitHub's extensions, freeing the memory that cmarkgfm leaks.

cmarkgfm never frees the tree and the text that cmark makes: some 200 kB per page. The functions that free them are in
its library, but it does not wrap them, so they are called through ctypes; if that is not possible, memory leaks as
before.
"""

import ctypes
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from cmarkgfm import _cmark, cmark

from fetcher.page.words import LESS_THAN

SOURCE_POSITIONS = cmark.Options.CMARK_OPT_SOURCEPOS
FOOTNOTES = cmark.Options.CMARK_OPT_FOOTNOTES
_EXTENSIONS = ("table", "autolink", "tagfilter", "strikethrough", "tasklist")

# Where programs that wrap lines break words: after a hyphen between letters.
HYPHEN = re.compile(r"(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])")
# The destination of a link whose address was broken so, which makes it no link. CommonMark allows line ends only
# before and after the address.
_SIGN = r"(?:[^\s()<>\\]|\\\S)"
BROKEN_ADDRESS = re.compile(
    rf"(?<=\])\((?P<open><?)(?P<address>(?:{_SIGN}*[^\d\W]-?[^\d\W]-\r?\n[ \t>]*(?=[^\d\W])){{1,2}}{_SIGN}+)"
    rf"(?P<close>>?(?:\s\s?\"[^\"\n]*\")?)\)"
)
# A quick test that finds each of them and hardly anything else, in a tenth of the time.
_BROKEN_WORD = re.compile(r"-(?<=[^\d\W]-)\r?\n[ \t>]*[^\d\W]")
_LINE_END = re.compile(r"\r?\n[ \t>]*")
# The `:` before a definition, after the line of its term or after another definition.
_DEFINITION = re.compile(r"(?:(?<=\S\n)|(?<=\S\r\n)|(?<=\S\n\n)|(?<=\S\r\n\r\n))[ \t>]*:(?= {3}\S)")
# `<ID>`, `<The Title of a Play>` and a `<div>` that the text talks about are text that somebody forgot to escape;
# `<Note>…</Note>` and `<Note to="x">` are tags, whatever their name.
_TAG = re.compile(
    r"<(?:(?<!\\<)|(?<=\\\\<))(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?=[\s/>])[^<>=/]*(?P<attribute>[=/])?)"
)
_BARE = frozenset(  # elements that have a meaning without attributes and without an end tag
    "br hr wbr p li dt dd tr td th thead tbody tfoot colgroup option optgroup rt rp html head body".split()
)
_FENCED = r"^[ \t>]*(?P<fence>`{3,9}|~{3,9})[^\n]*\n.*?^[ \t>]*(?P=fence)"
_OUTSIDE = re.compile(rf"{_FENCED}|{BROKEN_ADDRESS.pattern}", re.DOTALL | re.MULTILINE)
_FENCE_OR_DEFINITION = re.compile(rf"{_FENCED}|{_DEFINITION.pattern}", re.DOTALL | re.MULTILINE)

_Free = Callable[[Any], None]


def whole_address(link: re.Match[str]) -> str:
    """The address of a match of `BROKEN_ADDRESS`, without the line ends."""
    return _LINE_END.sub("", link["address"])


def with_whole_addresses(markdown: str) -> str:
    """Markdown with the addresses of links joined that a line end breaks; everything else stays on its line.

    >>> with_whole_addresses("See [it](https://example.org/how-\\nto), and\\nmore")
    'See [it](https://example.org/how-to\\n), and\\nmore'
    """
    is_broken = _BROKEN_WORD.search(markdown) and BROKEN_ADDRESS.search(markdown)
    return _OUTSIDE.sub(_whole, markdown) if is_broken else markdown


def with_definitions(markdown: str) -> str:
    """Markdown with definitions as list items, which CommonMark knows: each `:` becomes a `+`.

    >>> with_definitions("Rye\\n:   A grain\\n")
    'Rye\\n+   A grain\\n'
    """
    if ":   " not in markdown or not _DEFINITION.search(markdown):
        return markdown
    return _FENCE_OR_DEFINITION.sub(lambda found: found[0] if found["fence"] else f"{found[0][:-1]}+", markdown)


def definitions(lines: Sequence[str], read: Sequence[str]) -> Iterator[str]:
    """The start of each definition, as in `data-sourcepos`, given the lines before and after `with_definitions`.

    >>> [*definitions(["Rye", ":   A grain"], ["Rye", "+   A grain"])]
    ['2:1']
    """
    for number, (line, shown) in enumerate(zip(lines, read, strict=True), 1):
        at = len(line) - len(line.lstrip(" \t>"))
        if line[at : at + 1] == ":" and shown[at : at + 1] == "+":
            yield f"{number}:{at + 1}"


def without_false_tags(text: str) -> str:
    """The text with a stand-in for each "<" that begins no tag: tags have attributes, an end tag, or need none."""
    if "<" not in text:
        return text
    closed = {match["name"] for match in _TAG.finditer(text) if match["end"]}

    def shown(match: re.Match[str]) -> str:
        is_tag = match["name"].lower() in _BARE or match["name"] in closed or match["attribute"]
        return match[0] if is_tag else LESS_THAN + match[0][1:]

    return _TAG.sub(shown, text)


def _whole(link: re.Match[str]) -> str:
    if not link["address"]:
        return link[0]
    after, *before = _LINE_END.findall(link["address"])
    return f"({''.join(before)}{link['open']}{whole_address(link)}{link['close']}{after})"


def to_html(markdown: str, options: int = 0, *, raw_html: bool = True) -> str:
    """Markdown as HTML; `options` are `SOURCE_POSITIONS` and `FOOTNOTES`.

    Raw HTML and all links are kept. Without `raw_html`, raw HTML becomes a comment, and links that run scripts are
    removed.

    >>> to_html("*a* <b>b</b>")
    '<p><em>a</em> <b>b</b></p>\\n'
    """
    options |= cmark.Options.CMARK_OPT_GITHUB_PRE_LANG | (raw_html and cmark.Options.CMARK_OPT_UNSAFE)
    cmark.core_extensions_ensure_registered()
    free_node, free_text = _frees()
    parser = cmark.parser_new(options)
    try:
        for name in _EXTENSIONS:
            cmark.parser_attach_syntax_extension(parser, cmark.find_syntax_extension(name))
        cmark.parser_feed(parser, markdown)
        root = cmark.parser_finish(parser)
        html = _cmark.lib.cmark_render_html(root, options, cmark.parser_get_syntax_extensions(parser))
        try:
            return str(_cmark.ffi.string(html).decode())
        finally:
            free_text(html)
            free_node(root)
    finally:
        cmark.parser_free(parser)


class _Allocator(ctypes.Structure):
    """`struct cmark_mem` of cmark.h."""

    _fields_ = (
        ("calloc", ctypes.c_void_p),
        ("realloc", ctypes.c_void_p),
        ("free", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
    )


@cache
def _frees() -> tuple[_Free, _Free]:
    """The functions that free a tree and a text."""
    try:
        library = ctypes.CDLL(_cmark.__file__)
        library.cmark_get_default_mem_allocator.restype = ctypes.POINTER(_Allocator)
        library.cmark_node_free.argtypes = (ctypes.c_void_p,)
        library.cmark_node_free.restype = None
        free = library.cmark_get_default_mem_allocator().contents.free
    except (OSError, AttributeError):  # the library does not export these names
        return _keep, _keep
    return _freeing(library.cmark_node_free), _freeing(free)


def _freeing(free: Callable[[int], None]) -> _Free:
    def given_back(pointer: Any) -> None:
        free(int(_cmark.ffi.cast("uintptr_t", pointer)))

    return given_back


def _keep(pointer: Any) -> None:
    """Does nothing: the memory cannot be freed."""
