"""A patch that the real git applies, whatever the file holds."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fetcher.report import patch

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git applies the patches")

LINES = st.lists(
    st.sampled_from(["", "a", "b", " b", "c\r", "-d", "+e", "@@ f", "g\x0ch", "i\u2028j", "\\ k", "ü\x85", "\r", "\t"])
)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n", "\r\n"]))


def git_apply(folder: Path, path: str, old: str, text: str) -> bytes:
    """The bytes that git makes of a file in a folder of its own."""
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(old.encode())
    for check in (["--check"], []):
        command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", *check, "-"]
        done = subprocess.run(command, cwd=folder, input=text.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode() + text
    return place.read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=TEXTS, new=TEXTS)
def test_git_makes_the_new_bytes_of_the_old_ones(tmp_path: Path, old: str, new: str) -> None:
    text = patch.patch("seed.md", old, new)
    assert (text == "") == (old == new)
    if text:
        assert git_apply(tmp_path, "seed.md", old, text) == new.encode()


@pytest.mark.parametrize(
    "path",
    [
        "plain.md",
        "with space.md",
        "a folder/b.md",
        "ünï/漢字 😀.md",
        'quote".md',
        "back\\slash.md",
        "tab\t.md",
        "line\nbreak.md",
        "\x01.md",
        "\udcff\udcfe.md",  # bytes that are no UTF-8, as Python hands them on
        " leading.md",
        "trailing ",
        "a/b/c.md",
        "-dash.md",
    ],
)
def test_a_file_name_of_any_kind_is_understood_by_git(tmp_path: Path, path: str) -> None:
    assert git_apply(tmp_path, path, "old\n", patch.patch(path, "old\n", "new\n")) == b"new\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "one\ntwo"),
        ("one\ntwo", ""),
        ("one\n", "one"),
        ("one", "one\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("\ufeff---\nx\n", "\ufeff---\ny\n"),
        ("\n" * 30, "\n" * 31),
    ],
)
def test_ends_and_empty_files_are_exact(tmp_path: Path, old: str, new: str) -> None:
    assert git_apply(tmp_path, "a.md", old, patch.patch("a.md", old, new)) == new.encode()


def test_changes_far_apart_are_hunks_of_their_own_and_near_ones_share_one() -> None:
    old = "".join(f"{i}\n" for i in range(40))
    assert patch.patch("a", old, old.replace("5\n", "x\n", 1).replace("\n9\n", "\ny\n")).count("@@ -") == 1
    assert patch.patch("a", old, old.replace("\n5\n", "\nx\n").replace("\n30\n", "\ny\n")).count("@@ -") == 2


def test_only_the_changed_lines_are_marked() -> None:
    old = "".join(f"{i}\n" for i in range(2000))
    new = old.replace("\n700\n", "\n").replace("\n1500\n", "\n1500\nadded\n")
    marked = [line for line in patch.patch("a", old, new).split("\n")[3:] if line[:1] in ("-", "+")]
    assert marked == ["-700", "+added"]


def test_a_rewrite_too_large_to_align_is_one_change_and_exact(tmp_path: Path) -> None:
    old, new = ("".join(f"{i * step}\n" for i in range(20_000)) for step in (3, 7))
    text = patch.patch("a.md", old, new)
    assert text.count("@@ -") == 1
    assert git_apply(tmp_path, "a.md", old, text) == new.encode()


@given(old=st.lists(st.sampled_from("abc")), new=st.lists(st.sampled_from("abc")))
def test_what_lies_between_changes_is_the_same(old: list[str], new: list[str]) -> None:
    at = new_at = 0
    for change in [*patch.changes(old, new), patch.Change(len(old), len(old), len(new), len(new))]:
        assert old[at : change.start] == new[new_at : change.new_start]
        at, new_at = change.end, change.new_end
