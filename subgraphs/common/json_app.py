"""Strawberry's application with a faster JSON, and one answer to everything that is no JSON object, however odd."""

from typing import TypeVar

import orjson
from strawberry.asgi import GraphQL

Context = TypeVar("Context")


class JsonGraphQL(GraphQL[Context, None]):
    """What the applications for requests and for sockets have in common."""

    def encode_json(self, data: object) -> str | bytes:
        """An answer as JSON."""
        try:
            return orjson.dumps(data).decode()
        except TypeError:
            # An integer of more than 64 bits, which a JSON column may hold.
            return super().encode_json(data)

    def decode_json(self, data: str | bytes) -> object:
        """The JSON in a body, a message, or the variables of a GET request; a list is refused later, as a batch."""
        # orjson has a bound on depth, and refuses text that is no UTF-8.
        value = orjson.loads(data)
        if not isinstance(value, dict | list):
            raise orjson.JSONDecodeError("no JSON object", "", 0)
        return value
