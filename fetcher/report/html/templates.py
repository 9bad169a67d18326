"""Renders the templates of web pages, with all text escaped, under a strict content security policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fetcher.report.screen import for_browsers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FILES = Path(__file__).with_name("files")


def page(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The page of the template `name`, with the style and the scripts, piece by piece."""
    style, *scripts = map(_inline, ("style.css", "switches.js", "report.js"))
    template = _environment().get_template(f"{name}.html")
    return template.generate(**values, style=style, scripts=scripts, policy=policy(style, *scripts))


def piece(name: str, values: Mapping[str, Any]) -> str:
    """A part of a page: the template `name`."""
    return _environment().get_template(f"{name}.html").render(values)


def policy(style: str, *scripts: str) -> str:
    """A content security policy that allows only this style and these scripts, which must not make HTML."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_source(style)}",
            f"script-src {' '.join(map(_source, scripts))}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _inline(file: str) -> Markup:
    return Markup((_FILES / file).read_text("utf-8"))  # noqa: S704  # a file of ours


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FILES, encoding="utf-8"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: object) -> object:
    return for_browsers(value) if isinstance(value, str) and not isinstance(value, Markup) else value
