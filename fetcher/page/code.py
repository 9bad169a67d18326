"""Extracts code from a page exactly as a reader would copy it, names its language, and finds the labels beside it."""

import re
from collections.abc import Iterator

from lxml import etree, html

from fetcher.page.words import Spans

_LINES = frozenset(["div", "p", "li", "tr", "section", "ol", "ul", "table", "tbody"])
_SILENT = frozenset(["script", "style", "button", "template", "noscript", "svg"])
_GUTTER = re.compile(
    r"(?:^|[\s_-])(?:line-?num(?:ber)?(?:s|ing)?|line-?nos?|lnt?|lnum|nums|gutter|linenodiv|blob-num|"
    r"(?:pre|code|row)-?num\w*)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_UNSELECTABLE = re.compile(r"user-select\s*:\s*none", re.IGNORECASE)
_DIGITS = re.compile(r"[\d\s\u00a0]*")
_LINE_CLASS = re.compile(r"(?:^|[\s_-])line(?:$|\s)", re.IGNORECASE)
# Invisible characters that converters leave in code, and the noncharacters that stand for markup while a line is
# converted.
_NOISE = re.compile("[\u00ad\u200b\u2060\ufeff\ufdd0-\ufdef]")


def code_text(pre: html.HtmlElement) -> str:
    """The text of a `pre` as a reader would copy it, without blank lines around it.

    Lines end at line breaks, at `br`, and at the borders of elements that highlighters wrap around lines. Line numbers
    and buttons are left out.
    """
    found: list[str] = []
    spans = _line_spans(pre)
    walker = etree.iterwalk(pre, events=("start", "end", "comment", "pi"))
    skipped = None
    for event, element in walker:
        if event == "start":
            if element is not pre and (element.tag in _SILENT or is_gutter(element)):
                skipped = element
                walker.skip_subtree()
            else:
                if element is not pre and (element.tag in _LINES or element in spans):
                    _end_line(found)
                found.append("\n" if element.tag == "br" else element.text or "")
            continue
        is_line = element is not pre and (element.tag in _LINES or element in spans)
        if event == "end" and element is not skipped and is_line:
            is_empty_line = not len(element) and not element.text
            found.append("\n") if is_empty_line else _end_line(found)
        if element is not pre:
            found.append(element.tail or "")
    text = verbatim("".join(found)).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\A(?:[ \t]*\n)+", "", text).rstrip()


def verbatim(text: str) -> str:
    """The text of code without invisible characters, and with plain spaces for no-break ones."""
    return text if text.isascii() else _NOISE.sub("", text).replace("\u00a0", " ")


def _line_spans(pre: html.HtmlElement) -> frozenset[html.HtmlElement]:
    """The elements that are one line each, if only a style sheet shows that."""
    code = next(pre.iter("code"), pre)
    lines = [child for child in code if child.tag in ("span", "code") and _LINE_CLASS.search(child.get("class") or "")]
    if len(lines) < 2 or len(lines) < len(code) or next(code.iter("br"), None) is not None:
        return frozenset()
    return frozenset() if "\n" in "".join(code.itertext()).strip() else frozenset(lines)


def _end_line(found: list[str]) -> None:
    if not next((piece for piece in reversed(found) if piece), "\n").endswith("\n"):
        found.append("\n")


def is_gutter(element: html.HtmlElement) -> bool:
    """Whether an element is a line number, or a column of them: by its name, or because it cannot be selected."""
    name, style = element.get("class"), element.get("style")
    if (name and _GUTTER.search(name)) or (style and _UNSELECTABLE.search(style)):
        return _DIGITS.fullmatch("".join(element.itertext())) is not None
    return False


# --- language ---

_NAMED = re.compile(
    r"(?:^|\s)(?:(?:[\w-]+-highlight-)?lang(?:uage)?|highlight-source|highlight-text|brush:)[-:\s]\s*([\w+#.-]+)",
    re.IGNORECASE,
)
# Prefixes that others use too: `code-rust` names a language, `code-listing` does not.
_PARTLY = re.compile(r"(?:^|\s)(?:code|syntax)[-:\s]\s*([\w+#.-]+)", re.IGNORECASE)
_SPHINX = re.compile(r"(?:^|\s)highlight-([\w+#.-]+)", re.IGNORECASE)
# Highlighters that write the bare language after their name; others write a theme there.
_BARE = re.compile(r"(?:^|\s)(?:sourceCode|hljs|prettyprint|highlighter-rouge)\s+([\w+#.]+)(?=\s|$)")
_NO_LANGUAGE = frozenset(
    "none text plain plaintext txt default nohighlight no-highlight undefined auto block box wrapper container inline "
    "line-numbers linenums source notranslate code pre highlight hljs group copy toolbar".split()
)
# Languages that count as such if they are a class of `pre` or `code`.
_COMMON = frozenset(
    "bash sh shell console zsh powershell c cpp csharp cs java javascript js jsx typescript ts tsx json jsonc yaml yml "
    "toml ini xml html css scss sass less python py python3 pycon ruby rb rust rs go php perl lua r sql kotlin kt "
    "scala swift dart elixir haskell hs clojure erlang ocaml fsharp julia matlab groovy diff dockerfile makefile cmake "
    "nginx graphql protobuf markdown md latex tex http vue svelte astro zig nix".split()
)
# Attributes that name the language for a highlighter.
_KEYS = ("data-lang", "data-language", "language", "data-enlighter-language")
_CALLED = ("class", "data-syntaxhighlighter-params")
_AROUND = frozenset({"div", "figure"})
_PARTS = 5  # the most children of a box around code: a button, a label, numbers
_IN_TABLES = frozenset({"td", "tr", "tbody", "table"})


def language(pre: html.HtmlElement, *, boxes: bool = True) -> str:
    """The language named by the classes of a `pre`, its `code` or, with `boxes`, the boxes around it; empty if none."""
    holder = [*pre.iter("code")][:1]
    for element in (*holder, pre, *(_boxes(pre) if boxes else ())):
        classes = " ".join(filter(None, map(element.get, _CALLED)))
        named = next((name for key in _KEYS if (name := element.get(key))), "") or _from_class(classes)
        if not named and (element is pre or element in holder or "highlight" in classes):
            named = next((name for name in classes.split() if name in _COMMON), "")
        if named and re.fullmatch(r"[\w+#.-]+", named) and named.lower() not in _NO_LANGUAGE:
            return named.lower()
    return ""


def _boxes(pre: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The two boxes around code, and of a table that puts line numbers beside the code, those around the table."""
    left = 2
    for box in pre.iterancestors():
        if box.tag in _IN_TABLES and len(box) <= 2:
            left = 2
        elif not left or box.tag not in _AROUND or len(box) > _PARTS:
            return
        else:
            left -= 1
            yield box


def _from_class(name: str) -> str:
    for pattern in (_NAMED, _SPHINX, _BARE):
        for found in pattern.findall(name):
            if found.lower() not in _NO_LANGUAGE:
                return str(found)
    return next((name for name in _PARTLY.findall(name) if name.lower() in _COMMON), "")


# --- labels and buttons beside code ---

_COPY = re.compile(r"(?:^|[\s_-])(?:copy|clipboard|copy-?(?:btn|button|code)|btn|button)(?:$|[\s_-])", re.IGNORECASE)
_TELLS = re.compile(r"(?:^|[\s_-])lang(?:uage)?(?:$|\s)", re.IGNORECASE)
_LEVELS, _NEIGHBOURS = 5, 3
_LABEL = 4  # the most words of a label


def beside_code(spans: Spans) -> set[int]:
    """The elements beside code with line numbers, its language or a copy button, and repeated code in other colours."""
    pres = [k for k in spans.tagged("pre") if spans.ends[k] > spans.starts[k]]
    if not pres:
        return set()
    at = {element: k for k, element in enumerate(spans.elements)}
    beside: set[int] = set()
    for before, k in zip([None, *pres], pres, strict=False):
        pre = spans.elements[k]
        if before is not None and _is_twin(spans, before, k):
            beside.add(k)
        parts = range(k + 1, spans.after[k])
        beside.update(one for one in parts if spans.attributes[one] and is_gutter(spans.elements[one]))
        lines, name = 0, None
        for element in _neighbours(pre):
            size = spans.ends[at[element]] - spans.starts[at[element]] if element in at else 0
            if size:
                lines = lines or code_text(pre).count("\n") + 1
                if size <= _LABEL and name is None:
                    name = language(pre)
                is_label = size <= _LABEL and _is_label(element, name or "")
                if is_label or (size <= lines + 1 and _numbers(element, lines)):
                    beside.add(at[element])
    return beside


def _is_twin(spans: Spans, before: int, k: int) -> bool:
    start, end = spans.starts[before], spans.ends[before]
    return end == spans.starts[k] and spans.words[start:end] == spans.words[end : spans.ends[k]]


def _neighbours(pre: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The elements before and after a `pre` and the boxes around it, the nearest three of each."""
    node: html.HtmlElement | None = pre
    for _ in range(_LEVELS):
        if node is None or node.tag in ("body", "main", "article", "section", "li", "blockquote"):
            return
        for step in (node.itersiblings(preceding=True), node.itersiblings()):
            for _, element in zip(range(_NEIGHBOURS), step, strict=False):
                if isinstance(element.tag, str):
                    yield element
        node = node.getparent()


def _numbers(element: html.HtmlElement, lines: int) -> bool:
    """Whether an element holds the line numbers of the code beside it."""
    if is_gutter(element):
        return True
    if element.tag == "pre":
        return False
    numbers = " ".join(element.itertext()).split()
    if not 2 <= len(numbers) <= lines + 1 or not all(number.isdecimal() for number in numbers):
        return False
    first = int(numbers[0])
    return [*map(int, numbers)] == [*range(first, first + len(numbers))]


def _is_label(element: html.HtmlElement, name: str) -> bool:
    """Whether a few words beside code name its language or offer to copy it."""
    if element.tag in ("p", "figcaption", "li", "td") or element.tag[:1] == "h":
        return False
    said = "".join(element.itertext()).strip().lower()
    called = element.get("class") or ""
    return (bool(name) and said == name) or bool(_COPY.search(called)) or bool(_TELLS.search(called))
