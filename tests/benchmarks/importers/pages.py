"""Pages of one construct each, as pairs before and after: what importers make of such constructs differs most.

`constructs.txt` has them, each under its name; WORD in them gives way to another word.
"""

from pathlib import Path
from typing import NamedTuple

URL = "https://garden.example/guide/beds.html"

_INTRO = (
    "Raised beds warm up earlier in spring than the open ground does, and they drain well after a long night of rain."
)
_OUTRO = "Whoever waters in the evening loses less to the sun, but invites the slugs to a long and quiet dinner."
_MORE = "A layer of straw between the rows keeps the soil moist for days and spares an hour of weeding every week."


class Pair(NamedTuple):
    """One page at two moments."""

    name: str
    url: str
    before: str
    after: str


def pairs() -> list[Pair]:
    """Each construct on a page that stays, on one in which a word of it changes, and on one with a paragraph more."""
    text = (Path(__file__).parent / "constructs.txt").read_text(encoding="utf-8")
    constructs = dict(part.split("\n", 1) for part in text.removeprefix("== ").split("\n== "))
    found = []
    for name, construct in {**constructs, "everything": "".join(constructs.values())}.items():
        before = _around(construct.replace("WORD", "radish"))
        found += [
            Pair(f"{name}, stays", URL, before, before),
            Pair(f"{name}, word", URL, before, _around(construct.replace("WORD", "celery"))),
            Pair(f"{name}, paragraph", URL, before, _around(construct.replace("WORD", "radish") + f"<p>{_MORE}</p>")),
        ]
    return found


def _around(construct: str) -> str:
    return page(f"<h1>Raised beds</h1><p>{_INTRO}</p>{construct}<p>{_OUTRO}</p>")


def page(article: str) -> str:
    """A page with what its article holds, as a site has it."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Beds | Garden guide</title>'
        '<meta name="description" content="How raised beds are made and kept."></head><body>'
        '<header><a href="/">Garden guide</a></header><nav><ul><li><a href="/shop">Shop</a></li>'
        f'<li><a href="/about">About us</a></li></ul></nav><main><article>{article}'
        '</article></main><footer><p>© 2026 Garden guide</p><a href="/privacy">Privacy</a></footer></body></html>'
    )
