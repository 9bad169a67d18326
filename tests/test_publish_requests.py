"""Requests for review: opened once, kept up to date, drafts where a person is needed, closed when nothing is left."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.publish import pull_requests
from fetcher.publish.forge_api import Api, ApiError, access
from fetcher.publish.forges import GitHub, GitLab, Proposal
from fetcher.publish.pull_requests import Part, Row
from fetcher.terms.failures import PublishError
from tests.clones import BRANCH, Clone, cloned, copied, git, seed
from tests.forge import TOKEN, FakeForge, Refusal
from tests.githttp import GitServer

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD = {"a.md": seed("one"), "b.md": seed("two")}
NEEDED = ("2 pages are blocked.",)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return cloned(tmp_path_factory.mktemp("model"), OLD)


@pytest.fixture
def clone(model: Clone, tmp_path: Path) -> Clone:
    return copied(model, tmp_path)


@pytest.fixture
def forge() -> Iterator[FakeForge]:
    forge = FakeForge()
    yield forge
    forge.close()


@pytest.fixture(params=["github", "gitlab"])
def variables(request: pytest.FixtureRequest, forge: FakeForge) -> dict[str, str]:
    return dict(getattr(forge, request.param))


def test_the_first_change_opens_a_request_with_the_report_as_its_text(
    clone: Clone, forge: FakeForge, variables: dict[str, str]
) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    status, said = clone.publish(variables, labels=("seeds", "bot"))
    (one,) = forge.open()
    assert (status, one["head"], one["base"]) == (0, {"ref": BRANCH}, {"ref": "main"})
    assert (one["title"], one["draft"]) == ("Refresh 1 seed", False)
    assert one["body"] == _report(clone)
    assert [label["name"] for label in one["labels"]] == ["seeds", "bot"]
    assert "Opened https://forge.example/1" in said
    assert {asked.token for asked in forge.asked} == {TOKEN}


def _report(clone: Clone) -> str:
    """The report as others may see it: the place of the repository on this machine is nobody's business."""
    text = (clone.reports / "latest" / "report.md").read_text()
    assert str(clone.top) in text
    return text.replace(f"`{clone.folder}`", "`seeds`")


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ("# Refresh of `/home/me/notes/seeds`", "# Refresh of `seeds`"),
        ("(/home/me/notes/seeds/a b.md)", "(seeds/a b.md)"),
        ("/home/me/notes/reports, /home/me/notes and", "reports, . and"),
        ("https://a.example/home/me/notes/seeds and /home/me/notes-old", ""),
        ("`/mnt/notes/seeds/x`", "`seeds/x`"),
    ],
)
def test_no_place_of_this_machine_is_published(report: str, told: str) -> None:
    folder = "/mnt/notes/seeds" if "mnt" in report else "/home/me/notes/seeds"
    assert pull_requests.without_local_paths(report, folder, Path("/home/me/notes"), "seeds/") == (told or report)


def test_nothing_is_asked_of_the_forge_when_nothing_changed(
    clone: Clone, forge: FakeForge, variables: dict[str, str]
) -> None:
    clone.ran({})
    clone.publish(variables)
    assert forge.asked == []


def test_a_later_run_updates_the_request(clone: Clone, forge: FakeForge, variables: dict[str, str]) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish(variables, labels=("seeds",))
    clone.fresh()
    clone.ran({"b.md": seed("TWO", 3)})
    clone.publish(variables, labels=("seeds",))
    (one,) = forge.requests
    assert one["title"] == "Refresh 2 seeds"
    assert "Files changed by earlier runs, whose changes are still open: 1." in one["body"]
    assert len(one["labels"]) == 1


def test_publishing_again_asks_but_changes_nothing(clone: Clone, forge: FakeForge, variables: dict[str, str]) -> None:
    clone.ran({"a.md": seed("ONE", 2)}, attention=NEEDED)
    clone.publish(variables, labels=("seeds",))
    before = forge.writes
    clone.publish(variables, labels=("seeds",))
    assert forge.writes == before


