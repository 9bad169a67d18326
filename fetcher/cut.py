"""A tree cut down to its region: a copy that holds the wanted text and what stands between it."""

from collections.abc import Callable, Sequence
from copy import deepcopy

from lxml import html

from fetcher.flow import SILENT, Flow

# Elements that say something without words.
_SHOWN = frozenset("img picture hr br input math".split())


def cut(
    root: html.HtmlElement, found: Flow, keep: Sequence[bool], embeds: Callable[[html.HtmlElement], bool]
) -> html.HtmlElement:
    """A copy of `root` with only the runs of text of `found` that `keep` names.

    Elements without words stay where they stand between wanted words; silent ones only if `embeds` says so.
    """
    kept = [run for run, wanted in zip(found.runs, keep, strict=True) if wanted]
    copy = deepcopy(root)
    twins = dict(zip(root.iter(), copy.iter(), strict=True))
    for run, wanted in zip(found.runs, keep, strict=True):
        if not wanted:
            _silence(twins[run.element], is_tail=run.is_tail)
    if kept:
        _prune(found, kept[0].start, kept[-1].end, twins, keep)
    for element in copy.iter("select", "optgroup", "option"):  # kept because the importer kept it, as text
        element.tag = "span" if element.tag == "option" else "div"
    for element in list(copy.iter(*SILENT)):
        if element is not copy and not embeds(element):
            element.drop_tree()
    return copy


def _silence(element: html.HtmlElement, *, is_tail: bool) -> None:
    if is_tail:
        element.tail = " "
    else:
        element.text = " " if element.text else None


def _prune(found: Flow, first: int, last: int, twins: dict[html.HtmlElement, html.HtmlElement], keep: Sequence[bool]) -> None:
    """Drop the elements that hold no wanted word, but those without any word that stand inside of the region."""
    holds = [False] * len(found.elements)
    for run, wanted in zip(found.runs, keep, strict=True):
        k = run.holder
        while wanted and k >= 0 and not holds[k]:
            holds[k] = True
            k = found.parents[k]
    gone: set[int] = set()
    for k, element in enumerate(found.elements):
        parent = found.parents[k]
        if parent in gone:
            gone.add(k)
        elif parent >= 0 and not holds[k]:
            wordless = found.starts[k] == found.ends[k]
            if not (wordless and first < found.starts[k] < last):
                gone.add(k)
                twins[element].drop_tree()
