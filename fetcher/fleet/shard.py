"""Runs one shard on a worker: `scrapy crawl refresh` on a temporary copy of the shard's seeds.

The worker's own copy of the seeds is only read. The new texts, the report and the state are sent back to the
coordinator, which alone writes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory import fingerprint
from fetcher.seeds import folder, seeds
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fetcher.terms.arguments import Shard

_PROJECT = Path(__file__).parents[2]
_LOOK = 0.5  # seconds between checks whether a run is still wanted
_TOLD = 200  # characters quoted of the last line that a failed run printed

REPORT = ("report.json", "changes.jsonl")
"""The files of a shard's report that are needed to merge it."""


class Job(NamedTuple):
    """What a worker is sent for a shard, as plain values.

    `seeds` is the worker's copy of the seeds folder, `files` the paths in it with the digests that their texts must
    have, `words` the arguments and settings of the run as on a command line, `state` the file of what is remembered,
    and `code` the fingerprint of the program that the coordinator has.
    """

    shard: Shard
    seeds: str
    files: Mapping[str, bytes]
    words: tuple[str, ...]
    state: bytes
    code: bytes


class Done(NamedTuple):
    """What came of a job: the files of the report, the state, the new texts by path, and the paths of other files.

    `stale` are those whose text on the worker is not the coordinator's; the run did without them.
    """

    report: Mapping[str, bytes]
    state: bytes
    texts: Mapping[str, str]
    stale: tuple[str, ...]


class ShardError(RuntimeError):
    """A shard failed on this worker; the message is the end of a sentence."""


def run(job: Job, scratch: Path, wanted: Callable[[], bool] = lambda: True) -> Done:
    """Runs a job in a new folder within `scratch`, and returns its result; raises ShardError if the run fails.

    The run is killed as soon as `wanted` returns False, which is checked regularly.
    """
    if fingerprint.of_code() != job.code:
        raise ShardError("the worker has another version of this program, or of a package that it reads pages with")
    with tempfile.TemporaryDirectory(prefix="shard-", dir=scratch) as name:
        place = Path(name)
        copied = dict(_copied(job, place / "seeds"))
        place.joinpath("state.sqlite").write_bytes(job.state)
        _crawl(job, place, wanted)
        return Done(
            {name: _report(job, place).joinpath(name).read_bytes() for name in REPORT},
            place.joinpath("state.sqlite").read_bytes(),
            dict(_changed(copied, place / "seeds")),
            tuple(path for path in job.files if path not in copied),
        )


def _copied(job: Job, to: Path) -> Iterator[tuple[str, bytes]]:
    """Copies the files that are the same as the coordinator's; returns their paths and contents."""
    to.mkdir()
    for number, (path, digest) in enumerate(job.files.items()):
        data = _read(Path(job.seeds), path, digest)
        if data is None:
            continue
        place = to / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        if not folder.is_found_by_name(PurePosixPath(path)):  # found by a link, in the coordinator's folder too
            (to / f"{number}.md").symlink_to(place)
        yield path, data


def _read(copy: Path, path: str, digest: bytes) -> bytes | None:
    try:
        data = folder.read_bytes(folder.resolve_inside(copy, path))
        return data if folder.digest(seeds.decode(data)) == digest else None
    except (OSError, SeedError):
        return None


def _crawl(job: Job, place: Path, wanted: Callable[[], bool]) -> None:
    settings = {"SEEDS_DIR": "seeds", "REPORT_DIR": "reports", "REFRESH_STATE": "state.sqlite"}
    own = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    words = ["crawl", "refresh", *job.words, "-a", f"shard={job.shard}", *own]
    environment = {
        "SCRAPY_SETTINGS_MODULE": "fetcher.settings",
        "PYTHONPATH": str(_PROJECT),
        "TMPDIR": str(place),  # for the lock of a folder that is never seen again
    }
    log = place / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # the coordinator's words, which the scheduler's users may choose anyway
            [sys.executable, "-m", "fetcher.fleet.child_process", *words],
            cwd=place,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,  # a Ctrl-C at the coordinator's terminal is for the coordinator
        )
        status = _awaited(process, wanted)
    if status not in (0, 1):
        said = log.read_text(errors="replace").strip().rpartition("\n")[2]
        raise ShardError(f"its run ended with status {status}: {said[:_TOLD]}")


def _awaited(process: subprocess.Popen[bytes], wanted: Callable[[], bool]) -> int:
    with process:
        while wanted():
            with suppress(subprocess.TimeoutExpired):
                return process.wait(_LOOK)
        process.kill()
    raise ShardError("it is not wanted any more")


def _report(job: Job, place: Path) -> Path:
    return place / "reports" / job.shard.folder / "latest"


def _changed(copied: Mapping[str, bytes], seeds_folder: Path) -> Iterator[tuple[str, str]]:
    for path, before in copied.items():
        now = folder.read_bytes(seeds_folder / path)
        if now != before:
            yield path, now.decode()
