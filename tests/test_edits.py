"""Bodies of real importers, refreshed after edits of all kinds: what comes out is what the importer itself writes.

All of the edits, and the importers that are too heavy for here, are in `python -m tests.benchmarks.importers --edits`.
"""

import re

import pytest

from tests.benchmarks.importers import edits
from tests.benchmarks.importers.convert import IMPORTERS, missing
from tests.benchmarks.importers.exact import judged
from tests.benchmarks.importers.pages import page

_STEP = 25  # each so many-eth edit, begun elsewhere for each importer
_NAMES = [
    "markdownify",
    "markdownify, ATX",
    "html-to-markdown",
    "html2text",
    "html2text, reference links",
    "pandoc, gfm",
]
# What a body keeps, or has otherwise than its importer would write it: pictures that may have been left out, rules,
# paragraphs that are only cut otherwise, lists that Markdown cannot keep apart, forms of what is the first of its kind.
_KNOWN = {
    "": r"picture after|(?:split|joined) p|steps after ol|moved (?:p 8|dl)|gone hr",
    "html-to-markdown": r"table after|figure after",
    "html2text": r"figure after|code after ol",
    "html2text, reference links": r"figure after|alt of|moved ul",
}


@pytest.mark.parametrize("name", _NAMES)
def test_a_body_is_edited_as_its_importer_would(name: str) -> None:
    """To the byte, wherever the importer writes what was not edited as before; else the rest renders as before."""
    needs, convert = IMPORTERS[name]
    if missing(needs):
        pytest.skip(f"{needs} is not installed")
    known = "|".join(filter(None, (_KNOWN[""], _KNOWN.get(name))))
    wrong = []
    for pair in edits.pairs(_STEP, _NAMES.index(name) % _STEP):
        stored, wanted = (convert(edits.alone(each), pair.url) or "" for each in (pair.before, pair.after))
        verdict = judged((pair.url, page(pair.after)), stored, wanted)
        if verdict.kind and not (verdict.kind in ("other", "unwritten") and re.search(known, pair.name)):
            wrong.append(f"{pair.name}: {verdict.kind}\n{verdict.diff}")
    assert not wrong, "\n".join(wrong)
