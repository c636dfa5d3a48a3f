"""The clients' operations under a new schema: whether they are still valid, and which changes they notice."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graphql import GraphQLSchema, validate

from router.checks.changes import Change
from router.checks.operations.read import ClientOperation
from router.checks.operations.usage import find_used


@dataclass(frozen=True, slots=True)
class OperationCheck:
    """What becomes of one operation. Lines count from 1.

    Attributes:
        name: the operation's, or its place if it has none.
        errors: why it is not valid against the new schema.
        changes: the breaking changes of what it uses.
        was_valid: whether it was valid against the old one; what was not cannot be broken.
    """

    name: str
    file: str
    line: int
    errors: tuple[str, ...]
    changes: tuple[Change, ...]
    was_valid: bool

    @property
    def is_broken(self) -> bool:
        """Whether the change breaks it."""
        return self.was_valid and bool(self.errors or self.changes)


@dataclass(frozen=True, slots=True)
class _Use:
    """An operation, with what it uses of the old schema: nothing if it was not valid."""

    operation: ClientOperation
    used: frozenset[str]
    was_valid: bool


def check_operations(
    old: GraphQLSchema, new: GraphQLSchema, operations: Iterable[ClientOperation], changes: Iterable[Change]
) -> tuple[tuple[OperationCheck, ...], tuple[Change, ...]]:
    """Validate operations; gives what becomes of each, and the changes with the names of those that they concern."""
    uses = [_read_use(old, operation) for operation in operations]
    concerned = tuple(
        replace(
            change, operations=tuple(_names(each for each in uses if each.used.issuperset(change.affects)))
        )
        for change in changes
    )
    harmful = [change for change in concerned if change.is_harmful]
    return tuple(_check(new, each, harmful) for each in uses), concerned


def _names(uses: Iterable[_Use]) -> Iterable[str]:
    # Two clients may call different operations the same.
    return sorted({each.operation.name for each in uses})


def _read_use(old: GraphQLSchema, operation: ClientOperation) -> _Use:
    was_valid = not validate(old, operation.document)
    return _Use(operation, find_used(old, operation) if was_valid else frozenset(), was_valid)


def _check(new: GraphQLSchema, use: _Use, harmful: Iterable[Change]) -> OperationCheck:
    operation = use.operation
    errors = tuple(dict.fromkeys(error.message for error in validate(new, operation.document)))
    hits = tuple(change for change in harmful if use.used.issuperset(change.affects))
    return OperationCheck(operation.name, operation.file, operation.line, errors, hits, use.was_valid)
