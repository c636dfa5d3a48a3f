"""News between services: CloudEvents 1.0 in JSON, over the signed internal HTTP.

News may come twice, late or out of order. So an event tells a state rather than a step ("three dollars of this payment
are paid back in all"), and who hears it applies it with a guarded UPDATE; there is no table of what was heard.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from subgraphs.common.internal import JsonObject

PATH = "/internal/events"
"""Where each service takes news."""
_TEXT_MAX = 256


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `subject` is the id of what it happened to."""

    id: UUID
    source: str
    type: str
    subject: UUID
    at: datetime
    data: JsonObject

    def write(self) -> JsonObject:
        """The event in the JSON format of CloudEvents 1.0."""
        return {
            "specversion": "1.0",
            "id": str(self.id),
            "source": f"/marketplace/{self.source}",
            "type": self.type,
            "subject": str(self.subject),
            "time": self.at.astimezone(UTC).isoformat(),
            "datacontenttype": "application/json",
            "data": self.data,
        }


class EventBody(BaseModel):
    """An event as it comes in; whoever takes it reads `data` by `type`."""

    model_config = ConfigDict(strict=True)

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=_TEXT_MAX)]
    source: Annotated[str, Field(min_length=1, max_length=_TEXT_MAX)]
    type: Annotated[str, Field(min_length=1, max_length=_TEXT_MAX)]
    subject: Annotated[str, Field(max_length=_TEXT_MAX)]
    data: dict[str, Any]
