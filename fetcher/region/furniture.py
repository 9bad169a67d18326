"""What stands in a text to serve its reader, and is no part of it, whatever it is called.

Signs that link to the place where they stand, line numbers and labels beside code, ways to the pages before and after,
boxes to tick that show the source of what is described.
"""

import re
from collections.abc import Iterator

from lxml import html

from fetcher.page.code import beside_code
from fetcher.page.flow import Flow
from fetcher.page.links import is_permalink
from fetcher.page.prose import Prose

_WAYS = frozenset("prev previous next up start first last contents index".split())
_PROMPT = re.compile(r"(?:In|Out)\s*\[[\d*\s]*\]\s*:?")  # of a notebook, with the count of what was run in it
_STEPS = 4  # elements after a box to tick in which the code is that it shows


def furniture(found: Flow, prose: Prose) -> Iterator[int]:
    """The elements of a page that serve its reader."""
    yield from beside_code(found)
    ways: dict[int, int] = {}
    boxes: dict[str, int] = {}
    labels: list[tuple[int, str]] = []
    for k, (element, its) in enumerate(zip(found.elements, found.attributes, strict=True)):
        if element.tag == "a":
            if is_permalink(element):
                yield k
            elif not _WAYS.isdisjoint(its.get("rel", "").split()):
                ways[prose.block[k]] = ways.get(prose.block[k], 0) + 1
        elif "prompt" in its.get("class", "").lower() and _PROMPT.fullmatch(element.text_content().strip()):
            yield k
        elif element.tag == "input" and its.get("type") == "checkbox" and "disabled" not in its:
            boxes[its.get("id", "")] = k
        elif element.tag == "label" and "for" in its and prose.words[k]:
            labels.append((k, its["for"]))
    yield from (k for k, count in ways.items() if count == prose.links[k] and prose.plain[k] <= 3 * count)
    for k, name in labels:
        if name in boxes and (source := _source(found, prose, boxes[name])):
            yield from (k, source)


def _source(found: Flow, prose: Prose, box: int) -> int:
    """The code, and nothing else, that a box to tick shows; 0 if it shows anything else."""
    parent, k = found.parents[box], found.after[box]
    for _ in range(_STEPS):
        if k >= len(found.parents) or found.parents[k] != parent:
            break
        if _is_code(found.elements[k]) and prose.words[k]:
            return k
        k = found.after[k]
    return 0


def _is_code(element: html.HtmlElement) -> bool:
    pre = next(element.iter("pre"), None)
    return pre is not None and len("".join(element.itertext()).strip()) == len("".join(pre.itertext()).strip())
