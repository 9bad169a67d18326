"""The TeX source of a formula, where the page holds it."""

import re

from lxml import html

# KaTeX shows a formula twice: as MathML for readers by ear, which holds the source, and as boxes.
_KATEX = re.compile(r"(?:^|\s)katex(?:$|\s)")
_SCALE = re.compile(r"^\{\\(?:displaystyle|textstyle) ?(.*)\}$", re.DOTALL)


def holds_formula(element: html.HtmlElement) -> bool:
    """Whether the element is one formula, whatever it is made of."""
    return element.tag == "math" or (element.tag == "span" and _KATEX.search(element.get("class") or "") is not None)


def tex(element: html.HtmlElement) -> str | None:
    """The TeX that a formula was made from; None if the page does not tell."""
    for annotation in element.iter("annotation"):
        if "tex" in (annotation.get("encoding") or "").lower() and (source := (annotation.text or "").strip()):
            return clean(source)
    for math in element.iter("math"):
        if source := (math.get("alttext") or "").strip():
            return clean(source)
    return None


def clean(source: str) -> str:
    """The source without the scale that MediaWiki puts around it.

    >>> clean("{\\\\displaystyle x^2}")
    'x^2'
    """
    found = _SCALE.match(source)
    return (found[1] if found else source).strip()


def is_display(element: html.HtmlElement) -> bool:
    """Whether the formula stands on a line of its own."""
    maths = list(element.iter("math"))[:1]
    parent = element.getparent()
    return any(math.get("display") == "block" for math in maths) or (
        parent is not None and "katex-display" in (parent.get("class") or "")
    )
