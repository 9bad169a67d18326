"""The user's repository: its trees, and commits made without touching the index and the working tree."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetcher.publish.changes import Change, Changes, Entry, Size
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


class Commit(NamedTuple):
    """A commit: its parents, at hand or not, and its message."""

    parents: tuple[str, ...]
    message: str


class Repository:
    """The working tree around a folder; `prefix` is the folder's path in it, with a slash at its end."""

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
        """Of the paths those that a commit has, with what it has there."""
        listed = self.git("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]
        found = {}
        for line in listed:
            facts, _, path = line.partition(b"\t")
            if (name := os.fsdecode(path)) in paths:
                mode, _, content = facts.decode().split()
                found[name] = Entry(mode, content)
        return found

    def changes(self, old: str, new: str) -> Changes:
        """From one commit or tree to another; a file that is taken away has the mode 000000."""
        told = self.git("diff-tree", "-r", "-z", "--raw", "--no-renames", old, new).split(b"\0")
        found = {}
        for facts, path in zip(told[::2], told[1::2], strict=False):
            _, mode, before, after, _ = facts.decode().split()
            found[os.fsdecode(path)] = Change("" if _NONE.fullmatch(before) else before, Entry(mode, after))
        return found

    def commit(self, name: str) -> Commit:
        """A commit that is at hand."""
        head, _, message = self.git("cat-file", "commit", name).decode(errors="replace").partition("\n\n")
        parents = tuple(line.split()[1] for line in head.splitlines() if line.startswith("parent "))
        return Commit(parents, message)

    def has(self, commit: str) -> bool:
        """Whether a commit is at hand."""
        return not self.git.tried("cat-file", "-e", f"{commit}^{{commit}}")[0]

    def _has_parents(self, commit: str) -> bool:
        return self.has(commit) and all(map(self.has, self.commit(commit).parents))

    def has_all(self, heads: Heads) -> bool:
        """Whether what is at the ends of the branches is at hand, of ours together with what it was made on."""
        return self.has(heads.tip) and all(map(self._has_parents, heads.ours.values()))

    def is_ancestor(self, commit: str, of: str) -> bool:
        """Whether one commit is in the history of another, as far as that is at hand."""
        return not self.git.tried("merge-base", "--is-ancestor", commit, of)[0]

    def holds(self, content: str, path: str, wanted: str) -> bool:
        """Whether a content of git, written to a path as git writes it, is what `writing.blob_name` calls `wanted`."""
        if content == wanted:
            return True
        status, written, _ = self.git.tried("cat-file", "--filters", f"--path={path}", content)
        return not status and writing.blob_name(written) == wanted

    def texts(self, contents: Collection[str]) -> dict[str, str]:
        """Contents of git as texts, by their names."""
        told = BytesIO(self.git("cat-file", "--batch", feed="".join(f"{name}\n" for name in contents).encode()))
        found = {}
        for name in contents:
            _, _, size = told.readline().split()
            found[name] = told.read(int(size)).decode(errors="replace")
            told.readline()
        return found

    def taken_in(self, base: str, paths: Collection[str]) -> dict[str, Entry]:
        """The files at the paths, kept by git as `git add` would keep them on top of a commit."""
        with self._index(base) as index:
            feed = b"".join(os.fsencode(path) + b"\0" for path in paths)
            self.git("update-index", "--add", "-z", "--stdin", feed=feed, GIT_INDEX_FILE=index)
            tree = self._tree(index)
        return self.entries(tree, set(paths))

    def tree(self, base: str, changes: Mapping[str, Change]) -> str:
        """The tree of a commit with changes made to it."""
        with self._index(base) as index:
            lines = (f"{c.new.mode} {c.new.name}\t".encode() + os.fsencode(path) for path, c in changes.items())
            feed = b"".join(line + b"\0" for line in lines)
            self.git("update-index", "--add", "-z", "--index-info", feed=feed, GIT_INDEX_FILE=index)
            return self._tree(index)

    def sizes(self, base: str, changes: Mapping[str, Change]) -> dict[str, Size]:
        """What it takes to show each change."""
        switches = ("-r", "-p", "-U3", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv")
        tree = self.tree(base, changes)
        shown: list[list[int]] = []
        for line in self.git.lines("diff-tree", *switches, base, tree):
            if line.startswith(b"diff --git "):  # lines of content have a sign before them
                shown.append([0, 0])
            shown[-1][0] += 1
            shown[-1][1] += len(line)
        paths = self.changes(base, tree)
        return {path: Size(1, lines, size) for path, (lines, size) in zip(paths, shown, strict=True)}

    def committed(self, base: str, tree: str, message: str, when: datetime, author: Author) -> str:
        """A commit of a tree on top of another commit; the same one for the same facts."""
        stamp = f"{int(when.timestamp())} +0000"
        roles = ("AUTHOR", "COMMITTER")
        facts = {"NAME": author.name, "EMAIL": author.mail, "DATE": stamp}
        identity = {f"GIT_{role}_{fact}": value for role in roles for fact, value in facts.items()}
        words = ("commit-tree", tree, "-p", base, "-F", "-")
        return self.git(*words, feed=message.encode(), **identity).decode().strip()

    def unwanted(self, paths: Collection[str], tip: str) -> dict[str, str]:
        """Of paths that a commit lacks those that are no news to it, each with the reason.

        A rule ignores the file, or it was taken away there: what this tree was checked out from still has it.
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
        """Who commits here, where git has been told."""
        asked = ("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
        status, out, _ = self.git.tried(*asked)
        found = _AUTHOR.match(os.fsdecode(out))
        return None if status or not found else Author(found[1], found[2])

    def address(self, remote: str) -> str:
        """The address that things are pushed to at a remote; PublishError where there is none of that name."""
        status, out, _ = self.git.tried("remote", "get-url", "--push", "--", remote)
        if status:
            mend = f"Add it (git remote add {remote} ADDRESS), or name another with --remote."
            raise PublishError(f"The repository has no remote {remote}.", mend)
        return os.fsdecode(out).splitlines()[0]

    def is_shallow(self) -> bool:
        """Whether history has been left out."""
        return self.git.text("rev-parse", "--is-shallow-repository") == "true"

    @contextmanager
    def _index(self, base: str) -> Iterator[str]:
        # git makes its lock file beside the index, so that needs a folder of its own.
        with tempfile.TemporaryDirectory(prefix="fetcher-") as folder:
            index = str(Path(folder, "index"))
            self.git("read-tree", base, GIT_INDEX_FILE=index)
            yield index

    def _tree(self, index: str) -> str:
        # A partial clone has not all contents at hand, and would get them one by one.
        return self.git("write-tree", "--missing-ok", GIT_INDEX_FILE=index).decode().strip()


class Author(NamedTuple):
    """Who a commit is by."""

    name: str
    mail: str


_AUTHOR = re.compile(r"([^<]*[^<\s])\s*<([^<>]+)>")


def author(text: str) -> Author:
    """The author that a text such as `A Name <mail@example.org>` gives; PublishError where it gives none."""
    found = _AUTHOR.fullmatch(text.strip())
    if not found or not text.isprintable():
        raise PublishError(f"{text!r} is no author.", 'Write it as "A Name <mail@example.org>".')
    return Author(found[1], found[2])


def unignored(folders: Iterable[Path]) -> list[str]:
    """Of the folders those that git would list as new, each as a line of .gitignore; none outside of a working tree."""
    found = []
    for folder in folders:
        real = folder.resolve()
        with suppress(PublishError):
            top = Repository(real.parent).top
            git = Git(top)
            inside = real.relative_to(top).as_posix() if real.is_relative_to(top) else "."
            # 0 where a rule ignores it, 1 where none does. What is committed already is meant to be seen.
            is_open = inside != "." and git.tried("check-ignore", "-q", f"{inside}/")[0] == 1
            if is_open and not git("--literal-pathspecs", "ls-files", inside):
                found.append(f"/{inside}/")
    return found
