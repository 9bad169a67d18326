"""Publishes the last run: plans which branches to push, pushes them, and opens or updates their pull requests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fetcher.publish import forge_api, pull_requests, repository
from fetcher.publish.changes import last_run, reverted, select_changes, still_open
from fetcher.publish.forge_api import Api
from fetcher.publish.forges import DRAFTED, Proposal
from fetcher.publish.git import Git, Heads, Remote
from fetcher.publish.pull_requests import Part, Row, digest, folders, split_into_parts
from fetcher.publish.repository import Author, Changes, Repository
from fetcher.seeds import lock
from fetcher.seeds.lock import LockedError
from fetcher.terms.failures import PublishError
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fetcher.publish.changes import LastRun

_TRIES = 3
_NOBODY = Author("fetcher", "fetcher@localhost")
_NO_FORGE = "To have a request for review opened too, set GITHUB_TOKEN or GITLAB_TOKEN."


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command; an empty `base` or `author` means the remote's default branch, or git's author.

    `seeds` is the folder that the run must be of; None for any.
    """

    branch: str
    base: str
    remote: str
    author: str
    labels: Sequence[str]
    dry_run: bool
    seeds: Path | None = None


def publish(report: Path, options: Options, variables: Mapping[str, str], say: Callable[[str], object]) -> int:
    """Publishes the last run; returns the exit status: 0 if all is published, 1 if something is left to a person.

    `variables` are those of the environment; `say` shows a line to the user. Raises PublishError if nothing, or nothing
    more, can be done.
    """
    run = last_run(report)
    if options.seeds and options.seeds.resolve() != Path(run.folder).resolve():
        mend = "Refresh that folder first, or name the REPORT_DIR of its runs."
        raise PublishError(f"The last report is of {run.folder}, not of SEEDS_DIR={options.seeds}.", mend)
    place = Repository(Path(run.folder))
    access = forge_api.access(variables, options.remote, place.address(options.remote))
    author = repository.author(options.author) if options.author else place.author() or _NOBODY
    remote = Remote(Git(place.top, access.environment, access.token), access.place)
    api = Api(access.forge) if access.forge else None
    work = _Work(run, place, remote, api, options, author, say)
    try:
        return work.preview() if options.dry_run else work.execute()
    except ForeignError as error:
        say(str(error))
        return 1


@dataclass(frozen=True, slots=True)
class _Work:
    run: LastRun
    place: Repository
    remote: Remote
    api: Api | None
    options: Options
    author: Author
    say: Callable[[str], object]

    def preview(self) -> int:
        """Says what `execute` would do."""
        heads, todo = self._look()
        for step in todo.steps:
            what = f"push {step.branch}" if step.commit else f"leave {step.branch} as it is"
            self.say(f"Would {what}: {counted(step.part.files, 'file')}, for {heads.base}.")
            if self.api:
                proposal = self._proposal(self.api, step, todo, heads)
                draft = " as a draft" * proposal.draft
                self.say(f"Would open or update its request{draft}: {proposal.title}")
        for branch in todo.done:
            self.say(f"Would take {branch} away, and close its request.")
        return self._ended(todo)

    def execute(self) -> int:
        """Pushes the branches and updates their pull requests; tries again if others push at the same time."""
        for _ in range(_TRIES):
            heads, todo = self._look()
            # A forge may close these by itself, without a comment, once their branches are deleted.
            closing = [forge_api.search(self.api, branch) for branch in todo.done] if self.api else []
            if self._pushed(heads, todo):
                break
        else:
            raise PublishError("The branches are moved by others again and again.", "Publish later.")
        for found in closing:
            if self.api and found and found.is_open:
                self.say(forge_api.close(self.api, found))
        for step in todo.steps:
            if self.api:
                proposal = self._proposal(self.api, step, todo, heads)
                self.say(forge_api.propose(self.api, proposal, moved=bool(step.commit)))
        if todo.steps and not self.api:
            for step in todo.steps:
                if not step.commit:
                    self.say(f"{step.branch} has it all already.")
            self.say(_NO_FORGE)
        return self._ended(todo)

    def _look(self) -> tuple[Heads, Plan]:
        heads = self.remote.heads(self.options.base, self.options.branch)
        if not self.place.has_all(heads):
            self.remote.fetch(heads, shallow=self.place.is_shallow())
        return heads, plan(self.run, self.place, heads, self.options.branch, self.author)

    def _ended(self, todo: Plan) -> int:
        for sentence in todo.left_out:
            self.say(f"Left out: {sentence}")
        if not todo.steps and not todo.done:
            self.say("Nothing to publish.")
        return 1 if todo.left_out else 0

    def _pushed(self, heads: Heads, todo: Plan) -> bool:
        """Whether the branches are now as planned; False if someone else was faster."""
        if not todo.moves:
            return True
        moved = self.remote.push(todo.moves, heads.ours)
        if moved.refused:
            mend = "Let the token, or you, push there: see the rules for branches."
            raise PublishError(f"The remote refused {', '.join(moved.refused)}.", mend)
        if moved.meanwhile:
            return False
        for branch, commit in todo.moves.items():
            self.say(
                f"Pushed {branch}: {commit[:12]}" if commit else f"Took {branch} away: it has nothing left to review."
            )
        return True

    def _proposal(self, api: Api, step: Step, todo: Plan, heads: Heads) -> Proposal:
        draft = bool(self.run.attention)
        end = f"\n{DRAFTED}\n" if draft else ""
        rows = [self._row(path) for path in step.paths]
        text = pull_requests.without_local_paths(self.run.text, self.run.folder, self.place.top, self.place.prefix)
        body = pull_requests.body(step.part, rows, todo.left_out, text, api.forge.longest - len(end))
        return Proposal(step.branch, heads.base, pull_requests.title(step.part), body + end, draft, self.options.labels)

    def _row(self, path: str) -> Row:
        writing = self.run.written.get(path.removeprefix(self.place.prefix))
        return Row(path, *writing[2:]) if writing else Row(path, "changed by an earlier run", 0, 0)


