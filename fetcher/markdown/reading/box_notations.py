"""Defines the notations of boxes in Markdown: the lines that open and close them, and those that belong to these."""

import re

# Any line that may open a box: the cheap test by which most bodies are known to have none.
MAYBE = re.compile(
    r"^[ \t>]*(?::{3}|/{3}[ \t]|!!!|\?\?\?|===|`{3}[`{\w]|~{3}|\.\.[ ]\w|\[[!A-Za-z]|\{[{%\w]|<[A-Za-z])", re.MULTILINE
)
BLANK = " \t\r\n"
DEPTH = 20  # quotes in quotes that are looked into
CODE_INDENT = 4
BASE = r"(?P<base>[ \t]*)"
# A line between signs, with a line of the same signs at the end: `::: warning`, `:::{note} Title`, `/// tip | Title`.
FENCED = re.compile(BASE + r"(?P<fence>:{3,}|/{3,})(?P<info>[ \t]*[^\s:/].*)?")
# What is indented below belongs to it.
INDENTED = re.compile(BASE + r"(?:(?:!!!|\?\?\?\+?)[ \t]+\S|===[!+]?[ \t]+[\"']|\.\.[ ][\w:-]+::).*")
CODE = re.compile(BASE + r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)")
ALERT = re.compile(r"(?P<base>[ \t]*)>[ \t]?\[!(?P<info>[\w-][^\]\n]*\].*)")
QUOTED = re.compile(r"[ \t]*>[ ]?")
# Short codes and tags, which are closed by name.
NAMED = re.compile(
    BASE
    + r"""(?:
      \{\{[<%][ \t]*(?P<hugo_end>/)?[ \t]*(?P<hugo>[\w./-]+)(?P<hugo_rest>[^\n]*?)[>%]\}\}
    | \{%-?[ \t]*(?P<liquid_end>end_?|/)?(?P<liquid>(?:(?<=end)|[\w./-]+))(?P<liquid_rest>[^\n]*?)-?%\}
    | \[(?P<square_end>/)?(?P<square>[A-Za-z][\w-]*)(?P<square_rest>[ =][^\]\[\n]*)?\]
    | \{(?P<brace>[A-Za-z][\w-]*)(?P<brace_rest>:[^{}\n]*)?\}
    | <(?P<tag_end>/)?(?P<tag>[A-Za-z][\w.:-]*)
      (?P<tag_rest>(?:\s(?:[^<>"'{]|"[^"]*"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\})*)?)(?<!/)>
      (?P<summary>[ \t]*<summary>.*</summary>)?
    )[ \t]*""",
    re.VERBOSE,
)
KINDS = ("hugo", "liquid", "square", "brace", "tag")
CONTAINERS = frozenset("div section aside details article figure main header footer center".split())
ELEMENTS = frozenset(  # of HTML that are no boxes
    """a p ul ol li dl dt dd table thead tbody tfoot tr td th caption colgroup col pre code script style template form
    select option textarea svg math iframe object video audio picture source canvas button label input img br hr wbr
    h1 h2 h3 h4 h5 h6 blockquote nav span em strong b i u s sub sup small del ins mark q cite kbd samp var font tt
    html head body title meta link noscript summary figcaption address menu fieldset legend map area""".split()
)
SUMMARY = re.compile(r"[ \t]*<summary[^<>]*>.*</summary>[ \t]*", re.IGNORECASE)
# Below the line that opens a box: `:class: tip`, in some boxes `    type: tip`.
OPTION = re.compile(r"[ \t]*:[\w-]+:(?:[ \t].*)?")
SETTING = re.compile(r"(?:[ ]{4}|\t)[ \t]*[\w-]+:(?:[ \t].*)?")
CAPTURE = re.compile(r"[ \t]*\{%-?[ \t]*capture[ \t]+(?P<name>[\w-]+)")
OUTPUT = 5  # lines at most that show what was captured
BLOCK = re.compile(r"[ \t]*(?P<fence>={4,}|-{4,}|\*{4,}|_{4,})[ \t]*")
ALONE = re.compile(BASE + r"\[(?P<info>[A-Za-z][^\]\[\n]*)\][ \t]*")


def is_indented(line: str) -> bool:
    """Whether a line is indented as code is."""
    return line.expandtabs(CODE_INDENT)[:CODE_INDENT].isspace()