def test_a_request_whose_changes_are_gone_is_closed_with_a_word(
    clone: Clone, forge: FakeForge, variables: dict[str, str]
) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish(variables)
    clone.fresh()
    clone.ran({}, settled=("a.md",))
    status, said = clone.publish(variables)
    assert (status, clone.branches(), forge.open()) == (0, ["main"], [])
    assert "no longer show it" in forge.comments[0]
    assert "Closed https://forge.example/1" in said


def test_a_request_that_a_person_has_closed_is_not_opened_again_for_the_same(
    clone: Clone, forge: FakeForge, variables: dict[str, str]
) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish(variables)
    forge.requests[0]["state"] = "closed"
    assert "was closed, and refresh/seeds has nothing new" in clone.publish(variables)[1]
    assert forge.open() == []
    clone.ran({"b.md": seed("TWO", 3)})
    clone.publish(variables)
    assert [one["title"] for one in forge.open()] == ["Refresh 2 seeds"]


def test_it_is_a_draft_as_long_as_something_needs_a_person(clone: Clone, forge: FakeForge) -> None:
    for attention, draft in ((NEEDED, True), (NEEDED, True), ((), False), (NEEDED, True)):
        clone.ran({"a.md": seed(f"{clone.runs}", clone.runs + 2)}, attention=attention)
        clone.publish(forge.github)
        assert forge.requests[0]["draft"] is draft


def test_a_draft_of_gitlab_s_says_so_in_its_title(clone: Clone, forge: FakeForge) -> None:
    titles = []
    for attention in (NEEDED, ()):
        clone.ran({"a.md": seed(f"{clone.runs}", clone.runs + 2)}, attention=attention)
        clone.publish(forge.gitlab)
        titles.append(forge.requests[0]["title"])
    assert titles == ["Draft: Refresh 1 seed", "Refresh 1 seed"]


def test_a_draft_that_a_person_has_made_stays_one(clone: Clone, forge: FakeForge) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish(forge.github)
    forge.requests[0]["draft"] = True
    clone.ran({"a.md": seed("TWO", 3)})
    clone.publish(forge.github)
    assert forge.requests[0]["draft"] is True


def test_a_repository_that_takes_no_drafts_gets_a_plain_request(clone: Clone, forge: FakeForge) -> None:
    forge.refusals["POST pulls"] = [Refusal(422, {"message": "Draft pull requests are not supported"})]
    clone.ran({"a.md": seed("ONE", 2)}, attention=NEEDED)
    assert clone.publish(forge.github)[0] == 0
    assert [one["draft"] for one in forge.open()] == [False]


def test_labels_that_cannot_be_set_are_no_reason_to_fail(clone: Clone, forge: FakeForge) -> None:
    forge.refusals["POST labels"] = [Refusal(403, {"message": "Resource not accessible"})]
    clone.ran({"a.md": seed("ONE", 2)})
    status, said = clone.publish(forge.github, labels=("seeds",))
    assert status == 0
    assert "answered 403 to POST /repos/me/notes/issues/1/labels: Resource not accessible" in said


def test_each_part_has_a_request_that_tells_its_folders(tmp_path: Path, forge: FakeForge) -> None:
    names = [f"{folder}`@you/{number}.md" for folder in "ab" for number in range(200)]
    clone = cloned(tmp_path, dict.fromkeys(names, seed("one")))
    clone.ran(dict.fromkeys(names, seed("ONE", 2)))
    clone.publish(forge.github)
    first, second = forge.open()
    assert (first["title"], second["title"]) == (
        "Refresh 200 seeds (part 1 of 2)",
        "Refresh 200 seeds (part 2 of 2)",
    )
    assert "200 files in `` seeds/b`@you ``. The report of the whole run is in part 1." in second["body"]
    assert re.search(r"^\| `` seeds/b`@you/199.md `` \| `.*one.*ONE.*` \| \+1 −0 \|$", second["body"], re.MULTILINE)
    assert _report(clone) in first["body"]


def test_a_dry_run_asks_nothing_of_the_forge(clone: Clone, forge: FakeForge) -> None:
    clone.ran({"a.md": seed("ONE", 2)}, attention=NEEDED)
    said = clone.publish(forge.github, dry_run=True)[1]
    assert "Would open or update its request as a draft: Refresh 1 seed" in said
    assert (forge.asked, clone.branches()) == ([], ["main"])


