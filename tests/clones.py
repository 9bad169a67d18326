"""A repository of seeds with a remote, and runs that have written into it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fetcher.publish import publishing
from fetcher.publish.publishing import Options
from fetcher.report.report import Report
from fetcher.seeds import writing
from fetcher.terms.outcomes import Outcome, Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BRANCH = "refresh/seeds"
FIRST = datetime(2026, 3, 1, 5, 0, 0, tzinfo=UTC)
_SOMEONE = {f"GIT_{role}_{fact}": "x@y.z" for role in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")}


def git(folder: Path, *words: str, **environment: str) -> str:
    """What git says, without the last line end; as a person who has set up nothing but a name."""
    return exactly(folder, *words, **environment).removesuffix("\n")


def exactly(folder: Path, *words: str, **environment: str) -> str:
    """What git says."""
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **_SOMEONE, **environment}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return os.fsdecode(done.stdout)


def seed(text: str, day: int = 1) -> str:
    """The text of a seed, fetched on a day."""
    return f'---\nfetched_at: "2026-02-{day:02}T00:00:00Z"\nsource_url: "https://example.org/"\n---\n{text}\n'


@dataclass
class Clone:
    """A clone of the bare repository `origin`, with the seeds in `folder`."""

    top: Path
    origin: Path
    folder: Path
    reports: Path
    runs: int = 0

    def write(self, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            place = self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())

    def push(self, texts: Mapping[str, str] | None = None) -> None:
        """A person's change, on the remote's main branch."""
        self.write(texts or {})
        git(self.top, "add", "-A")
        git(self.top, "commit", "-q", "--allow-empty", "-m", "By a person")
        git(self.top, "push", "-q", "origin", "HEAD:main")

    def ran(self, texts: Mapping[str, str], settled: tuple[str, ...] = (), attention: tuple[str, ...] = ()) -> None:
        """A run that has written texts, and found some other seeds to be what their pages show."""
        before = {name: (self.folder / name).read_bytes().decode() for name in texts}
        self.write(texts)
        began = FIRST + timedelta(days=7 * self.runs)
        self.runs += 1
        report = Report(self.reports, str(self.folder), began)
        for name, text in texts.items():
            was, became = (writing.blob_name(each.encode()) for each in (before[name], text))
            record = Record(path=name, outcome=Outcome.CHANGED, words_added=1, before=was, after=became)
            report.add(record, before[name], text)
        for name in settled:
            report.add(Record(path=name, outcome=Outcome.UNCHANGED))
        report.finish(began + timedelta(hours=1), len(texts) + len(settled), alarms=attention)

    def fresh(self) -> None:
        """The working tree as a job in CI finds it: what is on the remote's main branch."""
        git(self.top, "fetch", "-q", "origin", "main")
        git(self.top, "reset", "-q", "--hard", "FETCH_HEAD")

    def publish(self, variables: Mapping[str, str] | None = None, **options: object) -> tuple[int, str]:
        """The exit status and what was said."""
        wanted = {"branch": BRANCH, "base": "", "remote": "origin", "author": "", "labels": (), "dry_run": False}
        said: list[str] = []
        wish = Options(**{**wanted, **options})  # type: ignore[arg-type]  # whatever a test asks for
        status = publishing.publish(self.reports / "latest", wish, variables or {}, said.append)
        return status, "\n".join(said)

    def branches(self) -> list[str]:
        return git(self.origin, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split()

    def tip(self, branch: str = BRANCH) -> str:
        return git(self.origin, "rev-parse", f"refs/heads/{branch}")

    def paths(self, branch: str = BRANCH) -> list[str]:
        """The files that a branch changes on top of main."""
        return git(self.origin, "diff", "--name-only", "-z", f"main...{branch}").split("\0")[:-1]

    def changed(self, branch: str = BRANCH) -> dict[str, str]:
        """The same with their texts."""
        return {name: exactly(self.origin, "cat-file", "blob", f"{branch}:{name}") for name in self.paths(branch)}


def copied(clone: Clone, place: Path) -> Clone:
    """The same repositories in another folder."""
    for folder in (clone.top, clone.origin):
        shutil.copytree(folder, place / folder.name)
    folder = place / clone.folder.relative_to(clone.top.parent)
    return Clone(place / "clone", place / "origin.git", folder, place / "reports")


def cloned(place: Path, texts: Mapping[str, str], inside: str = "seeds") -> Clone:
    """A clone whose seeds lie in the folder `inside`, committed and pushed."""
    origin, top = place / "origin.git", place / "clone"
    git(place, "init", "-q", "--template=", "--bare", "-b", "main", str(origin))
    git(place, "init", "-q", "--template=", "-b", "main", str(top))
    git(top, "remote", "add", "origin", "../origin.git")
    clone = Clone(top, origin, top / inside, place / "reports")
    clone.folder.mkdir(exist_ok=True)
    clone.push(texts)
    return clone
