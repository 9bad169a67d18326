#!/usr/bin/env python3
"""Prints the map of the code, `fetcher/README.md`: the layers, and what each module says of itself in its first line.

    .venv/bin/python .ci/map.py > fetcher/README.md  # after a module is added, removed or described differently

Each package and module is described once, in its docstring; the tests fail while the map says something else.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parent.parent
_HEAD = """\
# The map of the code

A package imports from the packages below it in this list and never from those above; packages in the same line do not
import each other, and no modules of a package import each other in a circle. `lint-imports` checks that.

{layers}

Scrapy is known to its own parts only, which are the files that Scrapy knows by name. Everything else is functions over
text and runs without it; a lint rule checks that.

The rest of this file is written by `.ci/map.py` from the first lines of the docstrings.
"""


def layers(configuration: str) -> list[str]:
    """The layers below Scrapy's parts, top to bottom, as import-linter reads them: `page | documents`."""
    contracts = tomllib.loads(configuration)["tool"]["importlinter"]["contracts"]
    order: list[str] = contracts[0]["layers"]
    return order[next(place for place, layer in enumerate(order) if "fleet" in layer) :]


def sentence(path: Path) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def written() -> str:
    """The whole text of the map."""
    order = layers((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    numbered = ["1. Scrapy's parts", *(f"{place}. {_named(layer)}" for place, layer in enumerate(order, 2))]
    tables = [_scrapy(), *(_table(name) for layer in order for name in layer.split(" | "))]
    return "\n".join([_HEAD.format(layers="\n".join(numbered)), *tables])


def _path(name: str) -> Path:
    folder = ROOT / "fetcher" / name
    return folder if folder.is_dir() else folder.with_suffix(".py")


def _named(layer: str) -> str:
    return ", ".join(f"`{name}/`" if _path(name).is_dir() else f"`{name}.py`" for name in layer.split(" | "))


def _scrapy() -> str:
    folder = ROOT / "fetcher"
    files = {path for place in (".", "spiders", "commands") for path in (folder / place).glob("*.py")}
    return _rows("Scrapy's parts", sorted(path for path in files if path.name not in ("__init__.py", "align.py")))


def _table(name: str) -> str:
    path = _path(name)
    if not path.is_dir():
        return _rows(f"`{name}.py`", [path])
    files = sorted(path.rglob("*.py"), key=lambda file: (file.parent, file.name))
    tables = []
    for folder, modules in groupby(files, key=lambda file: file.parent):
        about, *others = sorted(modules, key=lambda file: (file.name != "__init__.py", file.name))
        shown = folder.relative_to(ROOT / "fetcher").as_posix()
        tables.append(_rows(f"`{shown}/`: {sentence(about)}", others))
    return "\n".join(tables)


def _rows(title: str, files: list[Path]) -> str:
    rows = [f"| `{path.relative_to(ROOT / 'fetcher').as_posix()}` | {_cell(sentence(path))} |" for path in files]
    return f"## {title}\n\n| | |\n|---|---|\n" + "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(written())
