"""A run reads its pages in other processes: with the same results, and whatever becomes of one of them."""

from __future__ import annotations

import json
import threading
import time
from random import Random
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from fetcher.workers.workers import SMALL
from tests.conftest import PATIENCE, wait_for, words_of
from tests.site import Answer, page

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

HEAVY = f"<script>{'x' * SMALL}</script>"  # makes a page one to read elsewhere, whatever it shows


def text(lines: int) -> str:
    chance = Random(lines)
    return "\n".join(f"{''.join(chance.choices('abcdefghij    ', k=100))} matter {n}." for n in range(lines))


MEDIUM, HUGE = text(100), text(20_000)  # of which the second takes seconds


def body(of: str) -> str:
    return "\n# A page\n\n" + of.replace("\n", "\n\n") + "\n"


def add(site: Site, seeds: Seeds, name: str, of: str, meanwhile: Callable[[], object] | None = None) -> None:
    """A seed whose page says something else by now."""
    answer = Answer(page(of.replace("matter 7", "letter 7")), meanwhile=meanwhile)
    seeds.add(f"{name}.md", site.says(f"/{name}", answer), body(of))


def workers(run: subprocess.Popen[str] | psutil.Process) -> list[psutil.Process]:
    return [child for child in psutil.Process(run.pid).children() if "fetcher.workers.worker" in words_of(child)]


def outcomes(command: Command, run: subprocess.Popen[str]) -> dict[str, tuple[str, str]]:
    run.communicate(timeout=PATIENCE)
    report = json.loads((command.reports / "latest" / "report.json").read_text())
    return {seed["path"]: (seed["outcome"], seed["reason"]) for seed in report["seeds"]}


def suspend_the_first_process() -> None:
    """Have a page take for ever, which takes none of the machine's time."""
    wait_for(lambda: bool(workers(psutil.Process())))
    workers(psutil.Process())[0].suspend()


@pytest.mark.parametrize(
    ("bound", "reasons"),
    # Where libraries are given no more memory, some raise an error and some end the process.
    [({"REFRESH_PAGE_SECONDS": "4"}, {"hung"}), ({"REFRESH_PAGE_MEMORY": "250"}, {"memory", "died"})],
)
def test_a_page_that_takes_too_much_fails_alone(
    site: Site,
    seeds: Seeds,
    crawl: Crawl,
    monkeypatch: pytest.MonkeyPatch,
    bound: dict[str, str],
    reasons: set[str],
) -> None:
    known = set(psutil.Process().children())  # of other tests
    monkeypatch.setattr("fetcher.workers.workers.WAIT", 1)
    monkeypatch.setattr("fetcher.workers.workers._GRACE", 1)
    add(site, seeds, "huge", HUGE)
    add(site, seeds, "medium", MEDIUM, meanwhile=lambda: wait_for(lambda: bool(workers(psutil.Process()))))
    before = seeds.texts()
    if "REFRESH_PAGE_SECONDS" in bound:
        threading.Thread(target=suspend_the_first_process, daemon=True).start()
    run = crawl(REFRESH_WORKERS="1", **bound)
    huge = run.of("huge.md")
    assert huge["outcome"] == "failed"
    assert huge["reason"] in reasons
    assert next(iter(bound)) in huge["detail"] + huge["mend"]
    assert run.why("medium.md") == ("changed", "")
    assert run.status == 1
    assert seeds.texts()["huge.md"] == before["huge.md"]
    assert set(psutil.Process().children()) <= known


def test_a_killed_process_fails_the_page_that_it_was_reading_alone(site: Site, seeds: Seeds, command: Command) -> None:
    add(site, seeds, "huge", HUGE)
    run = command.start(REFRESH_WORKERS="1")
    wait_for(lambda: any(worker.cpu_times().user > 0.5 for worker in workers(run)))
    add(site, seeds, "medium", MEDIUM)
    (worker,) = workers(run)
    worker.kill()
    assert outcomes(command, run) == {"huge.md": ("failed", "died")}


def test_a_run_that_is_stopped_with_all_its_processes_ends_in_order(site: Site, seeds: Seeds, command: Command) -> None:
    for number in range(40):
        add(site, seeds, f"{number:02}", f"{MEDIUM}\nThis is {number}.")
    before = seeds.texts()
    run = command.start(REFRESH_WORKERS="2", REFRESH_CONFIRM="False", DOWNLOAD_DELAY="0.5")
    wait_for(lambda: seeds.texts() != before)
    processes = workers(run)
    for process in (*processes, psutil.Process(run.pid)):
        process.terminate()
    ended = {outcome for outcome, _ in outcomes(command, run).values()}
    assert ended == {"changed", "skipped"}
    assert processes
    assert not any(process.is_running() for process in processes)


def test_no_more_pages_are_fetched_than_can_be_read(site: Site, seeds: Seeds, command: Command) -> None:
    for number in range(12):
        seeds.add(f"{number:02}.md", site.says(f"/{number}", page(f"{MEDIUM}\nThis is {number}.") + HEAVY))
    size = len(MEDIUM)
    run = command.start(REFRESH_WORKERS="1", CONCURRENT_REQUESTS="2", SCRAPER_SLOT_MAX_ACTIVE_SIZE=str(size))
    wait_for(lambda: bool(workers(run)))
    (worker,) = workers(run)
    worker.suspend()
    already = len(site.pages_asked())
    time.sleep(1)
    assert len(site.pages_asked()) - already <= 4
    worker.resume()
    assert {outcome for outcome, _ in outcomes(command, run).values()} == {"filled"}


def test_pages_are_read_there_as_they_are_here(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    answers: dict[str, tuple[Answer | str, ...]] = {
        "changed": (page(MEDIUM.replace("matter 7", "letter 7")),),
        "rotating": tuple(page(f"{MEDIUM}\nVisitor {n} of this fine page, and welcome.") for n in range(100)),
        "same": (page(MEDIUM),),
        "shrunk": (page(text(5)) + HEAVY,),
        "short": (page("Nothing to see here.") + HEAVY,),
        "text": (Answer(MEDIUM, kind="text/plain"),),
        "missing": (Answer(page(MEDIUM), 404),),
    }
    for name in answers:
        url = site.url(f"/{name}")
        seeds.add(f"{name}.md", url, body(MEDIUM) if name != "short" else "")
    before = seeds.texts()
    found = []
    for number in ("0", "2"):
        for name, said in answers.items():
            site.says(f"/{name}", *said)
        for name, content in before.items():
            seeds.folder.joinpath(name).write_bytes(content)
        run = crawl(REFRESH_WORKERS=number, REFRESH_STATE=f"{seeds.folder}/../{number}.sqlite")
        found.append((run.status, [_timeless(seed) for seed in run.report["seeds"]], _stampless(seeds)))
    assert found[0] == found[1]
    assert {seed["outcome"] for seed in found[0][1]} >= {"changed", "unchanged", "broken", "filled", "failed"}


def _timeless(seed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in seed.items() if name not in ("seconds", "after")}


def _stampless(seeds: Seeds) -> dict[str, list[bytes]]:
    return {
        name: [line for line in text.splitlines() if b"fetched_at" not in line] for name, text in seeds.texts().items()
    }
