"""What is to be published: which branches move to which commits, and which are done with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fetcher.publish import wording
from fetcher.publish.account import published, taken_back
from fetcher.publish.changes import Changes, digest, folders, split, still_open
from fetcher.publish.wording import Part
from fetcher.seeds import lock
from fetcher.seeds.lock import LockedError
from fetcher.terms.failures import PublishError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetcher.publish.account import Account
    from fetcher.publish.remote import Heads
    from fetcher.publish.repository import Author, Repository


@dataclass(frozen=True, slots=True)
class Step:
    """One branch as it is to be, changing the files at `paths`: `commit` is empty where it is so already."""

    branch: str
    part: Part
    paths: Sequence[str]
    commit: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The branches to be, those that are `done` with, and sentences about files that are left out."""

    steps: Sequence[Step]
    done: Sequence[str]
    left_out: Sequence[str]

    @property
    def moves(self) -> dict[str, str]:
        """Branches to push, with their commits; none for one that is to go."""
        return {step.branch: step.commit for step in self.steps if step.commit} | dict.fromkeys(self.done, "")


class ForeignError(PublishError):
    """A branch of the name that we use has commits that are not ours."""

    def __init__(self, branch: str) -> None:
        super().__init__(
            f"{branch} has commits that this command did not make, so it is left alone, and nothing is published.",
            "Merge or close its request, and delete the branch; the next run finds again what is still open.",
        )


def plan(account: Account, repository: Repository, heads: Heads, branch: str, author: Author) -> Plan:
    """What is to be done, given what is on the remote; `heads` must be at hand in the repository."""
    ours = {name: _ours(repository, name, tip, heads.tip) for name, tip in heads.ours.items()}
    earlier: Changes = {path: change for changes in ours.values() for path, change in changes.items()}
    places = {repository.prefix + path for path in account.written}
    base = repository.entries(heads.tip, {*places, *earlier})
    try:
        with lock.hold(repository.top / repository.prefix):  # else a run may be writing what is read here
            fresh, left_out = published(repository, account, heads.tip, base, earlier)
            settled = taken_back(repository, account, base, earlier)
    except LockedError as error:
        raise PublishError(f"{error}.", "Then publish.") from error
    wanted = {**still_open(earlier, base, settled), **fresh}
    steps = []
    divided = split(repository.sizes(heads.tip, wanted)) if wanted else []
    for number, paths in enumerate(divided, 1):
        changes = {path: wanted[path] for path in paths}
        name = branch if number == 1 else f"{branch}-{number}"
        part = Part(number, len(divided), len(paths), folders(paths), len(set(paths) - set(fresh)))
        same = ours.get(name) == changes
        commit = "" if same else _commit(account, repository, heads.tip, changes, part, author)
        steps.append(Step(name, part, paths, commit))
    done = sorted(set(heads.ours) - {step.branch for step in steps})
    return Plan(steps, done, left_out)


def _ours(repository: Repository, branch: str, tip: str, base: str) -> Changes:
    """What a branch changes; ForeignError where anyone else has changed something on it that the base has not."""
    if repository.is_ancestor(tip, base):
        return {}
    commit = repository.commit(tip)
    if not commit.parents:
        raise ForeignError(branch)
    changes = repository.changes(commit.parents[-1], tip)
    while len(commit.parents) == 2 and repository.has(commit.parents[0]):
        commit = repository.commit(commit.parents[0])  # a button of the forge has merged the base into the branch
    if len(commit.parents) != 1 or wording.signed(commit.message) != digest(changes):
        raise ForeignError(branch)
    return changes


def _commit(account: Account, repository: Repository, base: str, changes: Changes, part: Part, author: Author) -> str:
    tree = repository.tree(base, changes)
    return repository.committed(base, tree, wording.message(part, digest(changes)), account.finished, author)
