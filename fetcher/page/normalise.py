"""Changes a parsed tree to what browsers make of its markup, so that all later steps see the same.

Declared shadow roots become part of the page, scripts with TeX become formulas; elements become `pre` where a style
keeps their line breaks or where they are lines of a code viewer; custom elements become blocks where a style says so.
"""

import re
from itertools import islice
from typing import Any, cast

from lxml import etree, html

from fetcher.page.code import is_gutter
from fetcher.page.xml_text import xml_text

_IS_BLOCK = re.compile(r"display\s*:\s*(?:block|flex|grid|list-item|table)\b", re.IGNORECASE)
_LAYS_OUT = re.compile(r"display\s*:\s*(?:inline-)?(?:flex|grid)\b", re.IGNORECASE)
_KEEPS_LINES = re.compile(r"white-space\s*:\s*(?:pre\s*(?:;|$)|(?:pre-wrap|break-spaces)\b)", re.IGNORECASE)
_IS_PRE = re.compile(r"white-space\s*:\s*pre\s*(?:;|$)", re.IGNORECASE)
_IS_CODE = re.compile(r"font-family\s*:[^;]*mono", re.IGNORECASE)
_CODE_BOX = re.compile(
    r"(?:^|[\s_-])(?:fragment|(?:source-?)?code|highlight|listing|snippet)(?:$|[\s_-])", re.IGNORECASE
)
_MOVES = frozenset({"div", "p", "code", "span", "section", "samp"})

_STYLES = etree.XPath("//@style")
_SHADOWED = frozenset({"shadowrootmode", "shadowroot"})
_LINE = re.compile(r"^line$|[-_]line")
_LINES = etree.XPath("//div[div[@class = 'line' or contains(@class, '-line') or contains(@class, '_line')]]")
# Lines in code editors: `cm-line`, `view-line`, `ace_line`.
_EDITED_LINE = re.compile(r"(?:^|\s)[a-z]+[-_]line(?:$|\s)", re.IGNORECASE)
_EDITOR = re.compile(r"editor|codemirror|monaco", re.IGNORECASE)
_GUTTER = re.compile("gutter|num|lineno")
_SHEETS = etree.XPath("//style")


def normalise(root: html.HtmlElement) -> None:
    """Change the tree in place."""
    early = [*root.iter("template", "script")]
    for template in [one for one in early if one.tag == "template" and not _SHADOWED.isdisjoint(one.keys())]:
        _attach_shadow_root(template)
    for script in [one for one in early if one.tag == "script" and one.get("type", "").startswith("math/tex")]:
        _to_formula(script)
    found = _Found(root)
    if found.has_lines:
        for box in _find(_LINES, root):
            _join_lines(box)
    for table in {table for cell in found.gutters if (table := _table(cell)) is not None}:
        _to_code(table)
    if found.unknown:
        _make_blocks(root, found.unknown)
    _apply_styles(root, found.labels)


class _Found:
    """What the steps may have to change; what a page has no tags of is not searched for."""

    def __init__(self, root: html.HtmlElement) -> None:
        tags = {element.tag for element in root.iter()}
        names = [tag for tag in tags if "-" in tag]
        self.unknown = [*root.iter(*names)] if names else []
        self.labels = [*root.iter("label")] if "label" in tags else []
        cells = root.iter("td") if "td" in tags else ()
        self.gutters = [cell for cell in cells if _GUTTER.search(cell.get("class", ""))]
        classes = {box.get("class", "") for box in root.iter("div")}
        self.has_lines = any("line" in name and _LINE.search(name) for name in classes)


def _find(path: etree.XPath, root: html.HtmlElement) -> list[Any]:
    return cast("list[Any]", path(root))


def _apply_styles(root: html.HtmlElement, labels: list[html.HtmlElement]) -> None:
    """Apply inline styles, and separate labels from the text before them."""
    for style in _find(_STYLES, root):
        if "white-space" in style:
            _keep_lines(style.getparent(), style)
        if _LAYS_OUT.search(style) and not _is_in_code(style.getparent()):
            _space_children(style.getparent())
    for label in labels:
        if (before := label.getprevious()) is not None:
            _space(before)
        if (after := label.getnext()) is not None and after.tag == "input":  # a margin note that a click shows
            _space(after)


