"""The main content of a page whose seed has no body yet."""

from fetcher.flow import Flow
from fetcher.looks import Look, look
from fetcher.page import Page


def main_content(page: Page, found: Flow) -> list[bool]:
    """For each run of `found`: whether it is main content."""
    best, size = 0, -1
    for k, element in enumerate(found.elements):
        if element.tag in ("main", "article") or element.get("role") == "main":
            words = found.ends[k] - found.starts[k]
            if words > size:
                best, size = k, words
    wanted: list[bool] = []
    for k, parent in enumerate(found.parents):
        if k < best:
            wanted.append(False)
        elif k == best:
            wanted.append(True)
        else:
            wanted.append(wanted[parent] and look(found.elements[k]) not in (Look.APART, Look.HIDDEN))
    return [wanted[run.holder] for run in found.runs]
