"""A block of code as Markdown."""

import re

from lxml import html

from fetcher.markdown.dialect import Dialect
from fetcher.page.code import language


def code_block(text: str, info: str, dialect: Dialect) -> str:
    """The code as a block: fenced by more signs than it holds, or indented where the seed does so.

    A line's end at its end is that of a line which the seed keeps.

    >>> code_block("a", "python", Dialect())
    '```python\\na\\n```'
    """
    if dialect.code == "indented" and not info and text.strip() and text[0] not in " \n":
        empty = "    " if dialect.code_ended else ""
        lines = [*[""] * dialect.code_lead, *text.split("\n")]
        return "\n".join("    " + line if line.strip() else empty for line in lines)
    sign = dialect.fence[0]
    longest = max((len(run) for run in re.findall(rf"^\s*({sign}{{3,}})", text, re.MULTILINE)), default=2)
    fence = sign * max(3, longest + 1)
    return f"{fence}{' ' if info and dialect.info_space else ''}{info}\n{text}\n{fence}"


def first_class(pre: html.HtmlElement) -> str:
    """The first class of a block of code, or of the code in it; how it names a language is left out."""
    names = (pre.get("class") or next((code.get("class") for code in pre.iter("code")), None) or "").split()
    return names[0].removeprefix("language-") if names else ""


def told_class(pre: html.HtmlElement) -> str:
    """The class that says what language the code has, of the element that has the first one; else the first class."""
    names = (pre.get("class") or next((code.get("class") for code in pre.iter("code")), None) or "").split()
    return next((name for name in names if name.startswith("language-")), first_class(pre)).removeprefix("language-")


def info(pre: html.HtmlElement, dialect: Dialect) -> str:
    """The info string that the dialect gives this code."""
    if dialect.info != "language":
        return {"class": first_class, "told": told_class}.get(dialect.info, lambda _: "")(pre)
    # Who wrote code without a fence looked no farther than the code for its language.
    return language(pre, boxes=dialect.code != "indented")
