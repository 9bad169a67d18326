"""Publishing as a whole: from the last report to branches on a remote and requests to review them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fetcher.publish import account, repository, review, wording
from fetcher.publish.account import published, taken_back
from fetcher.publish.changes import Changes, digest, folders, split, still_open
from fetcher.publish.forges import DRAFTED, Proposal
from fetcher.publish.git import Git, Heads, Remote
from fetcher.publish.repository import Author, Repository
from fetcher.publish.review import Api
from fetcher.publish.wording import Part, Row
from fetcher.seeds import lock
from fetcher.seeds.lock import LockedError
from fetcher.terms.failures import PublishError
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fetcher.publish.account import Account

_TRIES = 3
_NOBODY = Author("fetcher", "fetcher@localhost")
_NO_FORGE = "To have a request for review opened too, set GITHUB_TOKEN or GITLAB_TOKEN."


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asks for; with `base` and `author` empty it is as the remote and as git have it.

    `seeds` is the folder that the run was over, None for whichever that was.
    """

    branch: str
    base: str
    remote: str
    author: str
    labels: Sequence[str]
    dry_run: bool
    seeds: Path | None = None


def publish(report: Path, wishes: Wishes, variables: Mapping[str, str], say: Callable[[str], object]) -> int:
    """0 where all is published, or there is nothing to; 1 where something is left to a person.

    `variables` are the environment's. Raises PublishError where nothing, or nothing more, can be done.
    """
    run = account.read(report)
    if wishes.seeds and wishes.seeds.resolve() != Path(run.folder).resolve():
        mend = "Refresh that folder first, or name the REPORT_DIR of its runs."
        raise PublishError(f"The last report is of {run.folder}, not of SEEDS_DIR={wishes.seeds}.", mend)
    place = Repository(Path(run.folder))
    access = review.access(variables, wishes.remote, place.address(wishes.remote))
    author = repository.author(wishes.author) if wishes.author else place.author() or _NOBODY
    remote = Remote(Git(place.top, access.environment, access.token), access.place)
    api = Api(access.forge) if access.forge else None
    work = _Work(run, place, remote, api, wishes, author, say)
    try:
        return work.shown() if wishes.dry_run else work.done()
    except ForeignError as error:
        say(str(error))
        return 1


@dataclass(frozen=True, slots=True)
class _Work:
    """All that publishing needs."""

    run: Account
    place: Repository
    remote: Remote
    api: Api | None
    wishes: Wishes
    author: Author
    say: Callable[[str], object]

    def shown(self) -> int:
        """Says what would be done."""
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

    def done(self) -> int:
        """Does it."""
        for _ in range(_TRIES):
            heads, todo = self._look()
            # A forge may close these by itself when their branches go, and then says nothing of why.
            closing = [review.search(self.api, branch) for branch in todo.done] if self.api else []
            if self._pushed(heads, todo):
                break
        else:
            raise PublishError("The branches are moved by others again and again.", "Publish later.")
        for found in closing:
            if self.api and found and found.is_open:
                self.say(review.close(self.api, found))
        for step in todo.steps:
            if self.api:
                proposal = self._proposal(self.api, step, todo, heads)
                self.say(review.propose(self.api, proposal, moved=bool(step.commit)))
        if todo.steps and not self.api:
            for step in todo.steps:
                if not step.commit:
                    self.say(f"{step.branch} has it all already.")
            self.say(_NO_FORGE)
        return self._ended(todo)

    def _look(self) -> tuple[Heads, Plan]:
        heads = self.remote.heads(self.wishes.base, self.wishes.branch)
        if not self.place.has_all(heads):
            self.remote.fetch(heads, shallow=self.place.is_shallow())
        return heads, plan(self.run, self.place, heads, self.wishes.branch, self.author)

    def _ended(self, todo: Plan) -> int:
        for sentence in todo.left_out:
            self.say(f"Left out: {sentence}")
        if not todo.steps and not todo.done:
            self.say("Nothing to publish.")
        return 1 if todo.left_out else 0

    def _pushed(self, heads: Heads, todo: Plan) -> bool:
        """Whether the branches are now as planned; False where someone else was faster."""
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
        text = wording.without_place(self.run.text, self.run.folder, self.place.top, self.place.prefix)
        body = wording.body(step.part, rows, todo.left_out, text, api.forge.longest - len(end))
        return Proposal(step.branch, heads.base, wording.title(step.part), body + end, draft, self.wishes.labels)

    def _row(self, path: str) -> Row:
        writing = self.run.written.get(path.removeprefix(self.place.prefix))
        return Row(path, *writing[2:]) if writing else Row(path, "changed by an earlier run", 0, 0)


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
