"""What ends a compiled attempt."""

from router.errors import RouterError


class UnusualError(RouterError):
    """An answer holds something that only the interpreter can deal with."""
