"""git as a program that answers questions and keeps content, without a say of the user's hooks, keys and index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from fetcher.report.harmless import printable
from fetcher.terms.failures import PublishError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PATIENCE = 900
"""Seconds after which a command is given up: a server that is silent, or a prompt that nobody sees."""

# What a person has set up for commits of their own must not stop, sign, delay or add to these.
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

# Set where this is called from a hook: they would point elsewhere than the folder says.
_LOCAL = """
    GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR GIT_DIR GIT_GRAFT_FILE GIT_INDEX_FILE GIT_NAMESPACE
    GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_SHALLOW_FILE GIT_WORK_TREE
""".split()

_USER_INFO = re.compile(r"[^\s/@:'\"]+:[^\s/@'\"]*@")


class GitError(PublishError):
    """git could not do `what`; `said` is its own explanation."""

    def __init__(self, what: str, said: str) -> None:
        super().__init__(f"git {what} failed: {said or 'it did not say why'}.", "See what git says.")
        self.said = said


class Git:
    """Runs git in a folder, with `extra` environment; whatever `secret` is, no error repeats it."""

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
        """What the command says on standard output; raises GitError where it fails. `extra` adds to its environment."""
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
        """The lines of standard output, as they come; raises GitError at the end where the command failed."""
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