@dataclass(frozen=True, slots=True)
class Step:
    """A branch that changes the files at `paths`, to be pushed at `commit`, or "" if there is nothing to push."""

    branch: str
    part: Part
    paths: Sequence[str]
    commit: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The branches to have, the branches to delete (`done`), and sentences on the files that are left out."""

    steps: Sequence[Step]
    done: Sequence[str]
    left_out: Sequence[str]

    @property
    def moves(self) -> dict[str, str]:
        """The branches to push, with their commits; "" for one to delete."""
        return {step.branch: step.commit for step in self.steps if step.commit} | dict.fromkeys(self.done, "")


class ForeignError(PublishError):
    """A branch with a name of ours has commits that are not ours."""

    def __init__(self, branch: str) -> None:
        super().__init__(
            f"{branch} has commits that this command did not make, so it is left alone, and nothing is published.",
            "Merge or close its request, and delete the branch; the next run finds again what is still open.",
        )


def plan(run: LastRun, repository: Repository, heads: Heads, branch: str, author: Author) -> Plan:
    """The plan, given the heads of the remote, which must have been fetched."""
    ours = {name: _ours(repository, name, tip, heads.tip) for name, tip in heads.ours.items()}
    earlier: Changes = {path: change for changes in ours.values() for path, change in changes.items()}
    places = {repository.prefix + path for path in run.written}
    base = repository.entries(heads.tip, {*places, *earlier})
    try:
        with lock.hold(repository.top / repository.prefix):  # no run may write these files meanwhile
            fresh, left_out = select_changes(repository, run, heads.tip, base, earlier)
            settled = reverted(repository, run, base, earlier)
    except LockedError as error:
        raise PublishError(f"{error}.", "Then publish.") from error
    wanted = {**still_open(earlier, base, settled), **fresh}
    steps = []
    divided = split_into_parts(repository.sizes(heads.tip, wanted)) if wanted else []
    for number, paths in enumerate(divided, 1):
        changes = {path: wanted[path] for path in paths}
        name = branch if number == 1 else f"{branch}-{number}"
        part = Part(number, len(divided), len(paths), folders(paths), len(set(paths) - set(fresh)))
        same = ours.get(name) == changes
        commit = "" if same else _commit(run, repository, heads.tip, changes, part, author)
        steps.append(Step(name, part, paths, commit))
    done = sorted(set(heads.ours) - {step.branch for step in steps})
    return Plan(steps, done, left_out)


def _ours(repository: Repository, branch: str, tip: str, base: str) -> Changes:
    """The changes of a branch; raises ForeignError if it has changes by anyone else that the base has not."""
    if repository.is_ancestor(tip, base):
        return {}
    commit = repository.commit(tip)
    if not commit.parents:
        raise ForeignError(branch)
    changes = repository.changes(commit.parents[-1], tip)
    while len(commit.parents) == 2 and repository.has(commit.parents[0]):
        commit = repository.commit(commit.parents[0])  # the forge has merged the base into the branch
    if len(commit.parents) != 1 or pull_requests.digest_in(commit.message) != digest(changes):
        raise ForeignError(branch)
    return changes


def _commit(run: LastRun, repository: Repository, base: str, changes: Changes, part: Part, author: Author) -> str:
    tree = repository.tree(base, changes)
    return repository.committed(base, tree, pull_requests.message(part, digest(changes)), run.finished, author)
