"""The benchmarks measure what they say: pages change as asked, their server answers so, figures are kept."""

import gzip
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from lxml import etree, html

from tests.benchmarks import pages, scale, speed, startup
from tests.benchmarks.figures import Figures, Goal, Line, Run, comparison, ratios, table
from tests.benchmarks.server import Mode, Served, served
from tests.certificates import certificate


def words(text: str) -> list[str]:
    root = html.document_fromstring(text.encode())
    etree.strip_elements(root, "script", "style", with_tail=False)
    return etree.tostring(root, method="text", encoding="unicode").split()


@pytest.mark.parametrize("number", range(5))
def test_another_build_changes_the_markup_and_another_edition_the_words(number: int) -> None:
    page = pages.html(number)
    assert page == pages.html(number)
    assert page != pages.html(number, build=1)
    assert words(page) == words(pages.html(number, build=1))
    assert words(page) != words(pages.html(number, edition=1))


def got(site: Served, number: int, **headers: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(site.url(number), headers=headers)) as answer:  # noqa: S310  # our own
        return gzip.decompress(answer.read())


def test_the_server_gives_what_the_mode_says_and_counts_it() -> None:
    with served(2, median=5_000) as site:
        first = got(site, 1)
        with pytest.raises(urllib.error.HTTPError, match="304"):
            got(site, 1, **{"If-None-Match": '"/1"'})
        assert {**site.gave(), "bytes": 0, "cpu": 0} == {"requests": 2, "bodies": 1, "bytes": 0, "cpu": 0}
        site.gives(Mode.SAME_BYTES)
        assert got(site, 1, **{"If-None-Match": '"/1"'}) == got(site, 3) == first
        site.gives(Mode.SAME_WORDS)
        others = {got(site, 1), got(site, 1), first}
        assert len(others) == 3
        assert len({tuple(words(text.decode())) for text in others}) == 1
        site.gives(Mode.CHANGED)
        changed = got(site, 1), got(site, 1)
        assert changed[0] != changed[1]
        assert words(changed[0].decode()) == words(changed[1].decode()) != words(first.decode())


def test_the_server_speaks_tls_and_waits(tmp_path: Path) -> None:
    pem = certificate(tmp_path / "certificate.pem", ["127.0.0.1"])
    with served(1, median=5_000, certificate=pem) as site:
        trusting = ssl.create_default_context(cafile=pem)
        with urllib.request.urlopen(site.url(0), context=trusting) as answer:  # noqa: S310  # our own
            assert gzip.decompress(answer.read()).decode() == pages.html(0, median=5_000)
    with served(1, median=5_000, latency=3600) as site, pytest.raises(TimeoutError):
        urllib.request.urlopen(site.url(0), timeout=0.5)  # noqa: S310  # as above


def test_figures_are_kept_and_compared(tmp_path: Path) -> None:
    slow, fast = (
        Line("slow", 10, [Run(4, 2), Run(9, 8), Run(6, 6)]),
        Line("fast", 10, [Run(2, 1), Run(3, 2), Run(6, 2)]),
    )
    figures = Figures({"paths": [slow, fast]}, {"state.sqlite": 100})
    figures.write(tmp_path / "figures.json")
    assert Figures.read(tmp_path / "figures.json") == figures
    goal = Goal("paths", "slow / fast", "slow", "fast", 3)
    assert list(ratios(figures, [goal, goal._replace(of="unknown")], figures))[2:] == [
        f"| slow / fast | ≤ 3 |{' 2.00 (1.00 to 3.00) | 3.00 (2.00 to 4.00) |' * 2}"
    ]
    assert list(comparison(figures, figures))[2] == "| slow | 6.00 | 6.00 | 1.00 | 6.00 | 6.00 | 1.00 |"


def test_every_goal_is_about_lines_that_are_measured() -> None:
    alone = {speed.READ, speed.SELECT, startup.VERSION, startup.CRAWL, startup.REFRESHED}
    named = alone | {entry.name for entry in (*speed.PATHS, *speed.PEERS, speed.earlier(Path()))}
    assert {name for goal in speed.GOALS for name in (goal.of, goal.to)} <= named


def test_the_readme_shows_the_figures_that_are_kept() -> None:
    readme = Path(scale.__file__).with_name("README.md").read_text()
    kept = Figures.read(scale.KEPT)
    shown = [*scale.table(kept, scale.World()), *ratios(kept, speed.GOALS, None)]
    assert set(shown).union(*(table(kept, part) for part in kept.parts)) <= set(readme.splitlines())
