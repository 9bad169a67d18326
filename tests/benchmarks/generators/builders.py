"""The generators: how each is had, what it reads, and which command makes pages of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.generators.manual import Block, Syntax, asciidoc, markdown, restructured

if TYPE_CHECKING:
    from pathlib import Path

Pages = Mapping[str, tuple[Block, ...]]


class AbsentError(Exception):
    """A generator, or what it needs, cannot be had here."""


@dataclass(frozen=True)
class Site:
    """What is to be built: pages by name, in which build, and whether lines of code are numbered."""

    pages: Pages
    build: int
    numbered: bool = False


@dataclass(frozen=True)
class Generator:
    """One generator with one theme: what to install, how its sources are written, and what makes pages of them.

    `packages` go into the folder of tools `tools`, `{tools}` in `command` stands for it; `output` is where the page of
    a name comes out. A generator without packages is one that the system has, or has not.
    """

    name: str
    tools: str
    packages: tuple[str, ...]
    write: Callable[[Path, Site], None]
    command: tuple[str, ...]
    output: str
    words: str = ""  # that the generator shows beside the manual's own, as what describes its subject
    can_number: bool = True

    def build(self, folder: Path, site: Site, tools: Path) -> dict[str, str]:
        """The pages that it makes, by name."""
        self.write(folder, site)
        # Its build id and its date differ, as they do on another day.
        env = {**os.environ, "CI": "1", "SOURCE_DATE_EPOCH": str(1_700_000_000 + 8_640_000 * site.build)}
        command = [part.format(tools=tools, folder=folder) for part in self.command]
        run(command, folder, env)
        return {name: (folder / self.output.format(name=name)).read_text("utf-8") for name in site.pages}


def run(command: list[str], folder: Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command to its end; what it says is shown if it fails."""
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        raise AbsentError(f"{' '.join(command[:3])}: {(done.stderr or done.stdout)[-400:]}")


def install(generator: Generator, work: Path) -> Path:
    """The folder with the generator's packages, which are fetched from their registry if they are not there.

    Of a generator that the system brings nothing is fetched.
    """
    tools = work / "tools" / generator.tools
    if not generator.packages:
        if shutil.which(generator.command[0]) is None:
            raise AbsentError(f"no {generator.command[0]} on this machine")
        return tools
    if (tools / "installed").exists():
        return tools
    tools.mkdir(parents=True, exist_ok=True)
    if generator.tools.startswith("npm-"):
        (tools / "package.json").write_text("{}")
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", *generator.packages], tools)
    else:
        run([sys.executable, "-m", "venv", str(tools)], work)
        run([str(tools / "bin/pip"), "install", "--quiet", *generator.packages], work)
    (tools / "installed").touch()
    return tools


