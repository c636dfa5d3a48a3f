"""The federation schema of a subgraph: version, scalars, limits, masking, and `_entities` that no input can break."""

import logging
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from inspect import cleandoc
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError, StringValueNode, Visitor, visit
from strawberry import federation
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)
from strawberry.federation.schema import FederationAny
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionContext, ExecutionResult, Info
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType
from strawberry.utils.inspect import get_func_args

from subgraphs.common.deadline import note_progress
from subgraphs.common.errors import AccessError, BadUserInputError
from subgraphs.common.graphql_types import SCALARS
from subgraphs.common.limits import OperationLimits
from subgraphs.common.object_limit import ObjectLimit

logger = logging.getLogger("subgraphs")

TOKENS_MAX = 15_000
REPRESENTATIONS_MAX = 10_000
DOCUMENT_CACHE_SIZE = 512
INPUT_DEPTH_MAX = 32
ERRORS_MAX = 1_000
"""Errors of one answer that are told. With ten thousand objects there may be as many, and each is written and placed."""
_ANSWERED = {OperationType.QUERY, OperationType.MUTATION}
"""What is executed; subscriptions are streamed."""


_UNUSABLE: tuple[tuple[type[Exception], str, str], ...] = (
    (RecursionError, "GRAPHQL_PARSE_FAILED", "The document nests too deeply."),
    # Python reads no integer of more than 4,300 digits.
    (ValueError, "GRAPHQL_VALIDATION_FAILED", "A number in the document is too long."),
    (MissingQueryError, "BAD_USER_INPUT", "There is no operation."),
    (CannotGetOperationTypeError, "BAD_USER_INPUT", "There is no operation with this operationName."),
)
"""What keeps a document from being run, and how it is told."""


def _present(error: GraphQLError, *, has_run: bool) -> GraphQLError:
    cause = error.original_error
    if isinstance(cause, GraphQLError) and not isinstance(cause, AccessError):
        cause = cause.original_error
    if not has_run:
        for kind, code, message in _UNUSABLE:
            if isinstance(cause, kind):
                return _with_code(error, code, message)
    if cause is None or isinstance(cause, GraphQLError):
        if error.extensions and "code" in error.extensions:
            return error
        if isinstance(error, GraphQLSyntaxError):
            return _with_code(error, "GRAPHQL_PARSE_FAILED")
        return _with_code(error, "BAD_USER_INPUT" if has_run else "GRAPHQL_VALIDATION_FAILED")
    error_id = uuid.uuid4().hex[:12]
    logger.error("error %s at %s", error_id, error.path, exc_info=cause)
    masked = _with_code(
        error, "INTERNAL_SERVER_ERROR", "Internal server error. The log has it under the errorId."
    )
    masked.extensions = {**(masked.extensions or {}), "errorId": error_id}
    return masked


def _with_code(error: GraphQLError, code: str, message: str | None = None) -> GraphQLError:
    return GraphQLError(
        error.message if message is None else message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code},
    )


def _present_result(result: ExecutionResult) -> ExecutionResult:
    # New errors in a new list: those of validation are kept in a cache.
    has_run = not isinstance(result, PreExecutionError)
    errors = result.errors or []
    told = [_present(error, has_run=has_run) for error in errors[:ERRORS_MAX]]
    if len(errors) > ERRORS_MAX:
        more = f"There are {len(errors) - ERRORS_MAX} more errors than are told."
        told.append(GraphQLError(more, extensions={"code": "COST_LIMIT"}))
    result.errors = told or None
    return result


async def _present_stream(results: AsyncGenerator[Any, None], context: Any) -> AsyncGenerator[Any, None]:
    try:
        async with aclosing(results):
            async for result in results:
                if isinstance(result, ExecutionResult):
                    event_id = getattr(context, "event_id", None)
                    if event_id is not None:
                        result.extensions = {**(result.extensions or {}), "eventId": str(event_id)}
                    _present_result(result)
                yield result
    except Exception as fault:  # noqa: BLE001 -- what an extension raises before the operation runs comes out here
        error = fault if isinstance(fault, GraphQLError) else GraphQLError(str(fault), original_error=fault)
        yield _present_result(PreExecutionError(data=None, errors=[error]))


async def _refuse(error: AccessError) -> AsyncGenerator[Any, None]:
    yield PreExecutionError(data=None, errors=[error])


class StorableText(SchemaExtension):
    """Refuses text that Postgres or UTF-8 cannot hold (NUL, lone surrogates), wherever it stands in a request."""

    def on_execute(self) -> Iterator[None]:
        """Look at variables and literals before anything runs."""
        context = self.execution_context
        if not _is_storable(context.variables or {}, INPUT_DEPTH_MAX):
            raise BadUserInputError(
                "The variables contain text with NUL or half a surrogate pair, or nest too deeply."
            )
        if context.graphql_document is not None and "\\u" in (context.query or ""):
            visit(context.graphql_document, _LiteralCheck())
        yield


