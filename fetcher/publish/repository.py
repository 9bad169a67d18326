"""Reads the user's git repository, and makes commits in it without touching the index or the working tree."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetcher.publish.git import Git
from fetcher.seeds import writing
from fetcher.terms.failures import PublishError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from fetcher.publish.git import Heads

_NONE = re.compile("0+")
_IGNORED = "is ignored by a rule of git: commit it by hand (git add -f) if others may see it."
_TAKEN_AWAY = "is not in the repository any more, but in what you have checked out: pull."


class Entry(NamedTuple):
    """A file in a git tree: its mode, and the name (hash) of its content."""

    mode: str
    name: str


class Change(NamedTuple):
    """A change of a file from the content `old` (its name; "" for none) to `new`."""

    old: str
    new: Entry


Changes = dict[str, Change]
"""Changes by path, from the top of the repository."""


class Size(NamedTuple):
    """The size of a diff."""

    files: int
    lines: int
    bytes: int

    def plus(self, other: Size) -> Size:
        """The sum of both."""
        return Size(*(mine + its for mine, its in zip(self, other, strict=True)))

    def fits(self, limit: Size) -> bool:
        """Whether it is within the limit."""
        return all(mine <= most for mine, most in zip(self, limit, strict=True))


class Commit(NamedTuple):
    """A commit: its parents, which may be missing from a shallow clone, and its message."""

    parents: tuple[str, ...]
    message: str


class Repository:
    """The repository whose working tree has a folder; `prefix` is the folder's path in it, ending in a slash."""

    def __init__(self, folder: Path) -> None:
        real = folder.resolve()
        if not real.is_dir():
            raise PublishError(f"{folder} is no folder.", "Publish from the folder that the run was started in.")
        inside = Git(real)
        status, top, said = inside.tried("rev-parse", "--show-toplevel")
        if status or not top.strip():
            raise PublishError(f"{folder} is in no working tree of git ({said}).", "Keep the seeds in one.")
        self.top = Path(os.fsdecode(top.removesuffix(b"\n")))
        self.prefix = inside.text("rev-parse", "--show-prefix")
        self.git = Git(self.top)

    def entries(self, commit: str, paths: Collection[str]) -> dict[str, Entry]:
        """The entries of a commit at those of the paths that it has."""
        listed = self.git("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]
        found = {}
        for line in listed:
            facts, _, path = line.partition(b"\t")
            if (name := os.fsdecode(path)) in paths:
                mode, _, content = facts.decode().split()
                found[name] = Entry(mode, content)
        return found

    def changes(self, old: str, new: str) -> Changes:
        """The changes from one commit or tree to another; a deleted file has the mode 000000."""
        told = self.git("diff-tree", "-r", "-z", "--raw", "--no-renames", old, new).split(b"\0")
        found = {}
        for facts, path in zip(told[::2], told[1::2], strict=False):
            _, mode, before, after, _ = facts.decode().split()
            found[os.fsdecode(path)] = Change("" if _NONE.fullmatch(before) else before, Entry(mode, after))
        return found

    def commit(self, name: str) -> Commit:
        """A commit that is in the repository."""
        head, _, message = self.git("cat-file", "commit", name).decode(errors="replace").partition("\n\n")
        parents = tuple(line.split()[1] for line in head.splitlines() if line.startswith("parent "))
        return Commit(parents, message)

    def has(self, commit: str) -> bool:
        """Whether a commit is in the repository."""
        return not self.git.tried("cat-file", "-e", f"{commit}^{{commit}}")[0]

    def _has_parents(self, commit: str) -> bool:
        return self.has(commit) and all(map(self.has, self.commit(commit).parents))

    def has_all(self, heads: Heads) -> bool:
        """Whether the repository has the heads of all branches, and the parents of ours."""
        return self.has(heads.tip) and all(map(self._has_parents, heads.ours.values()))

    def is_ancestor(self, commit: str, of: str) -> bool:
        """Whether one commit is in the history of another, as far as the repository has that."""
        return not self.git.tried("merge-base", "--is-ancestor", commit, of)[0]

    def holds(self, content: str, path: str, wanted: str) -> bool:
        """Whether git's `content`, checked out at a path (with filters), has the `blob_name` `wanted`."""
        if content == wanted:
            return True
        status, written, _ = self.git.tried("cat-file", "--filters", f"--path={path}", content)
        return not status and writing.blob_name(written) == wanted

    def texts(self, contents: Collection[str]) -> dict[str, str]:
        """Contents as texts, by their names."""
        told = BytesIO(self.git("cat-file", "--batch", feed="".join(f"{name}\n" for name in contents).encode()))
        found = {}
        for name in contents:
            _, _, size = told.readline().split()
            found[name] = told.read(int(size)).decode(errors="replace")
            told.readline()
        return found

    def taken_in(self, base: str, paths: Collection[str]) -> dict[str, Entry]:
        """The entries that `git add` would make of the files at the paths, on top of a commit."""
        with self._index(base) as index:
            feed = b"".join(os.fsencode(path) + b"\0" for path in paths)
            self.git("update-index", "--add", "-z", "--stdin", feed=feed, GIT_INDEX_FILE=index)
            tree = self._tree(index)
        return self.entries(tree, set(paths))

    def tree(self, base: str, changes: Mapping[str, Change]) -> str:
        """The tree of a commit with changes applied to it."""
        with self._index(base) as index:
            lines = (f"{c.new.mode} {c.new.name}\t".encode() + os.fsencode(path) for path, c in changes.items())
            feed = b"".join(line + b"\0" for line in lines)
            self.git("update-index", "--add", "-z", "--index-info", feed=feed, GIT_INDEX_FILE=index)
            return self._tree(index)

    def sizes(self, base: str, changes: Mapping[str, Change]) -> dict[str, Size]:
        """The size of each change's diff, by path."""
        switches = ("-r", "-p", "-U3", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv")
        tree = self.tree(base, changes)
        shown: list[list[int]] = []
        for line in self.git.lines("diff-tree", *switches, base, tree):
            if line.startswith(b"diff --git "):  # lines of content begin with a sign
                shown.append([0, 0])
            shown[-1][0] += 1
            shown[-1][1] += len(line)
        paths = self.changes(base, tree)
        return {path: Size(1, lines, size) for path, (lines, size) in zip(paths, shown, strict=True)}

    def committed(self, base: str, tree: str, message: str, when: datetime, author: Author) -> str:
        """The name of a commit of a tree on top of another commit; the same for the same arguments."""
        stamp = f"{int(when.timestamp())} +0000"
        roles = ("AUTHOR", "COMMITTER")
        facts = {"NAME": author.name, "EMAIL": author.mail, "DATE": stamp}
        identity = {f"GIT_{role}_{fact}": value for role in roles for fact, value in facts.items()}
        words = ("commit-tree", tree, "-p", base, "-F", "-")
        return self.git(*words, feed=message.encode(), **identity).decode().strip()

    def unwanted(self, paths: Collection[str], tip: str) -> dict[str, str]:
        """Those of the paths, which a commit lacks, that must not be added to it, each with the reason.

        A rule ignores the file; or it was deleted there, and the commit that is checked out here still has it.
        """
        if not paths:
            return {}
        feed = b"".join(os.fsencode(path) + b"\0" for path in paths)
        ignored = self.git.tried("check-ignore", "-z", "--stdin", feed=feed)[1].split(b"\0")[:-1]
        found = {os.fsdecode(path): _IGNORED for path in ignored}
        status, common, _ = self.git.tried("merge-base", "HEAD", tip)
        known = common.decode().strip() if not status else "HEAD"
        if self.has(known):
            found |= dict.fromkeys(self.entries(known, paths), _TAKEN_AWAY)
        return found

    def author(self) -> Author | None:
        """The author that git is configured with, if any."""
        asked = ("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
        status, out, _ = self.git.tried(*asked)
        found = _AUTHOR.match(os.fsdecode(out))
        return None if status or not found else Author(found[1], found[2])

    def address(self, remote: str) -> str:
        """The address to which a remote is pushed; raises PublishError if there is no such remote."""
        status, out, _ = self.git.tried("remote", "get-url", "--push", "--", remote)
        if status:
            mend = f"Add it (git remote add {remote} ADDRESS), or name another with --remote."
            raise PublishError(f"The repository has no remote {remote}.", mend)
        return os.fsdecode(out).splitlines()[0]

    def is_shallow(self) -> bool:
        """Whether the repository is a shallow clone."""
        return self.git.text("rev-parse", "--is-shallow-repository") == "true"

    @contextmanager
    def _index(self, base: str) -> Iterator[str]:
        # git makes its lock file beside the index, which therefore needs a folder of its own.
        with tempfile.TemporaryDirectory(prefix="fetcher-") as folder:
            index = str(Path(folder, "index"))
            self.git("read-tree", base, GIT_INDEX_FILE=index)
            yield index

    def _tree(self, index: str) -> str:
        # A partial clone lacks some contents, and would fetch them one by one.
        return self.git("write-tree", "--missing-ok", GIT_INDEX_FILE=index).decode().strip()


class Author(NamedTuple):
    """The author of a commit."""

    name: str
    mail: str


_AUTHOR = re.compile(r"([^<]*[^<\s])\s*<([^<>]+)>")


def author(text: str) -> Author:
    """The author in a text such as `A Name <mail@example.org>`; raises PublishError if there is none."""
    found = _AUTHOR.fullmatch(text.strip())
    if not found or not text.isprintable():
        raise PublishError(f"{text!r} is no author.", 'Write it as "A Name <mail@example.org>".')
    return Author(found[1], found[2])


def ignore_rules_for(folders: Iterable[Path]) -> list[str]:
    """A line of .gitignore for each of the folders that git would list as untracked; none outside a working tree."""
    found = []
    for folder in folders:
        real = folder.resolve()
        with suppress(PublishError):
            top = Repository(real.parent).top
            git = Git(top)
            inside = real.relative_to(top).as_posix() if real.is_relative_to(top) else "."
            # Status 0: a rule ignores it; 1: none does. A folder with committed files is meant to be tracked.
            is_open = inside != "." and git.tried("check-ignore", "-q", f"{inside}/")[0] == 1
            if is_open and not git("--literal-pathspecs", "ls-files", inside):
                found.append(f"/{inside}/")
    return found
