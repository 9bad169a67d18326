"""The seeds folder: found in order, read within bounds, replaced whole or not at all, and by one run at a time."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.seeds import folder, lock, writing
from fetcher.seeds.folder import Entry
from fetcher.seeds.seeds import Seed
from fetcher.terms.failures import SeedError

SEED = "---\nsource_url: https://example.org/\nfetched_at: 2026-02-08\n---\nBody\n"
AS_ROOT = os.geteuid() == 0


def fill(root: Path, *paths: str, text: str = SEED) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def reason(root: Path, path: str) -> str:
    with pytest.raises(SeedError) as caught:
        folder.load(root, path)
    assert caught.value.detail.endswith(".")
    assert caught.value.mend.endswith(".")
    return caught.value.reason


# Finding


def test_files_named_as_seeds_are_found_in_the_order_of_their_paths(tmp_path: Path) -> None:
    paths = ["a/b.md", "a/c/d.TXT", "a-b.md", "a.md", "b.markdown", "ü/漢.md", "B.md", "a b/c d.md", "z.md/inside.md"]
    fill(tmp_path, *paths, "no.html", "md", "a.md.bak")
    assert list(folder.find(tmp_path)) == sorted(paths)


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    fill(tmp_path, "a.md", ".b.md", ".git/c.md", "d/.e/f.md")
    assert list(folder.find(tmp_path)) == ["a.md"]


def test_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert list(folder.find(tmp_path)) == []


def test_a_link_to_a_file_inside_gives_that_file_once(tmp_path: Path) -> None:
    fill(tmp_path, "b.md", ".store/c.md")
    (tmp_path / "a.md").symlink_to("b.md")
    (tmp_path / "d.md").symlink_to(".store/c.md")
    (tmp_path / "e.md").symlink_to("d.md")
    assert list(folder.find(tmp_path)) == ["b.md", ".store/c.md"]


def test_links_that_lead_out_or_nowhere_are_found_and_refused_by_name(tmp_path: Path) -> None:
    root = tmp_path / "seeds"
    fill(tmp_path, "secret.md", "other/x.md", "seeds/a.md")
    (root / "out.md").symlink_to("../secret.md")
    (root / "folder").symlink_to("../other")
    (root / "broken.md").symlink_to("missing.md")
    (root / "circle.md").symlink_to("circle.md")
    (root / "image.png").symlink_to("../secret.md")
    assert list(folder.find(root)) == ["a.md", "broken.md", "circle.md", "folder", "out.md"]
    assert [reason(root, path) for path in ("out.md", "folder")] == ["outside", "outside"]
    assert [reason(root, path) for path in ("broken.md", "circle.md")] == ["unreadable", "unreadable"]


def test_linked_folders_are_not_walked_twice_nor_in_circles(tmp_path: Path) -> None:
    fill(tmp_path, "a/b.md")
    (tmp_path / "a/up").symlink_to("..")
    (tmp_path / "again").symlink_to("a")
    assert list(folder.find(tmp_path)) == ["a/b.md"]


def test_a_seeds_folder_that_is_a_link_itself_is_followed(tmp_path: Path) -> None:
    fill(tmp_path, "real/a.md")
    (tmp_path / "seeds").symlink_to("real")
    assert list(folder.find(tmp_path / "seeds")) == ["a.md"]
    assert isinstance(folder.load(tmp_path / "seeds", "a.md"), Seed)


@pytest.mark.skipif(AS_ROOT, reason="root may read everything")
def test_what_may_not_be_read_is_found_and_reported(tmp_path: Path) -> None:
    fill(tmp_path, "a.md", "closed/b.md")
    (tmp_path / "a.md").chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        assert list(folder.find(tmp_path)) == ["a.md", "closed"]
        assert [reason(tmp_path, path) for path in ("a.md", "closed")] == ["unreadable", "unreadable"]
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        next(folder.find(tmp_path / "missing"))


def test_a_name_that_is_no_utf8_is_found_and_read(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.md")).write_text(SEED)
    (path,) = folder.find(tmp_path)
    assert isinstance(folder.load(tmp_path, path), Seed)


# Reading


def test_a_file_is_read_to_the_byte(tmp_path: Path) -> None:
    text = "\ufeff" + SEED.replace("\n", "\r\n") + "\x0c\u2028\r\x00"
    (tmp_path / "a.md").write_bytes(text.encode())
    seed = folder.load(tmp_path, "a.md")
    assert seed is not None
    assert seed.text == text


def test_what_is_no_seed_is_none_whatever_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes("# Größe".encode("latin-1"))
    (tmp_path / "large.txt").write_bytes(b"x" * (folder.LARGEST + 1))
    fill(tmp_path, "README.md", text="# Read me\n")
    fill(tmp_path, "empty.md", text="")
    assert [what for _, what in folder.scan(tmp_path)] == [None] * 4


def test_what_is_meant_to_be_a_seed_and_is_none_is_reported(tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes(SEED.replace("Body", "Größe").encode("latin-1"))
    (tmp_path / "wide.md").write_bytes(SEED.encode("utf-16"))
    (tmp_path / "large.md").write_bytes(SEED.encode() + b"x" * folder.LARGEST)
    fill(tmp_path, "ftp.md", text=SEED.replace("https", "ftp"))
    fill(tmp_path, "yaml.md", text="---\na: b: c\n---\n")
    assert {path: what.reason for path, what in folder.scan(tmp_path) if isinstance(what, SeedError)} == {
        "latin.md": "encoding",
        "wide.md": "encoding",
        "large.md": "too_large",
        "ftp.md": "source_url",
        "yaml.md": "front_matter",
    }


@pytest.mark.parametrize("path", ["gone.md", "a.md/b.md", "folder"])
def test_what_vanished_or_became_something_else_is_unreadable(tmp_path: Path, path: str) -> None:
    fill(tmp_path, "a.md", "folder/b.md")
    assert reason(tmp_path, path) == "unreadable"


@pytest.mark.parametrize("path", ["../a.md", "/etc/passwd", "b/../../a.md", "\x00.md", ".", ""])
def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    fill(tmp_path, "a.md", "seeds/b/c.md")
    assert reason(tmp_path / "seeds", path) == "outside"


# Selecting


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", ["a/b.md", "a/c/d.md", "a[1].md", "e.md"]),
        ("a/*", ["a/b.md", "a/c/d.md"]),
        ("a", ["a/b.md", "a/c/d.md"]),
        ("./a/", ["a/b.md", "a/c/d.md"]),
        ("a/b.md", ["a/b.md"]),
        ("a[1].md", ["a[1].md"]),
        ("*.md", ["a/b.md", "a/c/d.md", "a[1].md", "e.md"]),
        ("E.md", []),
        ("?.md", ["e.md"]),
    ],
)
def test_a_path_selects_by_pattern_by_name_or_by_folder(tmp_path: Path, pattern: str, found: list[str]) -> None:
    fill(tmp_path, "a/b.md", "a/c/d.md", "a[1].md", "e.md")
    assert [path for path, _ in folder.scan(tmp_path, pattern)] == found


def entry(path: str, day: int | None, url: str = "https://example.org/") -> Entry:
    return Entry(path, url, datetime(2026, 2, day, tzinfo=UTC) if day else None, b"")


ENTRIES = [entry("a", 3), entry("b", None), entry("c", 1), entry("d", 3), entry("e", None), entry("f", 2)]


def test_a_limit_takes_the_oldest_and_those_without_a_stamp_first() -> None:
    assert "".join(one.path for one in folder.select(ENTRIES, limit=5)) == "becfa"
    assert list(folder.select(ENTRIES, limit=0)) == []
    assert "".join(one.path for one in folder.select(ENTRIES)) == "abcdef"


def test_an_age_takes_what_is_older_and_what_has_no_stamp() -> None:
    cutoff = datetime(2026, 2, 3, tzinfo=UTC)
    assert "".join(one.path for one in folder.select(iter(ENTRIES), older_than=cutoff)) == "bcef"


def test_a_page_selects_its_seeds_whatever_the_fragment() -> None:
    urls = ["https://a.b/x#1", "https://a.b/y", "https://a.b/x", "https://a.b/X", "https://a.b/x#2"]
    entries = [entry(str(number), None, url) for number, url in enumerate(urls)]
    assert [one.path for one in folder.select(entries, url="https://a.b/x#3")] == ["0", "2", "4"]


def test_an_entry_knows_the_text_again(tmp_path: Path) -> None:
    fill(tmp_path, "a.md")
    ((_, found),) = folder.scan(tmp_path)
    assert found == Entry("a.md", "https://example.org/", datetime(2026, 2, 8, tzinfo=UTC), folder.digest(SEED))
    assert folder.digest(SEED) != folder.digest(SEED + " ")


# Writing


@given(old=st.text(), new=st.text())
def test_a_text_is_replaced_to_the_byte(tmp_path_factory: pytest.TempPathFactory, old: str, new: str) -> None:
    root = tmp_path_factory.mktemp("seeds")
    (root / "a.md").write_bytes(old.encode())
    writing.write(root, "a.md", old, new)
    assert (root / "a.md").read_bytes() == new.encode()
    assert [place.name for place in root.iterdir()] == ["a.md"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o664])
def test_the_mode_stays(tmp_path: Path, mode: int) -> None:
    fill(tmp_path, "a.md")
    (tmp_path / "a.md").chmod(mode)
    writing.write(tmp_path, "a.md", SEED, "new")
    assert (tmp_path / "a.md").stat().st_mode & 0o777 == mode


@pytest.mark.skipif(not AS_ROOT, reason="only root may give files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    fill(tmp_path, "a.md")
    os.chown(tmp_path / "a.md", 1234, 4321)
    writing.write(tmp_path, "a.md", SEED, "new")
    assert ((tmp_path / "a.md").stat().st_uid, (tmp_path / "a.md").stat().st_gid) == (1234, 4321)


def refused(root: Path, path: str, old: str = SEED, new: str = "new") -> str:
    before = sorted(root.rglob("*"))
    with pytest.raises(SeedError) as caught:
        writing.write(root, path, old, new)
    assert sorted(root.rglob("*")) == before, "no temporary file is left"
    return caught.value.reason


def test_a_file_that_was_edited_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    fill(tmp_path, "a.md", text=SEED + "by hand")
    assert refused(tmp_path, "a.md") == "edited"
    assert (tmp_path / "a.md").read_text() == SEED + "by hand"


def test_a_file_that_vanished_is_not_made_again(tmp_path: Path) -> None:
    assert refused(tmp_path, "a.md") == "unwritable"


def test_nothing_is_written_outside_of_the_folder(tmp_path: Path) -> None:
    fill(tmp_path, "a.md", "seeds/b.md")
    (tmp_path / "seeds/c.md").symlink_to("../a.md")
    for path in ("../a.md", "c.md", str(tmp_path / "a.md"), "."):
        assert refused(tmp_path / "seeds", path) == "outside"
    assert (tmp_path / "a.md").read_text() == SEED


def test_through_a_link_the_file_behind_it_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    fill(tmp_path, "deep/b.md")
    (tmp_path / "a.md").symlink_to("deep/b.md")
    writing.write(tmp_path, "a.md", SEED, "new")
    assert (tmp_path / "a.md").is_symlink()
    assert (tmp_path / "deep/b.md").read_text() == "new"


@pytest.mark.skipif(AS_ROOT, reason="root may write everything")
def test_a_file_that_was_made_read_only_is_left_alone(tmp_path: Path) -> None:
    fill(tmp_path, "a.md")
    (tmp_path / "a.md").chmod(0o444)
    assert refused(tmp_path, "a.md") == "unwritable"


def test_a_disk_that_fills_up_leaves_the_old_text_and_no_temporary_file(tmp_path: Path) -> None:
    fill(tmp_path, "a.md")
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, former[1]))  # a write beyond fails as it does on a full disk
    try:
        assert refused(tmp_path, "a.md", new="x" * 100_000) == "unwritable"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
        signal.signal(signal.SIGXFSZ, handler)
    assert (tmp_path / "a.md").read_text() == SEED


KILLED = """
import os, sys
from pathlib import Path
from fetcher.seeds import writing
os.fsync = lambda handle: os.kill(os.getpid(), 9)
writing.write(Path(sys.argv[1]), "deep/a.md", Path(sys.argv[1], "deep/a.md").read_text(), "new")
"""


def test_what_a_killed_run_leaves_is_no_seed_and_is_cleaned_away(tmp_path: Path) -> None:
    fill(tmp_path, "deep/a.md")
    assert subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False).returncode == -signal.SIGKILL
    assert len(list((tmp_path / "deep").iterdir())) == 2
    assert list(folder.find(tmp_path)) == ["deep/a.md"]
    assert writing.remove_temporary_files(tmp_path) == 1
    assert [place.name for place in (tmp_path / "deep").iterdir()] == ["a.md"]
    assert (tmp_path / "deep/a.md").read_text() == SEED


def test_cleaning_removes_nothing_of_others(tmp_path: Path) -> None:
    names = [".fetcher-0123456789abcdef.tmp.md", ".fetcher-x.tmp", "fetcher-0123456789abcdef.tmp", ".a.swp"]
    fill(tmp_path, *names)
    assert writing.remove_temporary_files(tmp_path) == 0
    assert sorted(place.name for place in tmp_path.iterdir()) == sorted(names)


# Locking

HOLDER = """
import os, sys, time
from pathlib import Path
from fetcher.seeds import lock
with lock.hold(Path(sys.argv[1])):
    if "fork" not in sys.argv or not os.fork():
        print(os.getpid(), flush=True)
    time.sleep(3600)
