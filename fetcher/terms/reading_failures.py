"""Lists the failures while a fetched page is read: in the browser, in a document, in a worker process."""

from __future__ import annotations

from fetcher.terms.failures import BROWSER_COMMAND, BROWSER_GUIDE, LATER, Trouble, bad_redirect, of_status
from fetcher.terms.outcomes import Outcome, Reason

NO_BROWSER = Trouble(
    Outcome.BROKEN,
    Reason.SHELL,
    "Its rules have a browser render the page, and none is installed.",
    f"Install one: {BROWSER_COMMAND} ({BROWSER_GUIDE}).",
)


def _rendering(detail: str, mend: str) -> Trouble:
    return Trouble(Outcome.FAILED, "browser", detail, mend)


BROWSER_ENDED = _rendering("The browser ended while it rendered the page.", LATER)
BROWSER_CRASHED = _rendering("The browser's process for the page crashed.", "Run again; else report the page.")
BROWSER_MEMORY = _rendering("The page took more than REFRESH_BROWSER_MEMORY.", "Raise REFRESH_BROWSER_MEMORY.")
BROWSER_HUNG = _rendering("Its scripts were still at work after REFRESH_BROWSER_SECONDS.", "Open it in a browser.")
BROWSER_FLOODED = _rendering("The page's scripts ask for more and more without end.", "Open the page in a browser.")
BROWSER_OVERSIZED = Trouble(
    Outcome.FAILED, "oversized", "The page that scripts make exceeds DOWNLOAD_MAXSIZE.", "Raise DOWNLOAD_MAXSIZE."
)
MEMORY = Trouble(
    Outcome.FAILED,
    "memory",
    "Reading the page took more than REFRESH_PAGE_MEMORY.",
    "Raise REFRESH_PAGE_MEMORY.",
)


def of_browser(said: str, *, sandbox: bool) -> Trouble:
    """The browser did not start; `said` is Playwright's message."""
    if sandbox and "sandbox" in said.replace("chromium-sandbox", ""):
        detail = "The browser does not start with its sandbox, as root or where the system forbids that."
        mend = "Run as another user; or, where pages are trusted, with -s REFRESH_BROWSER_SANDBOX=False."
        return _rendering(detail, mend)
    first = next(filter(None, map(str.strip, said.splitlines())), "it says nothing")
    return _rendering(f"The browser does not start: {first}", f"Look at REFRESH_BROWSER ({BROWSER_GUIDE}).")


def of_script_redirect(status: int, *, is_page: bool) -> Trouble | None:
    """The failure of a document that the page's scripts navigate to; None if it may be the page."""
    return of_status(status) or (None if is_page else bad_redirect("it is no page"))


ENCRYPTED, DAMAGED, OVERLONG, SCANNED = "encrypted", "damaged", "overlong", "scanned"


class DocumentError(ValueError):
    """A document cannot be read; `reason` is one of the four above."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_OF_DOCUMENTS = {
    ENCRYPTED: (
        "It is encrypted, and opens with a password alone.",
        "Ask the site's owner for a copy without a password.",
    ),
    SCANNED: (
        "It has no text: its pages are pictures.",
        "Look for the page as text; or have a program recognize the text (OCR), and keep the file without source_url.",
    ),
    DAMAGED: ("It is cut off or damaged, and cannot be opened.", f"{LATER} Else open source_url with a viewer."),
    OVERLONG: ("It is longer than any document that is read.", "Look for the page in parts."),
}


def of_document(kind: str, reason: str) -> Trouble:
    """A document of the type `kind` cannot be read, for the reason of a DocumentError."""
    detail, mend = _OF_DOCUMENTS[reason]
    return Trouble(Outcome.BROKEN, reason, f"The answer is a document ({kind}). {detail}", mend)


def hung(seconds: float) -> Trouble:
    """Reading the page took longer than `seconds`."""
    detail = f"Reading the page took longer than REFRESH_PAGE_SECONDS ({seconds:g} s)."
    return Trouble(Outcome.FAILED, "hung", detail, "Raise REFRESH_PAGE_SECONDS, or report the page.")


def died(status: int) -> Trouble:
    """The worker process ended, with an exit status (or minus a signal), while it read the page."""
    how = f"signal {-status}" if status < 0 else f"status {status}"
    detail = f"The process that read the page died ({how})."
    # The system kills what takes its last memory, and libraries end a process (SIGABRT) that is given no more.
    mend = "Run again; if it happens again, raise REFRESH_PAGE_MEMORY, or report the page."
    return Trouble(Outcome.FAILED, "died", detail, mend)
