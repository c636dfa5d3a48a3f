"""One request's life, from its text to its answer: the recipe of the pipeline."""

import asyncio
from collections.abc import Awaitable, Sequence

from msgspec.structs import replace

from router.errors import ErrorCode, RefusedError, refuse
from router.executor.batching import Batch, BatchMember
from router.executor.execute import ExecutionResult
from router.executor.options import SubgraphSwitch
from router.hooks.errors import HookError
from router.kit.json import JsonObject
from router.pipeline.authenticate import authenticate
from router.pipeline.authorize import authorize_operation
from router.pipeline.demand_control import execute_within_budget
from router.pipeline.document import find_document
from router.pipeline.execute import check_supported, execute_plan, get_shape
from router.pipeline.expose_plan import EXTENSION, PlanExposure, describe_plan, find_exposure
from router.pipeline.foresee import foresee
from router.pipeline.generation import Generation
from router.pipeline.hooks import (
    add_context,
    get_context,
    note_operation,
    run_execution_hooks,
    run_supergraph_hooks,
)
from router.pipeline.later import choose_deferring, settle
from router.pipeline.measure import check_limits
from router.pipeline.persisted import check_safelist, find_operation_text
from router.pipeline.plan import plan_operation
from router.pipeline.prepared import Prepared, find_ready, is_permitted, keep_prepared, prepare_again
from router.pipeline.request import (
    Request,
    RequestContext,
    Response,
    refuse_internal,
    when_over,
    write_refusal,
)
from router.pipeline.respond import add_subgraph_headers, write_response
from router.pipeline.validate import coerce_variables, select_operation

BATCH_CONCURRENCY = 32
"""Requests of one batch that run at the same time: one client must not take all of the router."""

SENT_TOGETHER_MAX = 256
"""Requests of one batch whose fetches go to subgraphs together; those after them are the next to do so."""

TIMEOUT_STATUS = 504


async def answer(request: Request, generation: Generation) -> Response:
    """The response to `request`; every failure is one too, within the time allowed."""
    try:
        with generation.deadlines.limit() as limit:
            response = await run_stages(request, generation)
            if response.later is not None:
                response.later.ends_at = generation.deadlines.find_end(limit)
            return response
    except RefusedError as refusal:
        return write_refusal(refusal)
    except TimeoutError:
        return _write_timeout()
    except RecursionError:
        # Planning goes deepest, so nothing has been fetched.
        return write_refusal(refuse("parser recursion limit reached", ErrorCode.PARSING_ERROR))
    except HookError as error:
        return refuse_internal(str(error))
    except Exception as error:  # noqa: BLE001 -- it is logged, and the client is told
        return refuse_internal("request failed", error)


def _write_timeout() -> Response:
    message = "Your request has been timed out"
    return write_refusal(refuse(message, ErrorCode.GATEWAY_TIMEOUT, status=TIMEOUT_STATUS))


async def answer_batch(requests: Sequence[Request], generation: Generation) -> list[Response]:
    """The responses to requests that came together, in their order; some run at a time."""
    size = BATCH_CONCURRENCY
    if generation.batching is not None and len(requests) > 1:
        # Those that wait for each other all need a place.
        size = SENT_TOGETHER_MAX
        requests = _join_batches(requests, generation.batching)
    places = asyncio.Semaphore(size)

    async def answer_one(request: Request) -> Response:
        try:
            # Waiting for a place is part of the time that a request may take.
            with generation.deadlines.limit():
                async with places:
                    return await answer(request, generation)
        except TimeoutError:
            return _write_timeout()
        finally:
            if request.member is not None:
                request.member.leave()

    return await asyncio.gather(*(answer_one(request) for request in requests))


def _join_batches(requests: Sequence[Request], options: SubgraphSwitch) -> list[Request]:
    joined = []
    for i in range(0, len(requests), SENT_TOGETHER_MAX):
        chunk = requests[i : i + SENT_TOGETHER_MAX]
        batch = Batch(len(chunk), options)
        joined += [replace(each, member=BatchMember(batch)) for each in chunk]
    return joined


async def run_stages(request: Request, generation: Generation) -> Response:
    """The stages in order; each takes what the one before it made.

    Raises:
        RefusedError: the request is not served; no stage after that has run.
    """
    if generation.needs_context:
        request = add_context(request, generation)
    context = await authenticate(request, generation)
    if generation.is_direct():
        return await answer_operation(context, generation)
    return await generation.traced("supergraph", answer_watched(context, generation), when_over)


async def answer_watched(context: RequestContext, generation: Generation) -> Response:
    """What `answer_operation` answers, with hooks around it, and around these what tells of requests.

    Raises:
        HookError: as `run_supergraph_hooks`.
        RefusedError: as `run_stages`.
    """
    if generation.is_foreseen:
        await foresee(context, generation)
    running: Awaitable[Response] = run_supergraph_hooks(
        context, generation, lambda context: answer_operation(context, generation)
    )
    return await (running if generation.noted is None else generation.noted(context, running))


async def answer_operation(context: RequestContext, generation: Generation) -> Response:
    """The stages after it is known who calls.

    Raises:
        RefusedError: as `run_stages`.
    """
    options, request = generation.options, context.request
    if request.extensions:
        request = await find_operation_text(request, context, generation)
    ready = find_ready(request, generation)
    if ready is not None and (ready.demand is None or await is_permitted(ready, context, generation)):
        prepared = prepare_again(ready, request, generation)
    else:
        prepared = await prepare(request, context, generation)
    authorized, plan = prepared.authorized, prepared.plan
    exposure = find_exposure(request, options)

    async def execute(context: RequestContext, variables: JsonObject) -> Response:
        if exposure is PlanExposure.DRY_RUN:
            result = ExecutionResult(None)
        else:
            run = execute_plan if generation.demand is None else execute_within_budget
            settled = settle(authorized.operation, variables, prepared.deferring)
            result = await run(plan, authorized, settled, context, generation)
        if exposure is not PlanExposure.OFF:
            result.extensions[EXTENSION] = describe_plan(plan)
        if generation.needs_context:
            result.extensions.update(get_context(context.request).extensions)
        response = write_response(result, authorized, context, options.authorization)
        return add_subgraph_headers(response, context, generation)

    if generation.is_direct():
        return await execute(context, prepared.variables)
    return await generation.traced(
        "execution", run_execution_hooks(plan, context, prepared.variables, generation, execute), when_over
    )


async def prepare(request: Request, context: RequestContext, generation: Generation) -> Prepared:
    """The stages from the request's text to its plan.

    Raises:
        RefusedError: as `run_stages`.
    """
    document = await find_document(request, generation)
    if generation.persisted is not None:
        check_safelist(document, context, generation, generation.persisted)
    operation = select_operation(document, request)
    note_operation(operation, request)
    check_limits(operation, generation)
    variables = coerce_variables(operation, generation.api_schema, request.variables, generation.options)
    check_supported(operation, get_shape(operation, variables, generation), generation)
    authorized = await authorize_operation(operation, context, generation)
    deferring = choose_deferring(operation.defers, variables, request)
    entries = request.context.entries if request.context is not None else {}
    plan = await generation.traced(
        "query_planning", plan_operation(authorized, generation, entries, deferring)
    )
    prepared = Prepared(authorized, plan, variables, deferring)
    keep_prepared(prepared, request, generation)
    return prepared
