"""Where changes are reviewed, seen as requests to its API: what all forges have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DRAFTED = "<!-- refresh: a draft until nothing needs a person -->"
"""Stands at the end of a text where we made the draft: one that a person has made stays one."""

CLOSING = "Closed: what this held is merged by now, or the pages no longer show it."


class Call(NamedTuple):
    """A request to an API, its address relative to the API's."""

    method: str
    path: str
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A request for review as it should be: what `branch` changes is to go into `base`."""

    branch: str
    base: str
    title: str
    body: str
    draft: bool
    labels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A request for review as it is; `key` is its other name, where the forge has two."""

    number: int
    url: str
    title: str
    body: str
    base: str
    is_open: bool
    is_draft: bool
    labels: frozenset[str] = field(default_factory=frozenset)
    key: str = ""


class Forge(Protocol):
    """What can be asked of a forge. The calls of `update`, `mark` and `close` may be none: nothing differs."""

    name: str
    longest: int
    root: str
    headers: Mapping[str, str]
    mends: Mapping[int, str]

    def search(self, branch: str) -> Call:
        """Asks for the requests of a branch, the latest first."""

    def found(self, answer: Any) -> Found | None:
        """The request that an answer to `search` tells of: the open one, else the latest."""

    def create(self, proposal: Proposal) -> Call:
        """Opens a request."""

    def created(self, answer: Any) -> Found:
        """The request that an answer to `create` tells of."""

    def update(self, found: Found, proposal: Proposal) -> list[Call]:
        """Makes the texts of a request as they should be."""

    def mark(self, found: Found, proposal: Proposal) -> list[Call]:
        """Makes its labels, and whether it is a draft, as they should be."""

    def close(self, found: Found) -> list[Call]:
        """Closes a request, and says why."""


def is_draft(found: Found, proposal: Proposal) -> bool:
    """Whether a request is to be a draft: if there is a reason, or if a person has made it one.

    >>> ours, theirs = (Found(1, "", "", body, "main", True, True) for body in (DRAFTED, ""))
    >>> ready = Proposal("refresh", "main", "", "", draft=False)
    >>> is_draft(ours, ready), is_draft(theirs, ready)
    (False, True)
    """
    return proposal.draft or (found.is_draft and DRAFTED not in found.body)
