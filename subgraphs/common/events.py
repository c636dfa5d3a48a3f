"""News between services: CloudEvents 1.0 in JSON.

News may come twice, late or out of order. An event tells a state rather than a step ("three dollars of this payment are
paid back in all"), and has a `sequence` that grows with each event about its subject: see `inbox`. How it travels is
`delivery`'s matter: over the signed internal HTTP, or a bus.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from subgraphs.common.internal import JsonObject

PATH = "/internal/events"
"""Where each service takes news over HTTP."""
_TEXT_MAX = 256
_DIGITS = 19
"""Of a BIGINT; sequences are filled up with zeros, so that they sort as text too."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `subject` is the id of what it happened to, `version` grows with each event of it."""

    id: UUID
    source: str
    type: str
    subject: UUID
    at: datetime
    data: JsonObject
    version: int

    def write(self) -> JsonObject:
        """The event in the JSON format of CloudEvents 1.0, with its extension `sequence`."""
        return {
            "specversion": "1.0",
            "id": str(self.id),
            "source": f"/marketplace/{self.source}",
            "type": self.type,
            "subject": str(self.subject),
            "time": self.at.astimezone(UTC).isoformat(),
            "sequence": f"{self.version:0{_DIGITS}d}",
            "datacontenttype": "application/json",
            "data": self.data,
        }


class EventBody(BaseModel):
    """An event as it comes in; whoever takes it reads `data` by `type`."""

    model_config = ConfigDict(strict=True)

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=_TEXT_MAX)]
    source: Annotated[str, Field(min_length=1, max_length=_TEXT_MAX, pattern=r"^[^\x00]*\z")]
    type: Annotated[str, Field(min_length=1, max_length=_TEXT_MAX, pattern=r"^[^\x00]*\z")]
    subject: Annotated[str, Field(max_length=_TEXT_MAX, pattern=r"^[^\x00]*\z")]
    sequence: Annotated[str, Field(pattern=r"^[0-9]{1,18}\z|^0[0-9]{18}\z")] | None = None
    data: dict[str, Any]

    @property
    def version(self) -> int | None:
        """Of two events about a subject the one with the greater version is newer; None from an older release."""
        return None if self.sequence is None else int(self.sequence)


class UnusableEventError(Exception):
    """An event whose data are not as agreed."""


Hear = Callable[[EventBody], Awaitable[None]]
"""Takes an event, any number of times and in any order; raises UnusableEventError. One of a type that is none of ours
does nothing.
"""


def build_event_router(hear: Hear, check_signature: Callable[[Request], Awaitable[None]]) -> APIRouter:
    """The route at which a service takes news, behind `check_signature`."""
    router = APIRouter(dependencies=[Depends(check_signature)])

    @router.post(PATH)
    async def take(event: EventBody) -> dict[str, bool]:
        try:
            await hear(event)
        except UnusableEventError as error:
            raise HTTPException(status_code=422, detail=str(error)) from None
        return {"accepted": True}

    return router
