"""An answer in parts, as values: what the executor gives where clients take more than one."""

from dataclasses import dataclass, field
from typing import Protocol, Self

from router.errors import ResponseError, ResponsePath
from router.kit.json import JsonObject


@dataclass(frozen=True, slots=True)
class ResultPart:
    """What has come of one object, after what the client was told before.

    Attributes:
        data: None means that a null reached the object.
        path: where the object stands: response keys and list indexes.
    """

    data: JsonObject | None
    path: ResponsePath
    label: str | None = None
    errors: list[ResponseError] = field(default_factory=list)
    extensions: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts that are told at once; `has_next` says whether there are more."""

    parts: list[ResultPart]
    has_next: bool


class PartStream(Protocol):
    """Later parts, as they come. Whoever has one closes it, also when it has come to its end."""

    @property
    def has_next(self) -> bool:
        """Whether there are more."""
        ...

    def __aiter__(self) -> Self:
        """Itself."""
        ...

    async def __anext__(self) -> Parts:
        """The next parts.

        Raises:
            StopAsyncIteration: there are no more.
        """
        ...

    async def aclose(self) -> None:
        """Stop whatever still runs for it."""
        ...