def test_without_a_token_the_branch_is_pushed_and_the_remedy_said(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    status, said = clone.publish()
    assert (status, clone.branches()) == (0, ["main", BRANCH])
    assert "set GITHUB_TOKEN or GITLAB_TOKEN" in said


# --- The text ---------------------------------------------------------------------------------------------------------


def test_a_text_that_is_too_long_is_cut_at_the_end_of_a_line() -> None:
    rows = [Row(f"seeds/{number}", "a\n| b |", 1, number) for number in range(900)]
    report = "".join(f"line {number} of the report\n" for number in range(9_000))
    text = pull_requests.body(Part(1, 2, 5, ["a"], 3), rows, ["b.md was edited."] * 30, report, 65_536)
    assert len(text) <= 65_536
    *_, last, _, pointer = text.splitlines()
    assert last.endswith("of the report")
    assert "The rest is in report.md" in pointer
    assert "… and 10 more" in text


def test_no_line_of_a_text_is_a_command_to_gitlab() -> None:
    forge = GitLab("https://gitlab.example/api/v4", "me/notes", TOKEN)
    call = forge.create(Proposal(BRANCH, "main", "Refresh", "one\n/merge\n/approve", draft=False))
    assert call.path == "/projects/me%2Fnotes/merge_requests"
    assert call.payload
    assert call.payload["description"] == "one\n\\/merge\n\\/approve"


# --- A forge that does not do as it is told ---------------------------------------------------------------------------


class Clock:
    """Time that passes only while someone sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return 1000.0 + sum(self.slept)


def ask(forge: FakeForge, *refusals: Refusal) -> tuple[Any, list[float]]:
    """What comes of a search that is refused so often, and the waits between."""
    clock = Clock()
    forge.refusals["GET pulls"] = list(refusals)
    github = GitHub(forge.url, "me/notes", TOKEN)
    answer = Api(github, clock.slept.append, clock.now).send(github.search(BRANCH))
    return answer, clock.slept


def test_a_limit_that_ends_soon_is_waited_for(forge: FakeForge) -> None:
    limits = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1010"}
    answer, slept = ask(forge, Refusal(403, headers={"Retry-After": "7"}), Refusal(429, headers=limits), Refusal(502))
    assert (answer, slept) == ([], [7.0, 3.0, 8.0])


@pytest.mark.parametrize(
    "headers", [{"Retry-After": "3600"}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "4600"}]
)
def test_a_limit_that_lasts_is_said_with_its_end(forge: FakeForge, headers: dict[str, str]) -> None:
    with pytest.raises(ApiError, match=r"rate limit.*Publish again in 60 min"):
        ask(forge, Refusal(403, {"message": "API rate limit exceeded"}, headers))
    assert len(forge.asked) == 1


def test_a_forge_that_is_down_is_not_asked_for_ever(forge: FakeForge) -> None:
    with pytest.raises(ApiError, match="answered 503"):
        ask(forge, *[Refusal(503)] * 9)
    assert len(forge.asked) == 4


@pytest.mark.parametrize(
    ("status", "mend"),
    [(401, "a GITHUB_TOKEN that is valid"), (403, "pull-requests"), (404, "GITHUB_REPOSITORY"), (307, "It has moved")],
)
def test_a_refusal_is_said_with_its_remedy(forge: FakeForge, status: int, mend: str) -> None:
    elsewhere = {"Location": f"{forge.url}/repos/other/notes/pulls"} if status == 307 else {}
    with pytest.raises(ApiError, match=f"answered {status} to GET /repos/me/notes/pulls: No\\..*{mend}"):
        ask(forge, Refusal(status, {"message": "No"}, elsewhere))
    assert len(forge.asked) == 1  # no token goes where a redirect points


def test_a_request_that_was_opened_by_a_try_that_seemed_to_fail_is_not_opened_twice(
    clone: Clone, forge: FakeForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    forge.refusals["POST pulls"] = [Refusal(502, does=True)]
    clone.ran({"a.md": seed("ONE", 2)})
    status, said = clone.publish(forge.github)
    assert (status, len(forge.requests)) == (0, 1)
    assert "Opened https://forge.example/1" in said


def test_a_branch_that_was_pushed_without_a_request_gets_it_next_time(clone: Clone, forge: FakeForge) -> None:
    forge.refusals["POST pulls"] = [Refusal(403, {"message": "not permitted to create pull requests"})]
    clone.ran({"a.md": seed("ONE", 2)})
    with pytest.raises(PublishError, match="let workflows create pull requests"):
        clone.publish(forge.github)
    clone.publish(forge.github)
    assert len(forge.open()) == 1


# --- Tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_the_token_opens_the_remote_and_is_seen_by_nobody_else(
    clone: Clone, forge: FakeForge, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = tmp_path / "words"
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nprintf "%s " "$@" >>{words}\nexec {shlex.quote(shutil.which("git") or "")} "$@"\n')
    shim.chmod(0o755)
    git(clone.origin, "config", "http.receivepack", "true")
    server = GitServer(tmp_path, TOKEN)
    place = {"GITHUB_SERVER_URL": server.url} if kind == "github" else {"CI_SERVER_URL": server.url}
    git(clone.top, "remote", "set-url", "origin", server.url.replace("//", "//ci:old-password@") + "/origin.git")
    git(clone.top, "config", "credential.helper", f"!touch {tmp_path}/asked; :")
    clone.ran({"a.md": seed("ONE", 2)})
    monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    status, said = clone.publish({**getattr(forge, kind), **place})
    server.close()
    assert (status, clone.branches(), server.names) == (0, ["main", BRANCH], {"oauth2"})
    assert not (tmp_path / "asked").exists()  # a helper of the user's would keep the token
    seen = [words.read_text(), said, *(path.read_text() for path in clone.top.glob(".git/**/config*"))]
    assert "push --porcelain" in seen[0]
    assert not any(TOKEN in text for text in seen)
    assert forge.writes[0].startswith(
        "POST /repos/origin/pulls" if kind == "github" else "POST /api/v4/projects/origin"
    )


def test_a_token_that_cannot_be_one_is_refused_without_being_shown() -> None:
    with pytest.raises(PublishError, match="GITHUB_TOKEN contains characters") as error:
        access({"GITHUB_TOKEN": "half\nhalf", "GITHUB_REPOSITORY": "me/notes"}, "origin", "/srv/notes.git")
    assert "half" not in str(error.value)


def test_a_token_is_for_the_server_that_it_is_for() -> None:
    variables = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": "me/notes"}
    for address in ("https://example.org/me/notes.git", "git@github.com:me/notes.git", "../notes.git"):
        found = access(variables, "origin", address)
        assert (found.place, found.environment) == ("origin", {})
        assert found.forge
    found = access(variables, "origin", "https://x:y@github.com/me/other.git")
    assert found.place == "https://github.com/me/other.git"
    assert found.forge
    assert found.forge.search("b").path.startswith("/repos/me/other/pulls")


def test_a_token_for_one_forge_does_not_hide_the_other() -> None:
    variables = {"GITHUB_TOKEN": "x", "GITLAB_TOKEN": "y"}
    found = access(variables, "origin", "git@gitlab.com:group/sub/notes.git")
    assert found.forge
    assert found.forge.name == "GitLab"
    assert "/projects/group%2Fsub%2Fnotes/" in found.forge.search("b").path


@pytest.mark.parametrize(
    ("api", "graphql"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://git.me/api/v3", "https://git.me/api/graphql"),
    ],
)
def test_the_other_api_of_github_is_found_beside_the_first(api: str, graphql: str) -> None:
    github = GitHub(api, "me/notes", TOKEN)
    found = github.created(
        {"number": 1, "html_url": "", "title": "", "body": None, "base": {"ref": "main"}, "state": "open"}
        | {"draft": False, "labels": [], "node_id": "PR_1"}
    )
    (call,) = github.mark(found, Proposal(BRANCH, "main", "", "", draft=True))
    assert call.path == graphql
