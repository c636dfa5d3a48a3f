"""Writing the generated functions of one program.

Nothing that a client or a subgraph has written gets into the text of the code: names are numbered, and
values are bound in the namespace that the code runs in.
"""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from router.executor.compiled.places import UncompilableError
from router.executor.compiled.unusual import UnusualError

LINES_MAX = 2000
"""Python compiles some fifty lines in a millisecond, and other requests wait meanwhile."""


class Code:
    """Functions of one program, and the namespace that they share.

    Attributes:
        lines_added: how many lines the functions have.
    """

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {"UNSET": UNSET, "EMPTY": (), "UnusualError": UnusualError}
        self._names: dict[int, str] = {}
        self._lines: list[str] = []
        self.lines_added = 0

    def bind(self, value: Any) -> str:
        """The name of `value` in the code; equal for the same object."""
        name = self._names.get(id(value))
        if name is None:
            # The namespace keeps the object, so its id stays its own.
            name = self._names[id(value)] = f"v{len(self._names)}"
            self.namespace[name] = value
        return name

    def add(self, *lines: str) -> None:
        """Add lines as they are.

        Raises:
            UncompilableError: it is too much code.
        """
        self._lines += lines
        self.lines_added += len(lines)
        if self.lines_added > LINES_MAX:
            msg = "too much code"
            raise UncompilableError(msg)

    def define(self, name: str, parameters: str, body: list[str]) -> str:
        """Add a function; `body` is not indented yet."""
        self.add(f"def {name}({parameters}):", *(f" {line}" for line in body or ["pass"]))
        return name

    def load(self, name: str) -> Callable[..., Any]:
        """The function `name`, everything added until now being run first."""
        if self._lines:
            source, self._lines = "\n".join(self._lines), []
            exec(compile(source, "<plan>", "exec"), self.namespace)  # noqa: S102 - see the module's docstring
        function: Callable[..., Any] = self.namespace[name]
        return function


def indent(lines: list[str]) -> list[str]:
    """One level deeper."""
    return [f" {line}" for line in lines]
