"""Which response keys the client takes at each place, and which the planner may use for hidden fields.

A hidden field (a key, a required field) travels in the same response objects as the client's fields. It may
share a key only with the very same field and arguments; else it gets a key of its own. Keys of the client
are never changed.
"""

from router.operation.need import Need
from router.supergraph.field_set import Arguments


class ResponseKeys:
    """The keys in use on the objects at one place of the response, whatever their type."""

    def __init__(self) -> None:
        self._client: dict[str, set[tuple[str, Arguments]]] = {}
        self._hidden: dict[tuple[str, Arguments], str] = {}
        self._children: dict[str, ResponseKeys] = {}

    @staticmethod
    def of(need: Need) -> "ResponseKeys":
        """Note all the keys of an operation."""
        keys = ResponseKeys()
        keys.add(need)
        return keys

    def add(self, need: Need) -> None:
        """Note the keys of a need at this place, and of all below."""
        for field in need.fields:
            self._client.setdefault(field.key, set()).add((field.name, field.arguments))
            if field.need is not None:
                self.child(field.key).add(field.need)
        for arm in need.arms:
            self.add(arm.need)

    def child(self, key: str) -> "ResponseKeys":
        """Give the keys of the objects under `key`."""
        return self._children.setdefault(key, ResponseKeys())

    def hidden_key(self, name: str, arguments: Arguments = ()) -> str:
        """Give the key for a hidden field: its own name if that is free, else `_h0`, `_h1`, ..."""
        identity = (name, arguments)
        known = self._hidden.get(identity)
        if known is None:
            known = name
            number = 0
            while not self._is_free(known, identity):
                known = f"_h{number}"
                number += 1
            self._hidden[identity] = known
        return known

    def _is_free(self, key: str, identity: tuple[str, Arguments]) -> bool:
        return self._client.get(key, {identity}) == {identity} and key not in self._hidden.values()
