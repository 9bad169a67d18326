"""The remote repository: its branches, what is on them, and how they are moved."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from fetcher.publish.git import Git, GitError
from fetcher.terms.failures import PublishError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetcher.publish.repository import Repository

_FETCH_DEPTH = "10"
"""Commits of each branch that a shallow clone gets: ours, and the merges that a forge's button has put on top."""


class Heads(NamedTuple):
    """The commits at the ends of branches: of `base`, which changes go into, and of `ours` by name."""

    base: str
    tip: str
    ours: dict[str, str]


class Moved(NamedTuple):
    """What became of a push: the branches that someone else has moved meanwhile, and what was refused, and why."""

    meanwhile: tuple[str, ...]
    refused: tuple[str, ...]


class Remote:
    """A remote repository, by name or address, as `git` may speak to it."""

    def __init__(self, git: Git, place: str) -> None:
        self._git = git
        self._place = place

    def heads(self, base: str, branch: str) -> Heads:
        """Where the base ends ("" for the remote's own default) and where branches do that are called like ours."""
        wanted = f"refs/heads/{base}" if base else "HEAD"
        told = os.fsdecode(self._asked("ls-remote", "--symref", self._place, wanted, f"refs/heads/{branch}*"))
        lines = [line.partition("\t") for line in told.splitlines()]
        refs = {name: value for value, _, name in lines if not value.startswith("ref: ")}
        links = {name: value.removeprefix("ref: ") for value, _, name in lines if value.startswith("ref: ")}
        name = links.get(wanted, wanted).removeprefix("refs/heads/")
        if wanted not in refs or name == "HEAD":
            what = f"no branch {base}" if base else "no branch of its own to publish to"
            raise PublishError(f"The remote has {what}.", "Push one there, or name another with --base.")
        ours = re.compile(rf"refs/heads/({re.escape(branch)}(?:-\d+)?)")
        found = {match[1]: tip for ref, tip in refs.items() if (match := ours.fullmatch(ref))}
        if name in found:
            raise PublishError(f"{name} is the branch to publish to.", "Name another one with --branch.")
        return Heads(name, refs[wanted], found)

    def fetch(self, heads: Heads, repository: Repository) -> None:
        """Gets what is at the ends of the branches, without touching any branch or tracking branch of the user's."""
        if repository.has(heads.tip) and all(repository.has_parents(tip) for tip in heads.ours.values()):
            return
        # A depth would make a full clone a shallow one.
        depth = ["--depth", _FETCH_DEPTH] if repository.is_shallow() else []
        quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-recurse-submodules")
        self._asked("fetch", *quiet, *depth, self._place, *(f"refs/heads/{name}" for name in (heads.base, *heads.ours)))

    def push(self, commits: Mapping[str, str], before: Mapping[str, str]) -> Moved:
        """Moves branches to commits ("" takes the branch away), each only if it is still where it was `before`."""
        leases = [f"--force-with-lease=refs/heads/{name}:{before.get(name, '')}" for name in commits]
        targets = [f"{commit}:refs/heads/{name}" for name, commit in commits.items()]
        status, out, said = self._git.tried("push", "--porcelain", "--no-verify", *leases, self._place, *targets)
        refused = dict(re.findall(r"^!\t[^\t]*:refs/heads/([^\t]+)\t(.*)$", os.fsdecode(out), re.MULTILINE))
        if status and not refused:
            raise _unreachable("push", said)
        if not refused:
            return Moved((), ())
        now = self._now(refused)
        meanwhile = tuple(name for name in refused if now.get(name, "") != before.get(name, ""))
        return Moved(meanwhile, tuple(f"{name}: {why}" for name, why in refused.items() if name not in meanwhile))

    def _now(self, names: Mapping[str, str]) -> dict[str, str]:
        told = os.fsdecode(self._asked("ls-remote", self._place, *(f"refs/heads/{name}" for name in names)))
        lines = (line.partition("\t") for line in told.splitlines())
        return {ref.removeprefix("refs/heads/"): tip for tip, _, ref in lines}

    def _asked(self, *words: str) -> bytes:
        try:
            return self._git(*words)
        except GitError as error:
            raise _unreachable(words[0], error.said) from error


def _unreachable(what: str, said: str) -> PublishError:
    mend = "Check the remote's address, and that you (or the token) may read and write there."
    return PublishError(f"git {what} failed: {said}.", mend)
