"""A block of code: its text to the byte, without what its highlighter added, and its language."""

import re

from lxml import etree, html

from fetcher.markdown.dialect import Dialect
from fetcher.markdown.marks import verbatim

_LINES = frozenset(["div", "p", "li", "tr", "section", "ol", "ul", "table", "tbody"])
_SILENT = frozenset(["script", "style", "button", "template", "noscript", "svg"])
_GUTTER = re.compile(
    r"(?:^|[\s_-])(?:line-?num(?:ber)?s?|linenos?|lineno|gutter|linenodiv|ln|line-numbers-rows|blob-num)(?:$|[\s_-])",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[\d\s\u00a0]*")


def code_text(pre: html.HtmlElement) -> str:
    """The text of a `pre` as a reader would copy it, without blank lines around it.

    Line breaks are those of the text; a `br` is one, and so is the border of a block element where highlighters wrap
    each line in one. Line numbers and buttons are no code.
    """
    found: list[str] = []
    walker = etree.iterwalk(pre, events=("start", "end", "comment", "pi"))
    skipped = None
    for event, element in walker:
        if event == "start":
            if element is not pre and (element.tag in _SILENT or is_gutter(element)):
                skipped = element
                walker.skip_subtree()
            else:
                _start(found, element, pre)
            continue
        if event == "end" and element is not skipped:
            _end(found, element, pre)
        if element is not pre:
            found.append(element.tail or "")
    text = verbatim("".join(found)).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\A(?:[ \t]*\n)+", "", text).rstrip()


def _start(found: list[str], element: html.HtmlElement, pre: html.HtmlElement) -> None:
    if element.tag in _LINES and element is not pre:
        _end_line(found)
    found.append("\n" if element.tag == "br" else element.text or "")


def _end(found: list[str], element: html.HtmlElement, pre: html.HtmlElement) -> None:
    if element.tag in _LINES and element is not pre:
        is_empty_line = not len(element) and not element.text
        found.append("\n") if is_empty_line else _end_line(found)


def _end_line(found: list[str]) -> None:
    if not next((piece for piece in reversed(found) if piece), "\n").endswith("\n"):
        found.append("\n")


def is_gutter(element: html.HtmlElement) -> bool:
    """Whether the element is a column of line numbers."""
    name = element.get("class")
    return bool(name and _GUTTER.search(name) and _DIGITS.fullmatch("".join(element.itertext())))


# --- language ---

_NAMED = re.compile(
    r"(?:^|\s)(?:language|lang|highlight-source|highlight-text|brush:|code|syntax)[-:\s]\s*([\w+#.-]+)", re.IGNORECASE
)
_SPHINX = re.compile(r"(?:^|\s)highlight-([\w+#.-]+)", re.IGNORECASE)
_BARE = re.compile(r"(?:^|\s)(?:sourceCode|hljs|prettyprint|prism|shiki|chroma|highlighter-rouge)\s+([\w+#.-]+)")
_NO_LANGUAGE = frozenset(
    [
        "none",
        "text",
        "plain",
        "plaintext",
        "txt",
        "default",
        "nohighlight",
        "no-highlight",
        "undefined",
        "auto",
        "block",
        "box",
        "wrapper",
        "container",
        "inline",
        "line-numbers",
        "linenums",
        "source",
        "notranslate",
        "code",
        "pre",
        "highlight",
        "hljs",
    ]
)


def language(pre: html.HtmlElement) -> str:
    """The language that the classes of the `pre`, of the code in it or of the boxes around it name, else nothing."""
    holder = list(pre.iter("code"))[:1]
    boxes = [box for box in _ancestors(pre, 2) if box.tag in ("div", "figure") and len(box) <= 3]
    for element in (*holder, pre, *boxes):
        named = element.get("data-lang") or element.get("data-language") or _from_class(element.get("class") or "")
        if named and re.fullmatch(r"[\w+#.-]+", named) and named.lower() not in _NO_LANGUAGE:
            return named.lower()
    return ""


def _ancestors(element: html.HtmlElement, count: int) -> list[html.HtmlElement]:
    found: list[html.HtmlElement] = []
    while len(found) < count and (parent := element.getparent()) is not None:
        found.append(element := parent)
    return found


def _from_class(name: str) -> str:
    for pattern in (_NAMED, _SPHINX, _BARE):
        for found in pattern.findall(name):
            if found.lower() not in _NO_LANGUAGE:
                return str(found)
    return ""


# --- writing ---


def code_block(text: str, info: str, dialect: Dialect) -> str:
    """The code as a block: fenced by more signs than it holds, or indented where the seed does so.

    >>> code_block("a", "python", Dialect())
    '```python\\na\\n```'
    """
    if dialect.code == "indented" and not info and text.strip() and text[0] not in " \n":
        return "\n".join("    " + line if line.strip() else "" for line in text.split("\n"))
    sign = dialect.fence[0]
    longest = max((len(run) for run in re.findall(rf"^\s*({sign}{{3,}})", text, re.MULTILINE)), default=2)
    fence = sign * max(3, longest + 1)
    return f"{fence}{' ' if info and dialect.info_space else ''}{info}\n{text}\n{fence}"


def info(pre: html.HtmlElement, dialect: Dialect) -> str:
    """The info string that the dialect gives this code."""
    if dialect.info == "class":
        return next(iter((pre.get("class") or "").split()), "")
    return language(pre)
