"""Why a check could not be made.

CheckError      operations that cannot be read, or an old graph that does not compose
"""

from collections.abc import Sequence

from router.errors import RouterError


class CheckError(RouterError):
    """Something that a check needs is not there; `problems` has a line for each thing to change."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
