"""Running a plan: the recipe of the executor.

A plan that has come a few times runs compiled. Any other, and any answer that breaks the rules, is the
interpreter's, which has the whole semantics; it hears again what the compiled attempt has already heard,
so nothing is asked for twice. Both give the same response, byte for byte. Answers in parts are always interpreted.
"""

from collections.abc import Mapping, Sequence

from graphql import GraphQLSchema
from msgspec import Struct, field

from router.errors import ErrorCode, ResponseError
from router.executor.batching import BatchMember
from router.executor.compiled.programs import Programs
from router.executor.exchange import Exchange
from router.executor.failures import expose_all
from router.executor.headers import NOTHING, HeaderSource
from router.executor.incremental import IncrementalRun
from router.executor.interpret.complete import Completion
from router.executor.interpret.locate import ErrorLocator
from router.executor.interpret.run import InterpretedRun
from router.executor.interpret.typenames import Typenames
from router.executor.introspection import answer_introspection
from router.executor.layers import Layer, stack_layers
from router.executor.options import ExecutorOptions
from router.executor.parts import PartStream
from router.executor.size import ResponseSize, ResponseTooLargeError
from router.executor.transport import Headers, SubgraphTransport
from router.hooks.context import Context
from router.kit.json import JsonObject, JsonValue, RawJson
from router.operation.shape import ObjectShape
from router.query_plan.nodes import OperationKind, QueryPlan


class ExecutionContext(Struct, frozen=True):
    """What one request brings to its plan.

    Attributes:
        variables: as the client sent them, with the operation's defaults for those it left out. Values
            have been found valid against the API schema.
        headers: the client's headers, from which the rules choose.
        context: what else is known about the request; None if nothing looks at it.
        body: the client's GraphQL request, where rules for headers read it.
        visible_schema: what introspection shows; None for the whole API schema.
        member: its part in a batch whose fetches go together; None if they go by themselves.
        is_in_parts: whether what is deferred comes later.
    """

    variables: JsonObject
    headers: Headers = ()
    context: Context | None = None
    body: Mapping[str, JsonValue] = NOTHING
    visible_schema: GraphQLSchema | None = None
    member: BatchMember | None = None
    is_in_parts: bool = False


class ExecutionResult(Struct, frozen=True):
    """The answer to one operation.

    Attributes:
        data: None means that a null reached the root. JSON text, where the plan ran compiled.
        later: the parts that come after this one, if any do; None unless the client is to be told whether they do.
            Whoever takes them closes them.
    """

    data: JsonObject | RawJson | None
    errors: list[ResponseError] = field(default_factory=list)
    extensions: JsonObject = field(default_factory=dict)
    later: PartStream | None = None


class Executor:
    """Runs plans for one supergraph. Holds nothing of any request.

    Attributes:
        reads_body: whether it wants to be told the client's request.
    """

    def __init__(
        self,
        typenames: Typenames,
        transport: SubgraphTransport,
        options: ExecutorOptions | None = None,
        *,
        layers: Sequence[Layer] = (),
    ) -> None:
        """`layers` are what every fetch passes on its way to `transport`, the first one first."""
        self._typenames = typenames
        self._transport = transport
        self._layers = stack_layers(layers, transport)
        self._options = options or ExecutorOptions()
        self.reads_body = self._options.headers.reads_body
        self._programs = Programs(typenames, self._options.compile_after)

    async def execute(
        self, plan: QueryPlan | None, shape: ObjectShape, context: ExecutionContext
    ) -> ExecutionResult:
        """Run `plan`, then give exactly what `shape` asks for. No plan, no fetch: introspection, say.

        Raises:
            UnsupportedPlanError: the plan is a subscription's.
        """
        kind = plan.operation_kind if plan is not None else OperationKind.QUERY
        entries = context.context.entries if context.context is not None else NOTHING
        exchange = Exchange(
            self._transport,
            self._options,
            HeaderSource(context.headers, entries, context.body),
            kind,
            layers=self._layers,
            context=context.context,
        )
        try:
            if context.is_in_parts:
                return await self._execute_in_parts(plan, shape, context, exchange)
            if context.member is not None and plan is not None:
                context.member.announce(plan, context.variables)
                exchange.member = context.member
            cached = self._programs.find(plan, shape) if plan is not None else None
            if cached is not None and cached.program is not None:
                program, size = cached.program, ResponseSize(self._options.response_bytes_max)
                send = exchange.send_once if program.has_twins else exchange.send_alone
                run = await program.run(context.variables, send, size)
                if not run.is_unusual:
                    data = RawJson(run.data) if run.data is not None else None
                    if not run.errors and not run.violations:
                        return ExecutionResult(data)
                    return self._conclude(data, run.errors, run.violations, size)
                cached.note_unusual()
            return await self._interpret(plan, shape, context, exchange)
        except ResponseTooLargeError as error:
            extensions = {"code": ErrorCode.RESPONSE_TOO_LARGE}
            return ExecutionResult(None, [ResponseError(str(error), extensions=extensions)])

    async def _execute_in_parts(
        self, plan: QueryPlan | None, shape: ObjectShape, context: ExecutionContext, exchange: Exchange
    ) -> ExecutionResult:
        run = IncrementalRun(
            self._typenames,
            exchange,
            context.variables,
            shape,
            self._options.error_exposure,
            ResponseSize(self._options.response_bytes_max),
        )
        node = plan.node if plan is not None else None
        first = await run.run_primary(node, context.visible_schema)
        if not run.has_next:
            await run.aclose()
        return ExecutionResult(first.data, first.errors, first.extensions, run)

    async def _interpret(
        self, plan: QueryPlan | None, shape: ObjectShape, context: ExecutionContext, exchange: Exchange
    ) -> ExecutionResult:
        size = ResponseSize(self._options.response_bytes_max)
        run = InterpretedRun(self._typenames, exchange, context.variables, ErrorLocator(shape), size)
        introspection, errors = answer_introspection(shape, context.variables, context.visible_schema)
        size.add_own(introspection)
        run.errors += errors
        if plan is not None and plan.node is not None:
            await run.run_node(plan.node)
        run.data.update(introspection)
        completion = Completion(size)
        data = completion.complete_root(run.data, shape)
        return self._conclude(data, run.errors, completion.violations, size)

    def _conclude(
        self,
        data: JsonObject | RawJson | None,
        errors: Sequence[ResponseError],
        violations: Sequence[ResponseError],
        size: ResponseSize,
    ) -> ExecutionResult:
        size.add_errors(errors)
        size.add_errors(violations)
        extensions: JsonObject = {}
        if violations:
            extensions["valueCompletion"] = [violation.write() for violation in violations]
        return ExecutionResult(data, expose_all(errors, self._options.error_exposure), extensions)
