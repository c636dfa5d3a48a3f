"""Completion: from the merged tree to exactly what the client asked for.

It runs once, after all fetches: only then is it known whether a non-null field is null, because any of
several fetches may supply it. It puts entries into the client's order, leaves out what the planner
added, coerces leaves, hides hidden types, and lets nulls in non-null places rise to the nearest
nullable parent.

What does not fit the schema is no entry of `errors` (the fetch that failed has put one there) but is
listed in `extensions.valueCompletion`, as in Apollo Router.

Spec: GraphQL, September 2025, 6.4.3 Value Completion, 6.4.4 Handling Execution Errors.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import (
    GraphQLList,
    GraphQLNamedOutputType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_abstract_type,
    is_composite_type,
)

from router.errors import ResponseError, ResponsePath
from router.executor.interpret.leaves import LeafCoercion, get_leaf_coercion
from router.executor.size import NULL, ResponseSize
from router.kit.json import JsonObject, JsonValue
from router.operation.shape import INTROSPECTION_FIELDS, TYPENAME, FieldShape, ObjectShape

VIOLATIONS_MAX = 100
"""How many violations are listed: a list of a million wrong items must not double the answer."""


_Location: TypeAlias = tuple[str, str] | tuple[GraphQLOutputType, int]
"""A field, by its type's name and its response key, or an item, by its type and index: put in words only for a report."""


class NullBubble(Exception):  # noqa: N818 -- not an error: how a null leaves a non-null place
    """The value is null where the schema promises one; the reason has been recorded."""


