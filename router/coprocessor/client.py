"""Asking the coprocessor: one POST with JSON, one JSON object back."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from router.hooks.errors import HookError
from router.kit.json import JsonObject, read_json, write_json

Answer = TypeVar("Answer")

Note: TypeAlias = Callable[[str, bool, float], None]
"""Told of a stage, whether it was answered, and after how many seconds."""

ANSWER_BYTES_MAX = 16 * 1024 * 1024
OK = 200


class Poster(Protocol):
    """Connections to one URL."""

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Send JSON; the status and body of the answer.

        Raises:
            HookError: there is none in time.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True)
class CoprocessorClient:
    """Asks at each stage's URL; `note` is told of each stage, whether it was answered, and after how many seconds."""

    posters: Mapping[str, Poster]
    note: Note | None = None

    async def ask(self, url: str, message: JsonObject, read: Callable[[JsonObject], Answer]) -> Answer:
        """What `read` makes of what the coprocessor at `url` answers.

        Raises:
            HookError: it does not, in time, with status 200 and a JSON object; or `read` does.
        """
        is_answered, began_s = False, time.perf_counter()
        try:
            answer = read(await self._post(url, message))
            is_answered = True
            return answer
        finally:
            if self.note is not None:
                self.note(message["stage"], is_answered, time.perf_counter() - began_s)

    async def _post(self, url: str, message: JsonObject) -> JsonObject:
        status, body = await self.posters[url].post(write_json(message))
        if status != OK:
            raise HookError(f"the coprocessor answered with status {status}")
        try:
            answer = read_json(body)
        except ValueError as error:
            raise HookError("the coprocessor's answer is no JSON") from error
        if not isinstance(answer, dict):
            raise HookError("the coprocessor's answer is no JSON object")
        return answer

    async def close(self) -> None:
        """Close all connections."""
        for poster in self.posters.values():
            await poster.close()
