"""The seeds that a report lists, as its templates show them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

_HELD = 20
_SHORT = 160


class Held(NamedTuple):
    """A difference that was not written."""

    reason: str
    removed: str
    added: str
    id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A seed as the report lists it; `view` is what changed, None where it is listed without.

    `groups` are the numbers of those groups of changes on many pages that it has a part in.
    """

    record: Mapping[str, Any]
    view: Markup | None = None
    groups: Sequence[int] = ()
    is_open: bool = False

    @property
    def classes(self) -> Sequence[str]:
        """What its change is about, what matters most first."""
        return list(self.record.get("classes", ()))

    @property
    def folder(self) -> str:
        """The folders that it is in, without an end."""
        return str(self.record["path"]).rpartition("/")[0]

    @property
    def name(self) -> str:
        """The name of its file."""
        return str(self.record["path"]).rpartition("/")[2]

    @property
    def site(self) -> str:
        """The host of its page; empty where the address has none."""
        try:
            return urlsplit(self.record["url"]).hostname or ""
        except ValueError:
            return ""


def anchor(path: str) -> str:
    """The name of a seed's entry for links to it, the same in each report."""
    return f"seed-{hashlib.sha256(path.encode(errors='surrogatepass')).hexdigest()[:12]}"


def held(record: Mapping[str, Any]) -> list[Held]:
    """The first of the differences that were held back, cut to what is needed to know them."""
    return [
        Held(one["reason"], _short(one["removed"]), _short(one["added"]), one.get("id", ""))
        for one in record["held_back"][:_HELD]
    ]


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else text[:_SHORT] + "…"
