"""Why something cannot be published, and the remedy."""


class PublishError(RuntimeError):
    """Nothing, or nothing more, can be published; its text says why and what a person can do about it."""

    def __init__(self, detail: str, mend: str) -> None:
        super().__init__(f"{detail} {mend}")
