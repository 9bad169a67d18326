"""Markdown as HTML by cmark, GitHub's extensions included, with all the memory that takes given back.

cmarkgfm's own functions never free the tree and the text that cmark makes: some 200 kB for a page, for good. The
functions that free them are in its library, but not among those that it wraps; where they cannot be reached, memory is
lost as ever, and nothing else changes.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from cmarkgfm import _cmark, cmark

SOURCE_POSITIONS = cmark.Options.CMARK_OPT_SOURCEPOS
FOOTNOTES = cmark.Options.CMARK_OPT_FOOTNOTES
_EXTENSIONS = ("table", "autolink", "tagfilter", "strikethrough", "tasklist")

_Free = Callable[[Any], None]


def to_html(markdown: str, options: int = 0, *, raw_html: bool = True) -> str:
    """The HTML of Markdown; `options` are `SOURCE_POSITIONS` and `FOOTNOTES`.

    Raw HTML stands as it is, and links lead anywhere. Without `raw_html` a comment is in its place, and no link runs a
    script.

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
    """What frees a tree, and what frees a text."""
    try:
        library = ctypes.CDLL(_cmark.__file__)
        library.cmark_get_default_mem_allocator.restype = ctypes.POINTER(_Allocator)
        library.cmark_node_free.argtypes = (ctypes.c_void_p,)
        library.cmark_node_free.restype = None
        free = library.cmark_get_default_mem_allocator().contents.free
    except (OSError, AttributeError):  # not a library that gives these names away
        return _keep, _keep
    return _freeing(library.cmark_node_free), _freeing(free)


def _freeing(free: Callable[[int], None]) -> _Free:
    def given_back(pointer: Any) -> None:
        free(int(_cmark.ffi.cast("uintptr_t", pointer)))

    return given_back


def _keep(pointer: Any) -> None:
    """Nothing: the memory cannot be given back."""
