"""Numbers in sentences."""


def counted(number: int, thing: str) -> str:
    """How many things there are.

    >>> counted(1, "page"), counted(1200, "page")
    ('1 page', '1,200 pages')
    """
    return f"{number:,} {thing}{'s' * (number != 1)}"
