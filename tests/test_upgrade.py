"""An upgrade rewrites nothing: bodies and memory of an earlier version, and pages that are as they were.

`tests/upgrade/pages` has 60 pages, `tests/upgrade/VERSION` what that version made of them in two runs; in the first,
each page said 1985 where it says 1986 now. 46 of the seeds began without a body, the others with one as other importers
write it. Every later version has to leave all of it alone; what a later one wrote may be added, what is there stays.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fetcher.visits.recall import NOT_MODIFIED, SAME_BYTES, SAME_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Run, Seeds
    from tests.site import Site

FOLDER = Path(__file__).parent / "upgrade"
PAGES = sorted((FOLDER / "pages").glob("*.html"))
VERSIONS = sorted(path.parent.name for path in FOLDER.glob("*/state.sqlite"))
HOST = "upgrade.example"
SPARED = {NOT_MODIFIED, SAME_BYTES, SAME_WORDS}

WAITS = "what a new version would write otherwise waits until the page changes there"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_rewrites_nothing(
    version: str,
    site: Site,
    seeds: Seeds,
    crawl: Callable[..., Run],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", site.url(""))  # the site stands in for the host that the seeds name
    for page in PAGES:
        site.says(f"/{page.stem}", page.read_bytes().decode(), host=HOST)
    shutil.copytree(FOLDER / version / "seeds", seeds.folder, dirs_exist_ok=True)
    shutil.copy(FOLDER / version / "state.sqlite", tmp_path)
    before = seeds.texts()

    first = crawl()
    after = seeds.texts()
    assert [name for name in before if after[name] != before[name]] == [], WAITS
    assert set(first.outcomes.values()) == {"unchanged"}, {path: first.why(path) for path in before}
    assert sorted(site.pages_asked()) == sorted(f"/{page.stem}" for page in PAGES), "none is fetched a second time"

    second = crawl()
    assert seeds.texts() == before
    read = [seed["path"] for seed in second.report["seeds"] if seed["reason"] not in SPARED and not seed["held_back"]]
    assert read == [], "what was read once, and found unchanged, is not read again"


def test_the_memory_of_an_earlier_version_can_be_read(tmp_path: Path) -> None:
    from fetcher.memory.state import State  # noqa: PLC0415

    for version in VERSIONS:
        path = Path(shutil.copy(FOLDER / version / "state.sqlite", tmp_path / f"{version}.sqlite"))
        with State(path) as state:
            memories = [state.recall(f"http://{HOST}/{page.stem}") for page in PAGES]
            bases = [state.base(f"http://{HOST}/{page.stem}", f"{page.stem}.md") for page in PAGES]
        assert state.troubles == []
        assert all(memory.good and memory.visits and memory.shown for memory in memories)
        assert all(base and base.text for base in bases)
