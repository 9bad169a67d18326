"""However a run ends, each seed is its old or its new text, and has an outcome."""

from __future__ import annotations

import json
import random
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from fetcher.seeds import folder
from fetcher.visits.visit import visit
from tests.conftest import PATIENCE, ROOT, report_of, wait_for
from tests.forked import started
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from fetcher.visits.recall import Stored
    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

COUNT = 80


@pytest.fixture
def many(site: Site, seeds: Seeds) -> Seeds:
    for number in range(COUNT):
        seeds.add(f"{number:03}.md", site.says(f"/{number}", page(f"The text of page {number}.", f"Page {number}")))
    return seeds


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_stopped_run_ends_with_its_report(many: Seeds, command: Command, signum: signal.Signals) -> None:
    if signal.getsignal(signum) is signal.SIG_IGN:
        pytest.skip("whoever started the tests has this signal ignored, as nohup does, and runs respect that")
    before = many.texts()
    process = command.start(CONCURRENT_REQUESTS="2", DOWNLOAD_DELAY="0.2")
    wait_for(lambda: many.texts() != before)
    process.send_signal(signum)
    out, log = process.communicate(timeout=PATIENCE)
    report = json.loads((command.reports / "latest" / "report.json").read_text())
    assert process.returncode == 1
    assert report["counts"]["skipped"] > 0
    assert report["counts"]["filled"] > 0
    assert sum(report["counts"].values()) == report["found"] == COUNT
    assert "ended early" in out
    assert "ended early" in report["attention"][0]
    assert "Traceback" not in log


def test_a_run_that_is_stopped_while_it_confirms_ends_with_its_report(
    site: Site, seeds: Seeds, command: Command
) -> None:
    old, new = (f"The hall {word} the gallery are open, as they have been for a hundred years." for word in "&+")
    for number in range(30):
        url = site.says(f"/{number}", page(f"{new}\nAnd so is the garden.", f"Page {number}"))
        seeds.add(f"{number:02}.md", url, f"\n# Page {number}\n\n{old}\n")
    before = seeds.texts()
    process = command.start(DOWNLOAD_DELAY="0.1")
    wait_for(lambda: len(site.pages_asked()) > len(set(site.pages_asked())) + 2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    counts = json.loads((command.reports / "latest" / "report.json").read_text())["counts"]
    assert process.returncode == 1
    assert counts["skipped"] > 0
    assert counts["changed"] + counts["skipped"] == 30
    assert sum(before[name] != text for name, text in seed_texts(seeds).items()) == counts["changed"]


def test_a_run_that_is_killed_at_any_moment_leaves_old_or_new_texts(site: Site, many: Seeds, command: Command) -> None:
    chance = random.Random(1)  # moments, not secrets
    old = many.texts()
    new: dict[str, bytes] = {}
    for _ in range(8):
        kill_during_a_run(command, site, chance.randrange(1, COUNT))
        texts = seed_texts(many)
        assert set(texts) == set(old)
        for name, text in texts.items():
            assert text == old[name] or is_complete(text, int(name[:3]))
            assert text == new.get(name, text)
            if text != old[name]:
                new[name] = text
    run = command()
    assert run.status == 0
    assert run.report["counts"]["unchanged"] == len(new)
    assert run.report["counts"]["filled"] == COUNT - len(new)
    assert set(many.texts()) == set(old)


def kill_during_a_run(command: Command, site: Site, after: int) -> None:
    """Kill a run once it has asked for so many pages, wherever it is with those that it got."""
    end = len(site.asked) + after
    process = started(command.words()[2:])
    wait_for(lambda: len(site.asked) > end or not process.is_alive())
    process.kill()
    process.join()


def seed_texts(seeds: Seeds) -> dict[str, bytes]:
    return {name: seeds.folder.joinpath(name).read_bytes() for name in folder.find(seeds.folder)}


def is_complete(text: bytes, number: int) -> bool:
    return f"# Page {number}\n".encode() in text and text.rstrip().endswith(f"The text of page {number}.".encode())


def test_a_crash_in_our_own_code_fails_its_seed_and_no_other(
    site: Site, seeds: Seeds, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(fetched: object, stored: Stored, options: object) -> object:
        if "bad.md" in stored.seeds:
            raise RuntimeError("a bug")
        return visit(fetched, stored, options)  # type: ignore[arg-type]

    monkeypatch.setattr("fetcher.visits.visit.visit", breaking)
    for name in ("bad", "good"):
        seeds.add(f"{name}.md", site.says(f"/{name}", page("Some words.")))
    run = crawl()
    assert run.why("bad.md") == ("failed", "crash")
    assert run.why("good.md") == ("filled", "")
    assert run.status == 1


def test_a_crash_while_a_seed_is_written_fails_its_seed(
    site: Site, seeds: Seeds, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("fetcher.seeds.writing.write", breaking)
    seeds.add("a.md", site.says("/a", page("Some words.")))
    assert crawl().why("a.md") == ("failed", "crash")


def test_a_crash_before_the_first_visit_fails_the_run(
    seeds: Seeds, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("fetcher.spiders.refresh.folder.scan", breaking)
    seeds.add("a.md", "http://127.0.0.1/")
    assert crawl().status == 1


def test_a_run_that_was_told_to_outlive_its_terminal_does(site: Site, many: Seeds, command: Command) -> None:
    assert many
    run = subprocess.Popen(
        ["nohup", *command.words()], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: len(site.asked) > 5)
    run.send_signal(signal.SIGHUP)
    run.communicate(timeout=60)
    assert (run.returncode, report_of(command.reports)["counts"]["filled"]) == (0, COUNT)