def _attach_shadow_root(template: html.HtmlElement) -> None:
    """Turn a declared shadow root into a box in its host, and move the host's other content into its slots."""
    host = template.getparent()
    template.tag = "div"
    slots = {slot.get("name"): slot for slot in template.iter("slot")}
    for child in [child for child in host if child is not template] if slots else ():
        if (slot := slots.get(child.get("slot"))) is not None:
            slot.append(child)
    if None in slots and template.tail:
        slots[None].text = xml_text((slots[None].text or "") + template.tail)
        template.tail = None


def _to_formula(script: html.HtmlElement) -> None:
    """Turn a script that holds TeX into the formula that MathJax would show in its place."""
    before = script.getprevious()
    if before is not None and "MathJax" in (before.get("class") or ""):
        if "".join(before.itertext()).strip() and "Preview" not in (before.get("class") or ""):
            return  # already rendered
        before.text = None
        for child in list(before):
            before.remove(child)
    if "display" in (script.get("type") or ""):
        script.set("display", "block")
    del script.attrib["type"]
    script.tag = "math"
    annotation = etree.SubElement(script, "annotation", encoding="application/x-tex")
    annotation.text, script.text = script.text, None


def _keep_lines(element: html.HtmlElement, style: str) -> None:
    """Turn an element into `pre` if it is code, and its style keeps the line breaks that its text has."""
    is_code = element.tag == "code" or bool(_IS_PRE.search(style)) or bool(_IS_CODE.search(style))
    if not is_code or element.tag not in _MOVES or not _KEEPS_LINES.search(style):
        return
    if "\n" in "".join(element.itertext()).strip() and next(element.iterancestors("pre", "code"), None) is None:
        element.tag = "pre"


def _space_children(box: html.HtmlElement) -> None:
    for child in box:
        _space(child)


def _space(element: html.HtmlElement) -> None:
    """Put a space behind an element that has no text behind it."""
    if not element.tail:
        element.tail = " "


def _join_lines(box: html.HtmlElement) -> None:
    """Turn a box of code into `pre` if each of its lines is an element."""
    is_code = _CODE_BOX.search(box.get("class") or "") or _is_editor(box)
    if is_code and all(child.tag == "div" for child in box) and next(box.iterancestors("pre"), None) is None:
        box.tag = "pre"
        for child in box:
            child.tail = None


def _table(cell: html.HtmlElement) -> html.HtmlElement | None:
    return next(cell.iterancestors("table"), None)


def _to_code(table: html.HtmlElement) -> None:
    """Turn a table into `pre` if its rows are nothing but line numbers and code."""
    if any(len(row) < 2 or not is_gutter(row[0]) for row in table.iter("tr")):
        return
    if any(part is not table for part in table.iter("pre", "table", "th")) or _is_in_code(table):
        return
    table.tag = "pre"
    for part in table.iter("tr", "td", "tbody"):
        part.tail = None
        part.text = part.text if part.tag == "td" else None


def _is_in_code(element: html.HtmlElement) -> bool:
    return next(element.iterancestors("pre"), None) is not None


def _is_editor(box: html.HtmlElement) -> bool:
    """Whether a box holds the lines of a code editor."""
    around = (up.get("class") or "" for up in islice(box.iterancestors(), 4))
    return all(_EDITED_LINE.search(child.get("class") or "") for child in box) and any(map(_EDITOR.search, around))


def _make_blocks(root: html.HtmlElement, unknown: list[html.HtmlElement]) -> None:
    """Turn custom elements into `div` if their style, a style sheet or a flex or grid box around makes them blocks."""
    blocks = _named_blocks(root, {element.tag for element in unknown})
    for element in unknown:
        around = element.getparent()
        is_laid_out = around is not None and _LAYS_OUT.search(around.get("style") or "")
        if element.tag in blocks or is_laid_out or _IS_BLOCK.search(element.get("style") or ""):
            element.tag = "div"


def _named_blocks(root: html.HtmlElement, names: set[str]) -> set[str]:
    """The names whose elements a style sheet of the page makes blocks."""
    rules = (rule.partition("{") for sheet in _find(_SHEETS, root) for rule in (sheet.text or "").split("}"))
    return {
        name
        for selectors, _, declared in rules
        if "-" in selectors and _IS_BLOCK.search(declared)
        for name in names.intersection(map(str.strip, selectors.split(",")))
    }