@dataclass(slots=True)
class Completion:
    """Completes one response.

    Attributes:
        size: of the response, which what nobody has brought adds to.
        violations: where subgraphs broke the schema's promises, at most `VIOLATIONS_MAX`.
    """

    size: ResponseSize
    violations: list[ResponseError] = field(default_factory=list)
    _coercions: dict[str, LeafCoercion] = field(default_factory=dict)

    def complete_root(self, data: JsonObject, shape: ObjectShape) -> JsonObject | None:
        """The response's `data`; None if a null reached the root.

        Raises:
            ResponseTooLargeError: it is more than may be.
        """
        return self.complete_part(data, shape, shape.static_type, ())

    def complete_part(
        self, source: JsonObject, shape: ObjectShape, runtime_type: GraphQLNamedOutputType, at: ResponsePath
    ) -> JsonObject | None:
        """What `shape` asks of the object at `at`; None if a null rose that far.

        Raises:
            ResponseTooLargeError: it is more than may be.
        """
        self.size.check()
        try:
            completed = self._complete_object(source, shape, runtime_type, at)
        except NullBubble:
            return None
        self.size.check_written(completed)
        return completed

    def _complete_object(
        self, source: JsonObject, shape: ObjectShape, runtime_type: GraphQLNamedOutputType, at: ResponsePath
    ) -> JsonObject:
        entries = shape.find_entries(runtime_type.name)
        assert entries is not None, "the caller has looked"
        completed: JsonObject = {}
        for entry in entries:
            if entry.type is None:
                completed[entry.key] = self._complete_meta(source, entry, runtime_type, at)
                continue
            value = None if entry.is_withheld else source.get(entry.key)
            if entry.child is None:
                coerced = self._coerce(value, entry.type)
                if coerced is not None:
                    completed[entry.key] = coerced
                    continue
            if value is None:
                self.size.add_entry(entry.key, NULL)
            place = (runtime_type.name, entry.key)
            completed[entry.key] = self._complete_value(value, entry, entry.type, (*at, entry.key), place)
        return completed

    def _coerce(self, value: JsonValue, type_: GraphQLOutputType) -> JsonValue:
        """The value of a leaf if it is right, as it nearly always is: None leads to all the rest."""
        if value is None:
            return None
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        return None if isinstance(type_, GraphQLList) else self._get_coercion(type_)(value)

    def _complete_meta(
        self, source: JsonObject, entry: FieldShape, runtime_type: GraphQLNamedOutputType, at: ResponsePath
    ) -> JsonValue:
        if entry.name in INTROSPECTION_FIELDS:
            # Answered from the API schema, so there is nothing to check.
            return source.get(entry.key)
        if not isinstance(runtime_type, GraphQLObjectType):
            self._report(describe_null((runtime_type.name, TYPENAME)), at)
            raise NullBubble
        if entry.key not in source:
            self.size.add_entry(entry.key, runtime_type.name)
        return runtime_type.name

    def _complete_value(
        self,
        value: JsonValue,
        entry: FieldShape,
        type_: GraphQLOutputType,
        at: ResponsePath,
        place: _Location,
    ) -> JsonValue:
        if isinstance(type_, GraphQLNonNull):
            violations_before = len(self.violations)
            completed = self._complete_value(value, entry, type_.of_type, at, place)
            if completed is None:
                if len(self.violations) == violations_before:
                    self._report(describe_null(place), at)
                raise NullBubble
            return completed
        if value is None:
            return None
        if isinstance(type_, GraphQLList):
            return self._complete_list(value, entry, type_, at, place)
        if entry.child is not None:
            return self._complete_composite(value, entry.child, at, place)
        coerced = self._get_coercion(type_)(value)
        if coerced is None:
            self._report(f"Invalid value found for {_describe(place)}.", at)
        return coerced

    def _complete_list(
        self,
        value: JsonValue,
        entry: FieldShape,
        type_: GraphQLList[GraphQLOutputType],
        at: ResponsePath,
        place: _Location,
    ) -> JsonValue:
        if not isinstance(value, list):
            self._report(f"Invalid non-list value found for {_describe(place)}.", at)
            return None
        item_type = type_.of_type
        nullable_type = item_type.of_type if isinstance(item_type, GraphQLNonNull) else item_type
        try:
            return [
                self._complete_value(item, entry, item_type, (*at, i), (nullable_type, i))
                for i, item in enumerate(value)
            ]
        except NullBubble:
            return None

    def _complete_composite(
        self, value: JsonValue, shape: ObjectShape, at: ResponsePath, place: _Location
    ) -> JsonValue:
        if not isinstance(value, dict):
            self._report(f"Invalid non-object value found for {_describe(place)}.", at)
            return None
        runtime_type = self._find_runtime_type(value, shape)
        if runtime_type is None:
            self._report(f"Invalid __typename found for object at {_describe(place)}.", at)
            return None
        try:
            return self._complete_object(value, shape, runtime_type, at)
        except NullBubble:
            return None

    def _find_runtime_type(self, value: JsonObject, shape: ObjectShape) -> GraphQLNamedOutputType | None:
        static_type = shape.static_type
        typename = _find_hidden_typename(value, shape) if shape.is_typename_key_taken else value.get(TYPENAME)
        if typename == static_type.name or not isinstance(typename, str):
            # The planner fetches the typename wherever an entry depends on it.
            return static_type
        if is_abstract_type(static_type):
            return shape.find_type(typename)
        # What no client may know of may be of a type that is hidden; root types have other names in subgraphs.
        schema = shape.operation.schema
        is_hidden = typename != "" and not is_composite_type(schema.get_type(typename))
        return None if is_hidden and static_type is not schema.query_type else static_type

    def _get_coercion(self, type_: GraphQLOutputType) -> LeafCoercion:
        name: str = type_.name  # type: ignore[union-attr]
        coercion = self._coercions.get(name)
        if coercion is None:
            coercion = self._coercions[name] = get_leaf_coercion(type_)  # type: ignore[arg-type]
        return coercion

    def _report(self, message: str, at: ResponsePath) -> None:
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append(ResponseError(message, path=at))


def describe_null(place: _Location) -> str:
    """What is said of a null where none may be."""
    return f"Cannot return null for non-nullable {_describe(place)}."


def _describe(place: _Location) -> str:
    parent, child = place
    return (
        f"field {parent}.{child}"
        if isinstance(child, str)
        else f"array element of type {parent} at index {child}"
    )


def _find_hidden_typename(value: JsonObject, shape: ObjectShape) -> str | None:
    """The typename under a key of the planner's, where the client calls another field `__typename`."""
    for key, hidden in value.items():
        if (
            isinstance(hidden, str)
            and not shape.whole.find_any_entries(key)
            and shape.find_type(hidden) is not None
        ):
            return hidden
    return None
