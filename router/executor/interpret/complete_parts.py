"""Completion of an answer in parts: the same rules, and a note of each object of which more comes later.

A null stays in the part that it rises in. What would have come later of an object that has become null, or whose
type is not the fragment's, never comes.
"""

from dataclasses import dataclass

from graphql import GraphQLList, GraphQLNamedOutputType, GraphQLObjectType, GraphQLOutputType

from router.errors import ResponsePath
from router.executor.interpret.complete import Completion, NullBubble
from router.executor.size import ResponseSize
from router.kit.json import JsonObject, JsonValue
from router.operation.shape import DeferredShape, FieldShape, ObjectShape


@dataclass(frozen=True, slots=True, eq=False)
class LaterPart:
    """What is still to come of one object.

    Attributes:
        at: where the object stands.
        source: the object as fetches merge it.
    """

    deferred: DeferredShape
    at: ResponsePath
    source: JsonObject
    runtime_type: GraphQLNamedOutputType


class PartCompletion(Completion):
    """Completes one part.

    Attributes:
        later: what it leaves to later parts, outer objects first.
    """

    __slots__ = ("later",)

    def __init__(self, size: ResponseSize) -> None:
        super().__init__(size)
        self.later: list[LaterPart] = []

    def complete_later(self, later: LaterPart) -> JsonObject | None:
        """The data of a later part; None if a null rose to its object."""
        shape, runtime_type = later.deferred.shape, later.runtime_type
        if not isinstance(runtime_type, GraphQLObjectType):
            # An interface object has been told without its type, which may have come since.
            found = self._find_runtime_type(later.source, shape)
            if found is None:
                self._report("Invalid __typename found for object", later.at)
                return None
            runtime_type = found
        return self.complete_part(later.source, shape, runtime_type, later.at)

    def _complete_object(
        self, source: JsonObject, shape: ObjectShape, runtime_type: GraphQLNamedOutputType, at: ResponsePath
    ) -> JsonObject:
        before = len(self.later)
        try:
            completed = super()._complete_object(source, shape, runtime_type, at)
        except NullBubble:
            del self.later[before:]
            raise
        self.later[before:before] = [
            LaterPart(deferred, at, source, runtime_type)
            for deferred in shape.find_deferred(runtime_type.name)
        ]
        return completed

    def _complete_list(
        self,
        value: JsonValue,
        entry: FieldShape,
        type_: GraphQLList[GraphQLOutputType],
        at: ResponsePath,
        place: tuple[str, str] | tuple[GraphQLOutputType, int],
    ) -> JsonValue:
        before = len(self.later)
        completed = super()._complete_list(value, entry, type_, at, place)
        if completed is None:
            del self.later[before:]
        return completed