def _save(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _link_modules(folder: Path, tools: str) -> None:
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(folder.parents[1] / "tools" / tools / "node_modules")


# --- in Python ---

_MKDOCS_NOTE = Syntax('!!! note "Note"\n\n    {}', terms=True)


def _mkdocs(theme: str, folder: Path, site: Site) -> None:
    numbers = "\n  - pymdownx.highlight: {linenums: true}\n  - pymdownx.superfences"
    extensions = "[admonition, def_list]" if not site.numbered else f"\n  - admonition\n  - def_list{numbers}"
    _save(
        folder,
        {
            "mkdocs.yml": f"site_name: Canals\ntheme: {theme}\nuse_directory_urls: false\n"
            f"markdown_extensions: {extensions}\n",
            **{f"docs/{name}.md": markdown(blocks, _MKDOCS_NOTE) for name, blocks in site.pages.items()},
        },
    )


def _sphinx(theme: str, folder: Path, site: Site) -> None:
    conf = (
        f'project = "Canals"\nhtml_theme = "{theme}"\nhtml_last_updated_fmt = "%d %B %Y"\nrelease = "1.{site.build}"\n'
    )
    names = "\n   ".join(site.pages)
    index = f"Canals\n======\n\n.. toctree::\n\n   {names}\n"
    texts = {f"{name}.rst": restructured(blocks, numbered=site.numbered) for name, blocks in site.pages.items()}
    _save(folder, {"conf.py": conf, "index.rst": index, **texts})


def _pdoc(folder: Path, site: Site) -> None:
    for name, blocks in site.pages.items():
        text = markdown(blocks, Syntax()).replace('"""', "'''")
        _save(folder, {f"canals/{name}.py": f'"""{text}"""\n'})
    _save(folder, {"canals/__init__.py": '"""Canals."""\n'})


def _notebooks(folder: Path, site: Site) -> None:
    for name, blocks in site.pages.items():
        cells: list[dict[str, object]] = []
        for number, block in enumerate(blocks):
            common: dict[str, object] = {"metadata": {}, "id": f"cell{number}"}
            if block.kind == "code" and block.name == "python":
                code: dict[str, object] = {"cell_type": "code", "source": "\n".join(block.lines), "outputs": []}
                code["execution_count"] = number + site.build
                cells.append(common | code)
            else:
                cells.append(common | {"cell_type": "markdown", "source": markdown((block,), Syntax())})
        notebook = {
            "cells": cells,
            "metadata": {"language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        _save(folder, {f"{name}.ipynb": json.dumps(notebook)})


# --- in JavaScript ---

_COLONS = Syntax(":::note[Note]\n\n{}\n\n:::")


def _vitepress(folder: Path, site: Site) -> None:
    _link_modules(folder, "npm-vitepress")
    links = ", ".join(f'{{text: "{name}", link: "/{name}"}}' for name in site.pages)
    numbers = "true" if site.numbered else "false"
    config = f"markdown: {{lineNumbers: {numbers}}}, themeConfig: {{sidebar: [{links}]}}, ignoreDeadLinks: true"
    _save(
        folder,
        {
            ".vitepress/config.mjs": f'export default {{title: "Canals", {config}}}\n',
            **{f"{name}.md": markdown(text, Syntax("::: info Note\n{}\n:::")) for name, text in site.pages.items()},
        },
    )


def _docusaurus(folder: Path, site: Site) -> None:
    _link_modules(folder, "npm-docusaurus")
    options = {"docs": {"routeBasePath": "/", "sidebarPath": None}, "blog": False}
    config = {
        "title": "Canals",
        "url": "https://canals.example",
        "baseUrl": "/",
        "onBrokenLinks": "ignore",
        "onBrokenMarkdownLinks": "ignore",
        "presets": [["classic", {**options, "docs": {"routeBasePath": "/"}}]],
        "themeConfig": {"navbar": {"title": "Canals"}},
    }
    number = {"```python": "```python showLineNumbers", "```bash": "```bash showLineNumbers"} if site.numbered else {}
    for name, blocks in site.pages.items():
        text = markdown(blocks, _COLONS)
        for old, new in number.items():
            text = text.replace(old, new)
        _save(folder, {f"docs/{name}.md": text})
    _save(folder, {"docusaurus.config.js": f"module.exports = {json.dumps(config)};\n"})


def _starlight(folder: Path, site: Site) -> None:
    _link_modules(folder, "npm-starlight")
    config = 'import {defineConfig} from "astro/config"; import starlight from "@astrojs/starlight";\n'
    config += 'export default defineConfig({integrations: [starlight({title: "Canals"})], build: {format: "file"}});\n'
    content = 'import {defineCollection} from "astro:content"; import {docsLoader} from "@astrojs/starlight/loaders";\n'
    content += 'import {docsSchema} from "@astrojs/starlight/schema";\n'
    content += "export const collections = {docs: defineCollection({loader: docsLoader(), schema: docsSchema()})};\n"
    _save(folder, {"astro.config.mjs": config, "src/content.config.ts": content, "package.json": '{"type": "module"}'})
    for name, (title, *blocks) in site.pages.items():
        text = f"---\ntitle: {title.lines[0]}\n---\n\n{markdown(tuple(blocks), _COLONS)}"
        _save(folder, {f"src/content/docs/{name}.md": text})


def _hexo(folder: Path, site: Site) -> None:
    _link_modules(folder, "npm-hexo")
    parts = ("hexo-renderer-marked", "hexo-renderer-ejs", "hexo-renderer-stylus")  # loaded if they are named
    package = {"hexo": {"version": "7.3.0"}, "dependencies": dict.fromkeys(parts, "*")}
    numbers = str(site.numbered).lower()
    config = "title: Canals\nurl: https://canals.example\ntheme: landscape\npermalink: :title/\n"
    config += f"highlight: {{line_number: {numbers}}}\nsyntax_highlighter: highlight.js\n"
    _save(folder, {"_config.yml": config, "package.json": json.dumps(package)})
    for name, (title, *blocks) in site.pages.items():
        text = f"---\ntitle: {title.lines[0]}\ndate: 2026-01-02 03:04:05\n---\n{markdown(tuple(blocks), Syntax())}"
        _save(folder, {f"source/{name}/index.md": text})


def _honkit(folder: Path, site: Site) -> None:
    _link_modules(folder, "npm-honkit")
    contents = "".join(f"* [{name}]({name}.md)\n" for name in site.pages)
    texts = {f"{name}.md": markdown(blocks, Syntax()) for name, blocks in site.pages.items()}
    _save(folder, {"README.md": "# Canals\n", "SUMMARY.md": f"# Summary\n\n{contents}", **texts})


def _typedoc(folder: Path, site: Site) -> None:
    _link_modules(folder, "npm-typedoc")
    documents = [f"{name}.md" for name in site.pages]
    languages = ["python", "bash", "typescript"]
    options = {"entryPoints": ["index.ts"], "projectDocuments": documents, "highlightLanguages": languages}
    _save(
        folder, {"typedoc.json": json.dumps(options), "tsconfig.json": "{}", "index.ts": "export const sluice = 1;\n"}
    )
    _save(folder, {f"{name}.md": markdown(blocks, Syntax()) for name, blocks in site.pages.items()})


def _asciidoctor(folder: Path, site: Site) -> None:
    _save(folder, {f"{name}.adoc": asciidoc(blocks) for name, blocks in site.pages.items()})


def _hugo(folder: Path, site: Site) -> None:
    numbers = "[markup.highlight]\nlineNos = true\nlineNumbersInTable = true\n" if site.numbered else ""
    layout = "<!doctype html><html><head><title>{{ .Title }} | Canals</title></head><body><header><nav>"
    layout += '{{ range .Site.RegularPages }}<a href="{{ .RelPermalink }}">{{ .Title }}</a> {{ end }}</nav></header>'
    built = '<div>Updated <time>{{ now.Format "January 2 2006 15:04" }}</time></div>'
    layout += f'<main><div class="post">{{{{ .Content }}}}</div>{built}</main>'
    layout += "<footer>Canals</footer></body></html>"
    _save(folder, {"hugo.toml": f'title = "Canals"\nbaseURL = "https://canals.example/"\nuglyURLs = true\n{numbers}'})
    _save(folder, {"layouts/_default/single.html": layout})
    for name, blocks in site.pages.items():
        _save(folder, {f"content/{name}.md": f"---\ntitle: {name}\n---\n{markdown(blocks, Syntax(terms=True))}"})


def _jekyll(folder: Path, site: Site) -> None:
    highlight = f"{{block: {{line_numbers: {str(site.numbered).lower()}}}}}"
    config = f"title: Canals\ntheme: minima\nkramdown: {{input: GFM, syntax_highlighter_opts: {highlight}}}\n"
    _save(folder, {"_config.yml": config})
    for name, (title, *blocks) in site.pages.items():
        text = markdown(tuple(blocks), Syntax(note="> **Note** {}", terms=True))
        _save(folder, {f"{name}.md": f"---\nlayout: page\ntitle: {title.lines[0]}\n---\n{text}"})


_HEADS = "Sphinx {0}, {1}"
_SPHINX_8 = ("sphinx==8.2.3", "furo==2024.8.6", "sphinx-rtd-theme==3.0.2")
_SPHINX_4 = (
    *("sphinx==4.5.0", "sphinx-rtd-theme==1.0.0", "docutils<0.18", "alabaster<0.7.14", "setuptools<80"),
    *("sphinxcontrib-applehelp<1.0.5", "sphinxcontrib-devhelp<1.0.3", "sphinxcontrib-htmlhelp<2.0.2"),
    *("sphinxcontrib-serializinghtml<1.1.6", "sphinxcontrib-qthelp<1.0.4"),
)
_PYDATA = ("sphinx==8.2.3", "pydata-sphinx-theme==0.16.1")
_BOOK = ("sphinx==7.4.7", "sphinx-book-theme==1.1.4")
_MKDOCS = ("mkdocs==1.6.1", "mkdocs-material==9.6.14")


def _sphinx_of(version: str, packages: tuple[str, ...], theme: str) -> Generator:
    command = ("{tools}/bin/sphinx-build", "-q", "-E", ".", "out")
    name = _HEADS.format(packages[0].partition("==")[2], theme)
    return Generator(name, version, packages, partial(_sphinx, theme), command, "out/{name}.html")


def _mkdocs_of(theme: str) -> Generator:
    command = ("{tools}/bin/mkdocs", "build", "-q", "-d", "out")
    return Generator(f"MkDocs 1.6.1, {theme}", "mkdocs", _MKDOCS, partial(_mkdocs, theme), command, "out/{name}.html")


_NPX = "node_modules/.bin/"
GENERATORS = (
    *map(_mkdocs_of, ("mkdocs", "readthedocs", "material")),
    *(_sphinx_of("sphinx8", _SPHINX_8, theme) for theme in ("alabaster", "furo", "sphinx_rtd_theme")),
    *(_sphinx_of("sphinx4", _SPHINX_4, theme) for theme in ("alabaster", "sphinx_rtd_theme")),
    _sphinx_of("pydata", _PYDATA, "pydata_sphinx_theme"),
    _sphinx_of("book", _BOOK, "sphinx_book_theme"),
    Generator("pdoc 15.0.4", "pdoc", ("pdoc==15.0.4",), _pdoc, ("{tools}/bin/pdoc", "-o", "out", "./canals"),
              "out/canals/{name}.html", words="canals sluice", can_number=False),
    Generator("nbconvert 7.16.6", "nbconvert", ("nbconvert==7.16.6",), _notebooks,
              ("sh", "-c", "{tools}/bin/jupyter-nbconvert --to html --output-dir out *.ipynb"), "out/{name}.html",
              can_number=False),
    Generator("VitePress 1.6.3", "npm-vitepress", ("vitepress@1.6.3",), _vitepress,
              (f"{_NPX}vitepress", "build"), ".vitepress/dist/{name}.html"),
    Generator("Docusaurus 3.8.1", "npm-docusaurus",
              ("@docusaurus/core@3.8.1", "@docusaurus/preset-classic@3.8.1", "react@19.1.0", "react-dom@19.1.0",
               "webpack@5.99.9"),
              _docusaurus, (f"{_NPX}docusaurus", "build"), "build/{name}/index.html"),
    Generator("Starlight 0.34.4", "npm-starlight", ("astro@5.9.0", "@astrojs/starlight@0.34.4"), _starlight,
              (f"{_NPX}astro", "build"), "dist/{name}.html", can_number=False),
    Generator("Hexo 7.3.0", "npm-hexo",
              ("hexo@7.3.0", "hexo-theme-landscape@1.1.0", "hexo-renderer-marked@7.0.1", "hexo-renderer-ejs@2.0.0",
               "hexo-renderer-stylus@3.0.1"),
              _hexo, (f"{_NPX}hexo", "generate"), "public/{name}/index.html"),
    Generator("HonKit 6.0.3", "npm-honkit", ("honkit@6.0.3",), _honkit, (f"{_NPX}honkit", "build", ".", "out"),
              "out/{name}.html", can_number=False),
    Generator("TypeDoc 0.28.5", "npm-typedoc", ("typedoc@0.28.5", "typescript@5.8.3"), _typedoc,
              (f"{_NPX}typedoc", "--out", "out"), "out/documents/{name}.html", can_number=False),
    Generator("Asciidoctor.js 2.2.8", "npm-asciidoctor", ("asciidoctor@2.2.8",), _asciidoctor,
              ("sh", "-c", "{tools}/node_modules/.bin/asciidoctor *.adoc"), "{name}.html", can_number=False),
    Generator("Hugo", "", (), _hugo, ("hugo", "--quiet", "-d", "out"), "out/{name}.html"),
    Generator("Jekyll, minima", "", (), _jekyll, ("jekyll", "build", "--quiet", "-d", "out"), "out/{name}.html"),
)  # fmt: skip
