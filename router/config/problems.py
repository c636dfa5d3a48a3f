"""What can be wrong with a configuration.

ConfigurationError      all problems of one configuration
"""

from collections.abc import Sequence

from router.errors import RouterError


class ConfigurationError(RouterError):
    """A configuration that is not used; `problems` has a line for each thing to change."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
