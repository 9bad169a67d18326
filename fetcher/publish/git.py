"""Runs git, independently of the user's hooks, signing keys and index; fetches from and pushes to a remote."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from fetcher.report.screen import printable
from fetcher.terms.failures import PublishError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PATIENCE = 900
"""Seconds after which a command is stopped: the server is silent, or a prompt is waiting that nobody sees."""

# What users have configured for their own commits must not stop, sign, delay or add to these.
_SETTINGS = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.splitIndex": "false",
    "gc.auto": "0",
    "i18n.commitEncoding": "UTF-8",
    "maintenance.auto": "false",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "submodule.recurse": "false",
}
_SWITCHES = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]

# Set when this is called from a hook: they would override the folder.
_LOCAL = """
    GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR GIT_DIR GIT_GRAFT_FILE GIT_INDEX_FILE GIT_NAMESPACE
    GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_SHALLOW_FILE GIT_WORK_TREE
""".split()

_USER_INFO = re.compile(r"[^\s/@:'\"]+:[^\s/@'\"]*@")


class GitError(PublishError):
    """The git command `what` failed; `said` is git's explanation."""

    def __init__(self, what: str, said: str) -> None:
        super().__init__(f"git {what} failed: {said or 'it did not say why'}.", "See what git says.")
        self.said = said


class Git:
    """Runs git in a folder, with `extra` environment variables; errors do not show the `secret`."""

    def __init__(self, folder: Path, extra: Mapping[str, str] | None = None, secret: str = "") -> None:
        found = shutil.which("git")
        if not found:
            raise PublishError("git is not installed.", "Install it.")
        self._words = [found, *_SWITCHES]
        self._folder = folder
        self._secret = secret
        kept = {name: value for name, value in os.environ.items() if name not in _LOCAL}
        self._environment = {**kept, "LC_ALL": "C", **(extra or {})}

    def __call__(self, *words: str, feed: bytes = b"", **extra: str) -> bytes:
        """The command's standard output; raises GitError if it fails. `extra` are environment variables."""
        status, out, said = self.tried(*words, feed=feed, **extra)
        if status:
            raise GitError(words[0], said)
        return out

    def tried(self, *words: str, feed: bytes = b"", **extra: str) -> tuple[int, bytes, str]:
        """The exit status of the command, its standard output, and its standard error on one line."""
        try:
            done = subprocess.run(  # noqa: S603  # no shell; words are ours or come after an option that takes them
                [*self._words, *words],
                cwd=self._folder,
                env=self._environment | extra,
                input=feed,
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise GitError(words[0], f"no end after {_PATIENCE} seconds") from error
        return done.returncode, done.stdout, self._harmless(done.stderr)

    def lines(self, *words: str) -> Iterator[bytes]:
        """The lines of standard output, as they come; raises GitError at the end if the command failed."""
        with subprocess.Popen(  # noqa: S603  # as above
            [*self._words, *words],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout is not None  # noqa: S101  # for the type checker
            yield from process.stdout
        if process.returncode:
            raise GitError(words[0], "")

    def text(self, *words: str) -> str:
        """The standard output without its last line end."""
        return os.fsdecode(self(*words)).removesuffix("\n")

    def _harmless(self, said: bytes) -> str:
        text = _USER_INFO.sub("", os.fsdecode(said))
        if self._secret:
            text = text.replace(self._secret, "***")
        return printable(text, 600).removesuffix(".")


_FETCH_DEPTH = "10"
"""Commits of each branch that a shallow clone fetches: ours, and merges that the forge has put on top of it."""


class Heads(NamedTuple):
    """The heads of branches: `tip` is that of `base`, into which changes go; `ours` are by name."""

    base: str
    tip: str
    ours: dict[str, str]


class PushResult(NamedTuple):
    """The branches that a push did not move: as someone else has moved them `meanwhile`, or `refused` with a reason."""

    meanwhile: tuple[str, ...]
    refused: tuple[str, ...]


class Remote:
    """A remote repository, by name or address."""

    def __init__(self, git: Git, place: str) -> None:
        self._git = git
        self._place = place

    def heads(self, base: str, branch: str) -> Heads:
        """The heads of the base ("" for the remote's default branch) and of the branches named like ours."""
        wanted = f"refs/heads/{base}" if base else "HEAD"
        told = os.fsdecode(self._asked("ls-remote", "--symref", self._place, wanted, f"refs/heads/{branch}*"))
        lines = [line.partition("\t") for line in told.splitlines()]
        refs = {name: value for value, _, name in lines if not value.startswith("ref: ")}
        links = {name: value.removeprefix("ref: ") for value, _, name in lines if value.startswith("ref: ")}
        name = links.get(wanted, wanted).removeprefix("refs/heads/")
        if wanted not in refs or name == "HEAD":
            if base:
                raise PublishError(f"The remote has no branch {base}.", "Push it, or name another with --base.")
            raise PublishError("The remote's default branch (HEAD) does not exist.", "Name another one with --base.")
        ours = re.compile(rf"refs/heads/({re.escape(branch)}(?:-\d+)?)")
        found = {match[1]: tip for ref, tip in refs.items() if (match := ours.fullmatch(ref))}
        if name in found:
            raise PublishError(f"{name} is the branch to publish to.", "Name another one with --branch.")
        return Heads(name, refs[wanted], found)

    def fetch(self, heads: Heads, *, shallow: bool) -> None:
        """Fetches the heads without touching any local or remote-tracking branch.

        `shallow` tells that the user's repository is shallow: with a depth, a full clone would become shallow.
        """
        depth = ["--depth", _FETCH_DEPTH] if shallow else []
        quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-recurse-submodules")
        self._asked("fetch", *quiet, *depth, self._place, *(f"refs/heads/{name}" for name in (heads.base, *heads.ours)))

    def push(self, commits: Mapping[str, str], before: Mapping[str, str]) -> PushResult:
        """Moves branches to commits ("" deletes the branch), each only if it still is where it was `before` (lease)."""
        leases = [f"--force-with-lease=refs/heads/{name}:{before.get(name, '')}" for name in commits]
        targets = [f"{commit}:refs/heads/{name}" for name, commit in commits.items()]
        status, out, said = self._git.tried("push", "--porcelain", "--no-verify", *leases, self._place, *targets)
        refused = dict(re.findall(r"^!\t[^\t]*:refs/heads/([^\t]+)\t(.*)$", os.fsdecode(out), re.MULTILINE))
        if status and not refused:
            raise _unreachable("push", said)
        if not refused:
            return PushResult((), ())
        now = self._now(refused)
        meanwhile = tuple(name for name in refused if now.get(name, "") != before.get(name, ""))
        return PushResult(meanwhile, tuple(f"{name}: {why}" for name, why in refused.items() if name not in meanwhile))

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