"""


@pytest.fixture
def holder(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock on a folder, with or without a forked child."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path), getattr(request, "param", "")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_a_second_run_is_refused_and_told_the_process_of_the_first(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    first_line(holder)
    with pytest.raises(lock.LockedError, match="another run is at work on") as caught, lock.hold(tmp_path):
        pass
    assert caught.value.pid in (holder.pid, None)
    assert list(tmp_path.iterdir()) == [], "no lock file lies among the seeds"


@pytest.mark.parametrize("holder", ["", "fork"], indirect=True)
def test_a_killed_run_frees_the_folder_even_if_its_worker_lives_on(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    worker = int(first_line(holder))
    holder.kill()
    holder.wait()
    with lock.hold(tmp_path):
        pass
    if worker != holder.pid:
        os.kill(worker, signal.SIGKILL)


def test_the_same_folder_by_another_name_is_locked_too(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "link").symlink_to("seeds")
    with lock.hold(tmp_path / "seeds"), pytest.raises(lock.LockedError), lock.hold(tmp_path / "link"):
        pass
    with lock.hold(tmp_path / "link"), lock.hold(tmp_path):
        pass


def test_a_lock_needs_a_folder(tmp_path: Path) -> None:
    fill(tmp_path, "a.md")
    with pytest.raises(FileNotFoundError), lock.hold(tmp_path / "missing"):
        pass
    with pytest.raises(NotADirectoryError), lock.hold(tmp_path / "a.md"):
        pass
