"""`scrapy publish`: a branch holds what runs have written and nobody has reviewed yet, and nothing else."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.publish.git import Git, Remote
from fetcher.publish.pull_requests import split_into_parts
from fetcher.publish.repository import Size
from fetcher.seeds import writing
from fetcher.terms.failures import PublishError
from tests.clones import BRANCH, Clone, cloned, copied, git, seed
from tests.forked import ran

if TYPE_CHECKING:
    from pathlib import Path

OLD = {"a.md": seed("one"), "b.md": seed("two"), "deep/c.md": seed("three"), "notes.txt": "mine\n"}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return cloned(tmp_path_factory.mktemp("model"), OLD)


@pytest.fixture
def clone(model: Clone, tmp_path: Path) -> Clone:
    return copied(model, tmp_path)


def test_a_branch_gets_what_the_run_wrote_in_one_commit_on_the_base(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2), "deep/c.md": seed("THREE", 2)})
    assert clone.publish()[0] == 0
    assert clone.changed() == {"seeds/a.md": seed("ONE", 2), "seeds/deep/c.md": seed("THREE", 2)}
    assert git(clone.origin, "rev-parse", f"{BRANCH}^") == clone.tip("main")


def test_the_message_says_how_many_and_nothing_that_a_forge_would_act_on(clone: Clone) -> None:
    clone.push({"fixes #1 @you.md": seed("x")})
    clone.ran({"fixes #1 @you.md": seed("y", 2)})
    clone.publish()
    message = git(clone.origin, "log", "-1", "--format=%B", BRANCH)
    assert message.startswith("Refresh 1 seed\n")
    assert "#1" not in message
    assert "@you" not in message


def test_the_user_s_index_tree_and_branches_stay_as_they_are(clone: Clone) -> None:
    clone.write({"mine.md": "mine", "b.md": "edited"})
    git(clone.top, "add", "seeds/b.md")
    clone.ran({"a.md": seed("ONE", 2)})
    before = _state(clone)
    clone.publish()
    assert _state(clone) == before
    assert clone.changed() == {"seeds/a.md": seed("ONE", 2)}


def _state(clone: Clone) -> tuple[str, str, bytes, dict[str, bytes]]:
    files = {
        str(path): path.read_bytes() for path in clone.top.rglob("*") if path.is_file() and ".git/" not in f"{path}"
    }
    status = git(clone.top, "status", "--porcelain=v2", "-z", "--branch")
    refs = git(clone.top, "for-each-ref", "refs/heads", "refs/tags")
    return status, refs, (clone.top / ".git/config").read_bytes(), files


def test_the_command_ends_with_a_status_and_a_sentence(clone: Clone) -> None:
    words = ["scrapy", "publish", "-s", f"REPORT_DIR={clone.reports}"]
    done = ran(words)
    assert (done.returncode, done.stderr.partition(":")[0]) == (2, "publish")
    clone.ran({"a.md": seed("ONE", 2), "b.md": seed("TWO", 2)})
    clone.write({"b.md": "edited"})
    done = ran([*words, "--branch=two"])
    assert (done.returncode, clone.branches()) == (1, ["main", "two"])
    assert "Left out: seeds/b.md was edited" in done.stdout


def test_nothing_is_published_of_a_run_that_wrote_nothing(clone: Clone) -> None:
    clone.ran({}, settled=("a.md",))
    assert clone.publish() == (0, "Nothing to publish.")
    assert clone.branches() == ["main"]


def test_publishing_twice_moves_nothing(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    tip = clone.tip()
    assert "Pushed" not in clone.publish()[1]
    assert clone.tip() == tip


def test_the_same_run_on_the_same_base_makes_the_same_commit(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish(author="A <a@b.c>")
    tip = clone.tip()
    git(clone.origin, "update-ref", "-d", f"refs/heads/{BRANCH}")
    clone.publish(author="A <a@b.c>")
    assert clone.tip() == tip


def test_the_author_is_the_one_that_is_asked_for(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish(author="Robot Röder <robot@example.org>")
    said = git(clone.origin, "log", "-1", "--format=%an <%ae> %cn %aI", BRANCH)
    assert said == "Robot Röder <robot@example.org> Robot Röder 2026-03-01T06:00:00+00:00"


def test_an_author_without_an_address_is_refused(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    with pytest.raises(PublishError, match="is no author"):
        clone.publish(author="Robot")


# --- A branch that is there already -----------------------------------------------------------------------------------


def test_a_later_run_is_put_with_what_is_still_open_of_earlier_ones(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    clone.fresh()  # as in CI: the earlier change is not in the working tree
    clone.ran({"b.md": seed("TWO", 3)})
    clone.publish()
    assert clone.changed() == {"seeds/a.md": seed("ONE", 2), "seeds/b.md": seed("TWO", 3)}
    assert git(clone.origin, "rev-parse", f"{BRANCH}^") == clone.tip("main")


def test_a_later_run_in_a_tree_that_keeps_what_runs_wrote_is_put_with_it_too(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    clone.ran({"a.md": seed("One", 3), "b.md": seed("TWO", 3)})
    clone.publish()
    assert clone.changed() == {"seeds/a.md": seed("One", 3), "seeds/b.md": seed("TWO", 3)}
    clone.ran({}, settled=("a.md", "b.md"))  # the pages show what the tree holds, which is not on main
    clone.publish()
    assert clone.changed() == {"seeds/a.md": seed("One", 3), "seeds/b.md": seed("TWO", 3)}


def test_a_change_that_its_page_has_taken_back_goes(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2), "b.md": seed("TWO", 2)})
    clone.publish()
    clone.fresh()
    clone.ran({}, settled=("a.md",))
    clone.publish()
    assert clone.changed() == {"seeds/b.md": seed("TWO", 2)}


def test_a_change_of_a_file_that_a_person_has_changed_on_main_goes(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2), "b.md": seed("TWO", 2)})
    clone.publish()
    clone.fresh()
    clone.push({"a.md": seed("by hand")})
    clone.ran({})
    clone.publish()
    assert clone.changed() == {"seeds/b.md": seed("TWO", 2)}


def test_a_branch_is_taken_away_when_all_of_it_is_merged(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    git(clone.origin, "update-ref", "refs/heads/main", clone.tip())
    clone.ran({})
    assert clone.publish()[0] == 0
    assert clone.branches() == ["main"]


def test_a_branch_that_is_merged_with_a_person_s_commits_is_taken_away(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    git(clone.origin, "update-ref", "refs/heads/main", _edit_on_branch(clone))
    clone.ran({})
    assert clone.publish()[0] == 0
    assert clone.branches() == ["main"]


def test_a_branch_whose_changes_were_squashed_into_main_is_taken_away(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    clone.push()  # all of the working tree, as another commit
    clone.ran({})
    clone.publish()
    assert clone.branches() == ["main"]


def test_another_time_of_fetching_alone_moves_nothing(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    tip = clone.tip()
    clone.fresh()
    clone.ran({"a.md": seed("ONE", 9)})
    clone.publish()
    assert clone.tip() == tip


def test_a_person_s_commits_on_the_branch_are_left_alone(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    theirs = _edit_on_branch(clone)
    clone.ran({"b.md": seed("TWO", 3)})
    status, said = clone.publish()
    assert status == 1
    assert f"{BRANCH} has commits that this command did not make" in said
    assert clone.tip() == theirs


def test_a_person_s_amended_commit_is_left_alone(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    theirs = _edit_on_branch(clone, "--amend")
    clone.fresh()
    clone.ran({"b.md": seed("TWO", 3)})
    assert clone.publish()[0] == 1
    assert clone.tip() == theirs


def _edit_on_branch(clone: Clone, *switches: str) -> str:
    other = clone.top.parent / "other"
    git(clone.top.parent, "clone", "-q", "-b", BRANCH, str(clone.origin), str(other))
    (other / "seeds" / "b.md").write_text("by hand\n")
    git(other, "commit", "-qa", "--no-edit", *(switches or ("-m", "By hand")))
    git(other, "push", "-qf", "origin", BRANCH)
    return clone.tip()


def test_a_branch_into_which_a_button_has_merged_main_is_still_ours(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    for text in ("x", "y"):  # pressed twice
        clone.fresh()
        clone.push({"other.md": text})
        git(clone.top, "fetch", "-q", "origin", BRANCH)
        git(clone.top, "checkout", "-q", "--detach", "FETCH_HEAD")
        git(clone.top, "merge", "-q", "-m", "Merge main", clone.tip("main"))
        git(clone.top, "push", "-q", "origin", f"HEAD:{BRANCH}")
    clone.fresh()
    clone.ran({"b.md": seed("TWO", 3)})
    assert clone.publish()[0] == 0
    assert clone.changed() == {"seeds/a.md": seed("ONE", 2), "seeds/b.md": seed("TWO", 3)}


def test_a_branch_that_moves_while_it_is_published_is_not_overwritten(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    theirs = _edit_on_branch(clone)
    remote = Remote(Git(clone.top), "origin")
    moved = remote.push({BRANCH: clone.tip("main")}, {BRANCH: git(clone.origin, "rev-parse", f"{theirs}^")})
    assert (moved.meanwhile, moved.refused) == ((BRANCH,), ())
    assert clone.tip() == theirs


def test_what_the_remote_s_rules_refuse_is_said_with_its_reason(clone: Clone) -> None:
    hook = clone.origin / "hooks" / "update"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    clone.ran({"a.md": seed("ONE", 2)})
    with pytest.raises(PublishError, match=r"The remote refused refresh/seeds: .*hook declined"):
        clone.publish()


# --- What a person has in the tree ------------------------------------------------------------------------------------


def test_a_file_that_was_edited_after_the_run_is_left_out(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2), "b.md": seed("TWO", 2)})
    clone.write({"a.md": seed("ONE, edited", 2)})
    status, said = clone.publish()
    assert (status, clone.changed()) == (1, {"seeds/b.md": seed("TWO", 2)})
    assert "Left out: seeds/a.md was edited after the run" in said


def test_a_file_with_edits_that_were_not_committed_before_the_run_is_left_out(clone: Clone) -> None:
    clone.write({"a.md": seed("one, edited")})
    clone.ran({"a.md": seed("ONE, edited", 2), "b.md": seed("TWO", 2)})
    status, said = clone.publish()
    assert (status, clone.changed()) == (1, {"seeds/b.md": seed("TWO", 2)})
    assert "Left out: seeds/a.md was not what the branch holds when the run began" in said


def test_a_file_that_changed_on_main_meanwhile_is_left_out(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    _push_elsewhere(clone, {"a.md": seed("by hand")})
    clone.ran({"a.md": seed("One", 3)})  # in a tree that has not been pulled
    assert clone.publish()[0] == 1
    assert clone.branches() == ["main"]


def _push_elsewhere(clone: Clone, texts: dict[str, str]) -> None:
    other = Clone(clone.top.parent / "other", clone.origin, clone.top.parent / "other/seeds", clone.reports)
    if not other.top.exists():
        git(clone.top.parent, "clone", "-q", str(clone.origin), str(other.top))
    other.push(texts)


def test_a_new_seed_is_published_whole_and_stays_open_until_it_is_merged(clone: Clone) -> None:
    clone.write({"deep/new.md": seed("")})
    clone.ran({"deep/new.md": seed("new", 2), "a.md": seed("ONE", 2)})
    assert clone.publish()[0] == 0
    assert clone.changed() == {"seeds/a.md": seed("ONE", 2), "seeds/deep/new.md": seed("new", 2)}
    clone.fresh()
    clone.ran({"b.md": seed("TWO", 3)})
    clone.publish()
    assert clone.paths() == ["seeds/a.md", "seeds/b.md", "seeds/deep/new.md"]
    git(clone.top, "fetch", "-q", "origin", BRANCH)
    git(clone.top, "push", "-q", "origin", "FETCH_HEAD:main")
    clone.fresh()
    clone.ran({})
    clone.publish()
    assert clone.branches() == ["main"]


def test_a_new_seed_that_is_written_again_before_its_merge_is_published_as_it_is_now(clone: Clone) -> None:
    clone.write({"new.md": seed("")})
    clone.ran({"new.md": seed("new", 2)})
    clone.publish()
    clone.ran({"new.md": seed("newer", 3)})
    assert clone.publish()[0] == 0
    assert clone.changed() == {"seeds/new.md": seed("newer", 3)}


def test_a_new_seed_that_was_edited_after_the_run_is_left_out(clone: Clone) -> None:
    clone.write({"new.md": seed("")})
    clone.ran({"new.md": seed("new", 2)})
    clone.write({"new.md": "private"})
    assert clone.publish()[0] == 1
    assert clone.branches() == ["main"]


def test_a_new_file_that_a_rule_ignores_is_left_out(clone: Clone) -> None:
    clone.push({"../.gitignore": "/seeds/n*\n"})
    clone.write({"new.md": seed("")})
    clone.ran({"new.md": seed("new", 2)})
    status, said = clone.publish()
    assert (status, clone.branches()) == (1, ["main"])
    assert "Left out: seeds/new.md is ignored by a rule of git" in said


def test_a_file_that_others_have_taken_away_does_not_come_back(clone: Clone) -> None:
    _push_elsewhere(clone, {})
    other = clone.top.parent / "other"
    git(other, "rm", "-q", "seeds/a.md")
    git(other, "commit", "-q", "-m", "Gone")
    git(other, "push", "-q", "origin", "HEAD:main")
    clone.ran({"a.md": seed("ONE", 2)})  # in a tree that has not been pulled
    status, said = clone.publish()
    assert (status, clone.branches()) == (1, ["main"])
    assert "seeds/a.md is not in the repository any more" in said


def test_files_in_the_repository_are_published_though_a_rule_ignores_them(clone: Clone) -> None:
    clone.push({"../.gitignore": "/seeds/\n"})
    clone.ran({"a.md": seed("ONE", 2)})
    assert clone.publish()[0] == 0
    assert clone.changed() == {"seeds/a.md": seed("ONE", 2)}


def test_a_dry_run_of_the_refresh_leaves_nothing_to_publish(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    clone.fresh()
    assert clone.publish() == (0, "Nothing to publish.")


def test_a_mode_that_a_person_has_changed_is_not_published(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    (clone.folder / "a.md").chmod(0o755)
    clone.publish()
    assert git(clone.origin, "ls-tree", BRANCH, "seeds/a.md").startswith("100644 ")


# --- Repositories of all kinds ----------------------------------------------------------------------------------------


HOSTILE = ["with space.md", 'quo"te.md', "back\\slash.md", "new\nline.md", "tab\t.md", "ünï/cödé.md", "-dash.md"]
HOSTILE += [":(glob)**.md", "$(touch x).md", "[a]*.md", "emoji 😀.md", os.fsdecode(b"latin-\xe9.md"), "trailing .md"]


def test_paths_of_any_kind_are_published(tmp_path: Path) -> None:
    clone = cloned(tmp_path, dict.fromkeys(HOSTILE, seed("one")), inside='see "ds\n')
    clone.ran(dict.fromkeys(HOSTILE, seed("ONE", 2)))
    assert clone.publish()[0] == 0
    assert clone.changed() == {f'see "ds\n/{name}': seed("ONE", 2) for name in HOSTILE}


def test_seeds_may_be_the_whole_repository(tmp_path: Path) -> None:
    clone = cloned(tmp_path, OLD, inside=".")
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    assert clone.changed() == {"a.md": seed("ONE", 2)}


def test_hooks_keys_and_a_hook_s_environment_have_no_say(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pre-commit", "pre-push", "post-index-change", "reference-transaction"):
        hook = clone.top / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho no >&2; exit 1\n")
        hook.chmod(0o755)
    for name in ("commit.gpgSign", "push.gpgSign", "core.splitIndex"):
        git(clone.top, "config", name, "true")
    git(clone.top, "config", "gpg.program", "false")
    monkeypatch.setenv("GIT_INDEX_FILE", str(clone.top / "elsewhere"))
    monkeypatch.setenv("GIT_DIR", "elsewhere")
    clone.ran({"a.md": seed("ONE", 2)})
    assert clone.publish()[0] == 0
    monkeypatch.delenv("GIT_DIR")
    assert clone.changed() == {"seeds/a.md": seed("ONE", 2)}
    assert not list(clone.top.glob(".git/sharedindex*"))


def test_a_shallow_clone_without_a_branch_checked_out_does_as_well(clone: Clone) -> None:
    for _ in range(12):
        clone.push()
    clone.ran({"a.md": seed("ONE", 2)})
    clone.publish()
    before = clone.tip()
    clone.fresh()
    clone.push()
    shallow = clone.top.parent / "shallow"
    git(clone.top.parent, "clone", "-q", "--depth=1", "--no-tags", clone.origin.as_uri(), str(shallow))
    git(shallow, "checkout", "-q", "--detach")
    job = Clone(shallow, clone.origin, shallow / "seeds", clone.reports, runs=1)
    job.ran({"b.md": seed("TWO", 3)})
    assert job.publish()[0] == 0
    assert clone.changed() == {"seeds/a.md": seed("ONE", 2), "seeds/b.md": seed("TWO", 3)}
    assert int(git(shallow, "rev-list", "--count", before)) < 12  # the rest of the history was not asked for


def test_a_partial_clone_does_as_well_and_stays_one(clone: Clone) -> None:
    git(clone.origin, "config", "uploadpack.allowFilter", "true")
    partial = clone.top.parent / "partial"
    git(clone.top.parent, "clone", "-q", "--filter=blob:none", "--sparse", clone.origin.as_uri(), str(partial))
    git(partial, "sparse-checkout", "set", "--no-cone", "/seeds/*.md")
    job = Clone(partial, clone.origin, partial / "seeds", clone.reports)
    job.ran({"a.md": seed("ONE", 2)})
    assert job.publish()[0] == 0
    assert clone.changed() == {"seeds/a.md": seed("ONE", 2)}
    assert "?" in git(partial, "rev-list", "--objects", "--missing=print", "HEAD")


def test_a_full_clone_does_not_become_a_shallow_one(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    for text in range(12):
        _push_elsewhere(clone, {"other.md": f"{text}"})
    clone.publish()
    assert git(clone.top, "rev-parse", "--is-shallow-repository") == "false"


def test_line_ends_that_git_converts_are_no_edits(tmp_path: Path) -> None:
    def windows(text: str) -> str:
        return text.replace("\n", "\r\n")

    clone = cloned(tmp_path, {"../.gitattributes": "*.md text eol=crlf\n", "a.md": windows(seed("one"))})
    clone.ran({"a.md": windows(seed("ONE", 2))})
    assert clone.publish()[0] == 0
    assert clone.changed() == {"seeds/a.md": seed("ONE", 2)}


def test_a_base_other_than_the_remote_s_own_can_be_named(clone: Clone) -> None:
    git(clone.top, "push", "-q", "origin", "HEAD:refs/heads/next")
    clone.push({"a.md": seed("on main only")})
    clone.write({"a.md": OLD["a.md"]})
    clone.ran({"a.md": seed("ONE", 2)})
    assert clone.publish(base="next")[0] == 0
    assert git(clone.origin, "rev-parse", f"{BRANCH}^") == clone.tip("next")


def test_what_is_published_already_is_said_to_be(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    assert clone.publish()[0] == 0
    status, said = clone.publish()
    assert (status, said.splitlines()[0]) == (0, f"{BRANCH} has it all already.")


def test_a_dry_run_pushes_nothing_and_says_what_it_would(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    before = git(clone.top, "for-each-ref"), git(clone.top, "status", "--short")
    assert clone.publish(dry_run=True) == (0, f"Would push {BRANCH}: 1 file, for main.")
    assert clone.branches() == ["main"]
    assert (git(clone.top, "for-each-ref"), git(clone.top, "status", "--short")) == before
    clone.publish()
    assert clone.publish(dry_run=True) == (0, f"Would leave {BRANCH} as it is: 1 file, for main.")


# --- Nothing can be done ----------------------------------------------------------------------------------------------


def test_the_report_of_another_folder_is_not_published_for_the_one_that_is_named(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    with pytest.raises(PublishError, match=r"The last report is of .*, not of SEEDS_DIR="):
        clone.publish(seeds=clone.top)
    assert clone.branches() == ["main"]
    assert clone.publish(seeds=clone.folder)[0] == 0


def test_a_folder_without_git_is_refused(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    shutil.rmtree(clone.top / ".git")
    with pytest.raises(PublishError, match="is in no working tree of git"):
        clone.publish()


def test_a_missing_remote_is_named(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    git(clone.top, "remote", "remove", "origin")
    with pytest.raises(PublishError, match=r"no remote origin.*git remote add"):
        clone.publish()


@pytest.mark.parametrize("scheme", ["http", "git"])
def test_a_remote_that_cannot_be_reached_is_said_without_its_password(clone: Clone, scheme: str) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    git(clone.top, "remote", "set-url", "origin", f"{scheme}://me:hunter2@127.0.0.1:9/notes.git")
    with pytest.raises(PublishError, match="git ls-remote failed") as error:
        clone.publish()
    assert "hunter2" not in str(error.value)


def test_an_empty_remote_is_said(clone: Clone) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    git(clone.origin, "update-ref", "-d", "refs/heads/main")
    with pytest.raises(PublishError, match=r"default branch \(HEAD\) does not exist\. Name another"):
        clone.publish()


@pytest.mark.parametrize(
    ("wishes", "said"), [({"base": "nowhere"}, "no branch nowhere"), ({"branch": "main"}, "main is")]
)
def test_branches_that_make_no_sense_are_refused(clone: Clone, wishes: dict[str, Any], said: str) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    with pytest.raises(PublishError, match=said):
        clone.publish(**wishes)


def test_a_missing_git_is_said(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    clone.ran({"a.md": seed("ONE", 2)})
    monkeypatch.setenv("PATH", str(clone.reports))
    with pytest.raises(PublishError, match="git is not installed"):
        clone.publish()


def test_a_missing_report_is_said(clone: Clone) -> None:
    with pytest.raises(PublishError, match="There is no report"):
        clone.publish()


# --- Parts ------------------------------------------------------------------------------------------------------------


def test_what_a_forge_would_not_show_as_a_whole_is_divided_by_folder(tmp_path: Path) -> None:
    names = [f"{folder}/{number}.md" for folder in ("a", "b", "c") for number in range(120)]
    clone = cloned(tmp_path, dict.fromkeys(names, seed("one")))
    clone.ran(dict.fromkeys(names, seed("ONE", 2)))
    clone.publish()
    assert clone.branches() == ["main", BRANCH, f"{BRANCH}-2"]
    assert set(clone.paths()) == {f"seeds/{name}" for name in names if name[0] in "ab"}
    assert set(clone.paths(f"{BRANCH}-2")) == {f"seeds/{name}" for name in names if name[0] == "c"}
    clone.fresh()
    clone.push({name: seed("ONE", 2) for name in names if name[0] == "b"})
    clone.ran({})
    clone.publish()
    assert clone.branches() == ["main", BRANCH]
    assert set(clone.paths()) == {f"seeds/{name}" for name in names if name[0] in "ac"}


@pytest.mark.parametrize("limit", [Size(2, 99, 99), Size(99, 25, 99), Size(99, 99, 28)])
def test_no_part_is_larger_than_the_limit_in_any_respect(limit: Size) -> None:
    sizes = {f"{folder}/{name}": Size(1, 10, 12) for folder in ("a", "a/b", "c") for name in "xyz"}
    found = split_into_parts(sizes, limit)
    assert sorted(path for part in found for path in part) == sorted(sizes)
    assert max(map(len, found)) == 2


def test_a_file_that_is_too_large_is_a_part_of_its_own() -> None:
    sizes = {"a": Size(1, 1, 1), "b": Size(1, 99, 1), "c": Size(1, 1, 1)}
    assert split_into_parts(sizes, Size(9, 9, 9)) == [["a"], ["b"], ["c"]]


def test_a_content_has_the_name_that_git_gives_it(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"\x00 \xff\r\n")
    assert writing.blob_name(file.read_bytes()) == git(tmp_path, "hash-object", "--no-filters", str(file))
