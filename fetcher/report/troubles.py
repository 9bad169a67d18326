"""Seeds that a person should look at, those together that have the same trouble and the same remedy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fetcher.terms.outcomes import TROUBLES, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN = TROUBLES | {Outcome.MOVED, Outcome.GONE, Outcome.SKIPPED}
"""Outcomes that have something to be told of each seed."""

MOST_PATHS = 50
"""Seeds of one trouble that are listed."""
_MOST_KINDS = 200


@dataclass(slots=True)
class Trouble:
    """What happened to `seeds` seeds: `details` has the first of them by path, each with its sentence."""

    outcome: Outcome
    reason: str
    mend: str
    seeds: int = 0
    details: dict[str, str] = field(default_factory=dict)

    def add(self, path: str, detail: str) -> None:
        """Counts a seed."""
        self.seeds += 1
        self.details[path] = detail
        if len(self.details) > MOST_PATHS:
            del self.details[max(self.details)]


class Troubles:
    """Gathers the seeds in question as they end; memory is bounded, whatever servers say."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, ...], Trouble] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Takes in a seed as `report.json` holds it, if it concerns a person."""
        outcome = Outcome(row["outcome"])
        if outcome not in OPEN:
            return
        reason, mend = row["reason"], row["mend"]
        if (outcome, reason, mend) not in self._kinds and len(self._kinds) >= _MOST_KINDS:
            reason = mend = ""
        trouble = self._kinds.setdefault((outcome, reason, mend), Trouble(outcome, reason, mend))
        trouble.add(row["path"], row["detail"])

    def of(self, outcome: Outcome) -> list[Trouble]:
        """The troubles that ended so, the commonest first."""
        found = (trouble for trouble in self._kinds.values() if trouble.outcome is outcome)
        return sorted(found, key=lambda trouble: (-trouble.seeds, trouble.reason, trouble.mend))
