"""Python's importers, run by the interpreter that has them: reads JSON lines `[name, url, html]`, writes their bodies.

`--list` prints the names of those that can be had here. A body of null is one that the importer failed at.
"""

import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

Importer = Callable[[str, str], "str | None"]


def _html2text(**options: Any) -> Importer:
    def run(page: str, url: str) -> str:
        converter = importlib.import_module("html2text").HTML2Text(baseurl=url)
        for name, value in options.items():
            setattr(converter, name, value)
        return str(converter.handle(page))

    return run


def _markdownify(**options: Any) -> Importer:
    return lambda page, _: str(importlib.import_module("markdownify").markdownify(page, **options))


def _markitdown(page: str, url: str) -> str:
    module = importlib.import_module("markitdown")
    info = module.StreamInfo(mimetype="text/html", extension=".html", charset="utf-8", url=url)
    stream = importlib.import_module("io").BytesIO(page.encode())
    return str(module.MarkItDown(enable_plugins=False).convert_stream(stream, stream_info=info).markdown)


def _trafilatura(**options: Any) -> Importer:
    return lambda page, url: importlib.import_module("trafilatura").extract(page, url=url, **options)


def _html_to_markdown(page: str, _: str) -> str | None:
    result = importlib.import_module("html_to_markdown").convert(page)
    return None if result.content is None else str(result.content)


def _inscriptis(page: str, _: str) -> str:
    return str(importlib.import_module("inscriptis").get_text(page))


def _boilerpy3(page: str, _: str) -> str:
    return str(importlib.import_module("boilerpy3.extractors").ArticleExtractor().get_content(page))


def _justext(page: str, _: str) -> str:
    module = importlib.import_module("justext")
    found = module.justext(page.encode(), module.get_stoplist("English"), encoding="utf-8")
    return "\n\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)


def _resiliparse(page: str, _: str) -> str:
    return str(importlib.import_module("resiliparse.extract.html2text").extract_plain_text(page))


def _readability(then: Importer) -> Importer:
    def run(page: str, url: str) -> str | None:
        summary = importlib.import_module("readability").Document(page, url=url).summary()
        return then(summary, url)

    return run


def _pandoc(target: str, *options: str) -> Importer:
    def run(page: str, _: str) -> str:
        pandoc = importlib.import_module("pypandoc").get_pandoc_path()
        return _output([pandoc, "--sandbox", "-f", "html", "-t", target, *options], page)  # else it fetches frames

    return run


def _program(*command: str) -> Importer:
    def run(page: str, url: str) -> str:  # it reads a page from elsewhere, and is told where that was
        return _output(command, page.replace("<head>", f'<head><base href="{url}">', 1))

    return run


def _lynx(page: str, url: str) -> str:
    """What lynx makes of a page that it reads from its input: a place in it is named by a file of its own then."""
    dump = _program("lynx", "-dump", "-stdin", "-assume_charset=utf-8", "-display_charset=utf-8")(page, url) or ""
    return re.sub(r"file:///\S+?\.html(?=#)", url, dump)


def _output(command: "list[str] | tuple[str, ...]", page: str) -> str:
    return subprocess.run(command, input=page, capture_output=True, text=True, check=True, timeout=60).stdout


IMPORTERS: "dict[str, tuple[str, Importer]]" = {  # by name: the module or program that it needs, and how it is run
    "html2text": ("html2text", _html2text()),
    "html2text, reference links": ("html2text", _html2text(inline_links=False, links_each_paragraph=True)),
    "html2text, no wrap, marked code": ("html2text", _html2text(body_width=0, mark_code=True, protect_links=True)),
    "markdownify": ("markdownify", _markdownify()),
    "markdownify, ATX": ("markdownify", _markdownify(heading_style="ATX", bullets="-")),
    "markitdown": ("markitdown", _markitdown),
    "trafilatura": (
        "trafilatura",
        _trafilatura(output_format="markdown", include_formatting=True, include_links=True),
    ),
    "trafilatura, text": ("trafilatura", _trafilatura()),
    "html-to-markdown": ("html_to_markdown", _html_to_markdown),
    "readability-lxml + html2text": ("readability", _readability(_html2text())),
    "readability-lxml + pandoc": ("readability", _readability(_pandoc("markdown"))),
    "inscriptis": ("inscriptis", _inscriptis),
    "boilerpy3": ("boilerpy3", _boilerpy3),
    "justext": ("justext", _justext),
    "resiliparse": ("resiliparse", _resiliparse),
    "pandoc, gfm": ("pypandoc", _pandoc("gfm")),
    "pandoc, markdown": ("pypandoc", _pandoc("markdown", "--wrap=none")),
    "pandoc, reference links": ("pypandoc", _pandoc("markdown", "--reference-links")),
    "pandoc, commonmark_x": ("pypandoc", _pandoc("commonmark_x")),
    "pandoc, plain": ("pypandoc", _pandoc("plain")),
    "w3m": ("/w3m", _program("w3m", "-dump", "-T", "text/html", "-I", "utf-8", "-O", "utf-8", "-cols", "80")),
    "lynx": ("/lynx", _lynx),
    "elinks": ("/elinks", _program("elinks", "-dump", "-dump-charset", "utf-8", "-no-numbering", "-force-html")),
}  # fmt: skip


def missing(needs: str) -> bool:
    """Whether the module, or the program where it begins with a slash, is not here."""
    if needs.startswith("/"):
        return shutil.which(needs[1:]) is None
    try:
        importlib.import_module(needs)
    except ImportError:
        return True
    return False


def main() -> None:
    """Serve the importers."""
    if "--list" in sys.argv:
        names = {name: not missing(needs) for name, (needs, _) in IMPORTERS.items()}
        sys.stdout.write(json.dumps(names) + "\n")
        return
    for line in sys.stdin:
        name, url, page = json.loads(line)
        try:
            body = IMPORTERS[name][1](page, url)
        except Exception:  # whatever a foreign program fails with: the page is left out for it
            body = None
        sys.stdout.write(json.dumps(body) + "\n")


if __name__ == "__main__":
    main()
