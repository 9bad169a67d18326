"""All that was seen of one page, and what was known of it before: what explains the decisions of a visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fetcher.visits.fetched import Fetched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetcher.terms.failures import Trouble
    from fetcher.visits.editing import Manner
    from fetcher.visits.recall import Known, Stored
    from fetcher.visits.results import Visited


@dataclass(frozen=True, slots=True)
class Look:
    """A visit that brought an answer: `fetched` at first, by `hops` (a status and where it led), `asked` for later.

    `known` is the memory and the fingerprint that a run would have gone by, `conditions` what it would have sent with
    its request. `rules` are the user's for the page, a sentence each. `rendered` is the answer as a browser showed it,
    where one did.
    """

    fetched: Fetched
    hops: tuple[tuple[int, str], ...]
    stored: Stored
    known: Known
    conditions: Mapping[str, str]
    manner: Manner
    visited: Visited
    asked: tuple[tuple[str, Fetched | Trouble], ...] = ()
    saved: bool = False
    rules: tuple[str, ...] = ()
    rendered: Fetched | None = None

    @property
    def again(self) -> Fetched | Trouble | None:
        """What came of the second request for the page; None without one."""
        return next((answer for url, answer in self.asked if url == self.fetched.url), None)

    @property
    def last(self) -> Fetched:
        """The answer that the visit goes by."""
        if self.rendered:
            return self.rendered
        return self.again if isinstance(self.again, Fetched) else self.fetched
