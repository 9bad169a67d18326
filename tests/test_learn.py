"""`scrapy learn`: rules that say of a site what its seeds say, shown as a change of the file of rules."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.conftest import QUICK
from tests.forked import ran

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Seeds
    from tests.site import Site

    Learn = Callable[..., subprocess.CompletedProcess[str]]

TEXTS = {
    "oak": "An oak bears its first acorns after forty years, and most of them are eaten by jays.",
    "elm": "An elm is known by its leaves, the two halves of which do not meet at the stalk.",
    "yew": "A yew grows so slowly that nobody knows how old the oldest ones in churchyards are.",
}


def tree(name: str) -> str:
    """A page of a site about trees, with a box in the text that its importer left out."""
    return (
        f"<!doctype html><html lang=en><head><title>{name}</title></head><body><nav><a href=/>All trees</a></nav>"
        f'<div class="page wide"><div class="leaf-text"><h1>The {name}</h1><p>{TEXTS[name]}</p>'
        f"<div class=planting-tip><p>Plant the {name} in autumn, and water it well.</p></div><p>Its wood is hard.</p>"
        "</div><div class=visitors><p>Come and see our garden, which is open on Sundays.</p></div></div>"
        "<footer>© the garden</footer></body></html>"
    )


def body(name: str) -> str:
    return f"\n# The {name}\n\n{TEXTS[name]}\n\nIts wood is hard.\n"


@pytest.fixture
def learn(seeds: Seeds, tmp_path: Path) -> Learn:
    places = {
        "SEEDS_DIR": str(seeds.folder),
        "REPORT_DIR": str(tmp_path / "reports"),
        "REFRESH_STATE": str(tmp_path / "state.sqlite"),
    }

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        switches = [w for name, value in (QUICK | places | settings).items() for w in ("-s", f"{name}={value}")]
        return ran(["scrapy", "learn", *switches, *arguments])

    return run


def test_what_the_seeds_of_a_site_have_becomes_a_rule_that_keeps_their_text(
    site: Site, seeds: Seeds, learn: Learn, tmp_path: Path
) -> None:
    for name in TEXTS:
        seeds.add(f"{name}.md", site.says(f"/trees/{name}", tree(name)), body(name))
    seeds.add("other.md", site.url("/other"), "\nAnother page of the site.\n")
    place = tmp_path / "sites.yaml"
    place.write_text("- host: other.example\n  delay: 2\n")
    before = seeds.texts(), place.read_text(), sorted(path.name for path in tmp_path.iterdir())
    done = learn(site.url("/trees/*"), REFRESH_SITES=str(place))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    added = [line[1:] for line in lines if line.startswith("+") and not line.startswith("+++")]
    assert lines[0] == "--- a/sites.yaml"
    assert "\n".join(added).strip() == (
        '- host: 127.0.0.1\n  path: "/trees/*"\n  select:\n    - "div.leaf-text"  # on 3 of 3 pages\n'
        '  remove:\n    - "div.planting-tip"  # on 3 of 3 pages'
    )
    assert lines[-1] == "Tried on 3 pages: of 3 the text is as near to the stored one, or nearer. Nothing was written."
    assert (seeds.texts(), place.read_text(), sorted(path.name for path in tmp_path.iterdir())) == before
    assert "/other" not in site.pages_asked()
    patched = subprocess.run(["patch", str(place)], input=done.stdout, text=True, check=False, capture_output=True)
    assert patched.returncode == 0, patched.stdout
    again = learn("127.0.0.1", REFRESH_SITES=str(place))
    assert "No rule is needed: on 3 pages the stored part is found without one" in again.stdout


def test_what_is_stored_somewhere_is_not_removed(site: Site, seeds: Seeds, learn: Learn) -> None:
    for name in TEXTS:
        tip = f"\nPlant the {name} in autumn, and water it well.\n" if name == "yew" else ""
        stored = body(name).replace("\n\nIts", f"\n{tip}\nIts")
        seeds.add(f"{name}.md", site.says(f"/{name}", tree(name)), stored)
    done = learn("127.0.0.1")
    assert done.returncode == 0
    assert "planting-tip" not in done.stdout


def test_main_content_that_is_found_anyway_is_not_selected(site: Site, seeds: Seeds, learn: Learn) -> None:
    for name in TEXTS:
        plain = re.sub(r"<div class=visitors>.*?</div>", "", tree(name)).replace('<div class="leaf-text">', "<main>")
        plain = plain.replace("</p></div></div>", "</p></main></div>")
        seeds.add(f"{name}.md", site.says(f"/{name}", plain), body(name))
    done = learn("127.0.0.1")
    assert "planting-tip" in done.stdout
    assert "select" not in done.stdout


def test_what_stands_around_the_text_of_most_pages_is_not_removed(site: Site, seeds: Seeds, learn: Learn) -> None:
    """As bodies have it that were filled with the menu of a page but for its logo."""
    names = [*TEXTS, "fir", "ash"]
    for number, name in enumerate(names):
        text = TEXTS.get(name, f"The {name} is a tree that grows in most of the woods of this land, and in parks.")
        plain = (
            f"<html><head><title>{name}</title></head><body><div class=top><a class=logo href=/>Our garden</a>"
            f"<p>Trees, shrubs and herbs of {name} woods</p></div><main><h1>The {name}</h1><p>{text}</p></main></body>"
        )
        filled = f"\nTrees, shrubs and herbs of {name} woods\n" if number < 2 else ""
        seeds.add(f"{name}.md", site.says(f"/{name}", plain), f"{filled}\n# The {name}\n\n{text}\n")
    done = learn("127.0.0.1")
    assert "logo" not in done.stdout


def test_pages_that_are_none_teach_nothing(site: Site, seeds: Seeds, learn: Learn) -> None:
    seeds.add("a.md", site.url("/gone"), body("oak"))
    done = learn("127.0.0.1")
    assert done.returncode == 1
    assert (
        done.stdout
        == "Nothing was learned: no seed there has both a body and a page that can be read; run a refresh first.\n"
    )


def test_so_many_pages_are_looked_at_and_no_more(site: Site, seeds: Seeds, learn: Learn) -> None:
    for name in TEXTS:
        seeds.add(f"{name}.md", site.says(f"/{name}", tree(name)), body(name))
    done = learn("--pages", "2", "127.0.0.1")
    assert "Tried on 2 pages" in done.stdout
    assert done.stdout.startswith("--- /dev/null\n+++ b/sites.yaml\n")
    assert len(site.pages_asked()) == 2


@pytest.mark.parametrize("arguments", [[], ["a.org", "b.org"], ["/guide"]])
def test_what_names_no_site_is_refused(arguments: list[str], learn: Learn) -> None:
    done = learn(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("learn: ")