class _LiteralCheck(Visitor):
    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        if not _is_storable(node.value, 1):
            raise BadUserInputError("The operation contains text with NUL or half a surrogate pair.")


def _is_storable(value: object, depth_max: int) -> bool:
    if isinstance(value, str):
        return ("\0" not in value and value.isprintable()) or _encodes(value)
    if isinstance(value, Mapping):
        return depth_max > 0 and all(
            _is_storable(key, 1) and _is_storable(item, depth_max - 1) for key, item in value.items()
        )
    if isinstance(value, Sequence):
        return depth_max > 0 and all(_is_storable(item, depth_max - 1) for item in value)
    return True


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


class ContextSource(ABC):
    """What gives a context for each operation, where many operations come over one connection."""

    @abstractmethod
    def open_context(self) -> Any:
        """The context of one operation.

        Raises:
            AccessError: there is none for this caller any more.
        """


def _describe(root: Any) -> None:
    """Give each field of a root type that has no description the first paragraph of its resolver's docstring."""
    for field in [] if root is None else root.__strawberry_definition__.fields:
        text = field.base_resolver.wrapped_func.__doc__ if field.base_resolver else None
        if not field.description and text:
            field.description = " ".join(cleandoc(text).split("\n\n", 1)[0].split())


class _Execution(StrawberryGraphQLCoreExecutionContext):
    """Keeps nothing of a refusal but what is told of it.

    With its traceback each holds the frames of all that was under way, and the collector of garbage goes through them again and
    again: of ten thousand it made three quarters of the work.
    """

    def handle_field_error(self, raw_error: Exception, *args: Any, **kwargs: Any) -> None:
        if isinstance(raw_error, AccessError):
            raw_error.__traceback__ = None
        super().handle_field_error(raw_error, *args, **kwargs)


class SubgraphSchema(federation.Schema):
    """A federation schema with the limits of every subgraph."""

    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        types: Sequence[type] = (),
        subscription: type | None = None,
    ) -> None:
        for root in (query, mutation, subscription):
            _describe(root)
        super().__init__(
            query=query,
            mutation=mutation,
            subscription=subscription,
            types=types,
            execution_context_class=_Execution,
            federation_version="2.9",
            config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
            extensions=[
                lambda: MaxTokensLimiter(max_token_count=TOKENS_MAX),
                lambda: AddValidationRules([OperationLimits]),
                StorableText,
                ObjectLimit,
                lambda: ParserCache(maxsize=DOCUMENT_CACHE_SIZE),
                lambda: ValidationCache(maxsize=DOCUMENT_CACHE_SIZE),
            ],
        )
        for fields, is_serial in ((self._schema.query_type, False), (self._schema.mutation_type, True)):
            if fields is not None:
                note_progress(fields, is_serial=is_serial)

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        """Execute as Strawberry does; then every error has its code, and our own mistakes are hidden and logged.

        It is done here and not in an extension, since an extension does not see what another one raises.
        """
        kwargs["allowed_operation_types"] = _ANSWERED & {*kwargs.get("allowed_operation_types", _ANSWERED)}
        return _present_result(await super().execute(*args, **kwargs))

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        """Stream as Strawberry does, with the errors of `execute`; `extensions.eventId` names the event that is told."""
        context = kwargs.get("context_value")
        if isinstance(context, ContextSource):
            try:
                kwargs["context_value"] = context = context.open_context()
            except AccessError as error:
                return _refuse(error)
        return _present_stream(await super().stream(*args, **kwargs), context)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: `execute` logs what is our mistake, and a client's mistakes do not belong in our log."""

    def entities_resolver(self, info: Info, representations: list[FederationAny]) -> list[FederationAny]:
        """One result for each representation, in order; an unusable one gets an error of its own.

        Spec: Apollo Federation subgraph specification, `Query._entities`.
        """
        if len(representations) > REPRESENTATIONS_MAX:
            raise BadUserInputError(f"At most {REPRESENTATIONS_MAX} representations a request.")
        return [self._resolve(info, representation) for representation in representations]

    def _resolve(self, info: Info, representation: object) -> Any:
        if not isinstance(representation, Mapping) or not isinstance(representation.get("__typename"), str):
            return BadUserInputError("A representation is an object with __typename and the fields of a key.")
        typename = representation["__typename"]
        concrete = self.schema_converter.type_map.get(typename)
        origin = getattr(getattr(concrete, "definition", None), "origin", None)
        resolve = getattr(origin, "resolve_reference", None)
        if resolve is None:
            return BadUserInputError("This subgraph has no entity of the given __typename.")
        known = get_func_args(resolve)
        arguments = {key: value for key, value in representation.items() if key in known}
        if "info" in known:
            arguments["info"] = info
        try:
            return resolve(**arguments)
        except TypeError:
            return BadUserInputError(f"The representation of {typename} lacks the fields of a key.")
        except Exception as error:  # noqa: BLE001 -- a boundary: one bad representation must not fail the others
            return error
