"""Running the hooks of all plugins at one stage, around what the stage does."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from router.hooks.errors import HookError
from router.hooks.guests import wait_for_guest
from router.hooks.messages import (
    ExecutionRequest,
    ExecutionResponse,
    RouterRequest,
    RouterResponse,
    SubgraphRequest,
    SubgraphResponse,
    SupergraphRequest,
    SupergraphResponse,
)
from router.hooks.plugin import Plugin, RequestHook, ResponseHook

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 5.0

Request = TypeVar("Request")
Response = TypeVar("Response")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Hooks(Generic[Request, Response]):
    """One plugin's hooks at one stage."""

    name: str
    timeout_s: float
    before: RequestHook[Request, Response] | None
    after: ResponseHook[Response] | None


@dataclass(frozen=True, slots=True)
class Stage(Generic[Request, Response]):
    """The hooks of one stage, in the order of the plugins; request hooks may give an `answer`."""

    hooks: tuple[_Hooks[Request, Response], ...]
    answer: type[Response]

    @property
    def has_request_hooks(self) -> bool:
        """Whether anybody looks at requests."""
        return any(each.before is not None for each in self.hooks)

    @property
    def has_response_hooks(self) -> bool:
        """Whether anybody looks at responses."""
        return any(each.after is not None for each in self.hooks)

    async def run(self, request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        """Pass `request` through the request hooks to `proceed`, and its response back.

        A hook that answers by itself is the last to see the request; the plugins before it see its response.

        Raises:
            HookError: a hook has failed or taken too long.
        """
        passed: list[_Hooks[Request, Response]] = []
        response: Response | None = None
        for each in self.hooks:
            if each.before is not None:
                response = await _call(each, "request", each.before(request))
                if response is not None:
                    self._check(response, each)
                    break
            passed.append(each)
        if response is None:
            response = await proceed(request)
        await _show(response, passed)
        return response

    def _check(self, response: object, hooks: _Hooks[Request, Response]) -> None:
        if not isinstance(response, self.answer):
            raise HookError(
                f"the request hook of {hooks.name} has given a {type(response).__name__}, which is no {self.answer.__name__}"
            )

    async def run_later(self, response: Response) -> None:
        """Pass a later part of a response, whose request all hooks have seen, through the response hooks.

        Raises:
            HookError: a hook has failed or taken too long.
        """
        await _show(response, self.hooks)


async def _show(response: Response, hooks: Sequence[_Hooks[Request, Response]]) -> None:
    for each in reversed(hooks):
        if each.after is not None:
            await _call(each, "response", each.after(response))


async def _call(hooks: _Hooks[Request, Response], kind: str, running: Awaitable[Result]) -> Result:
    try:
        async with asyncio.timeout(hooks.timeout_s):
            return await wait_for_guest(running)
    except TimeoutError as error:
        # Also one that the hook itself has let pass: what it waited for took too long.
        raise HookError(f"the {kind} hook of {hooks.name} took too long") from error
    except HookError:
        raise
    except Exception as error:
        logger.exception("%s: its %s hook has failed", hooks.name, kind)
        raise HookError(f"the {kind} hook of {hooks.name} has failed") from error


@dataclass(frozen=True, slots=True)
class HookChain:
    """All plugins' hooks by stage; None for stages at which nobody looks."""

    plugins: tuple[Plugin, ...]
    router: Stage[RouterRequest, RouterResponse] | None
    supergraph: Stage[SupergraphRequest, SupergraphResponse] | None
    execution: Stage[ExecutionRequest, ExecutionResponse] | None
    subgraph: Stage[SubgraphRequest, SubgraphResponse] | None

    async def close(self) -> None:
        """Tell every plugin that no request will come any more; none can keep the others waiting for long."""
        for plugin in self.plugins:
            if plugin.close is not None:
                try:
                    async with asyncio.timeout(CLOSE_TIMEOUT_S):
                        await wait_for_guest(plugin.close())
                except Exception:
                    logger.exception("a plugin could not be closed")


def build_chain(plugins: Mapping[str, Plugin]) -> HookChain | None:
    """The hooks of plugins, by the names for messages; None if there are none."""
    if not plugins:
        return None
    return HookChain(
        tuple(plugins.values()),
        _build_stage(plugins, RouterResponse, lambda each: (each.router_request, each.router_response)),
        _build_stage(
            plugins, SupergraphResponse, lambda each: (each.supergraph_request, each.supergraph_response)
        ),
        _build_stage(
            plugins, ExecutionResponse, lambda each: (each.execution_request, each.execution_response)
        ),
        _build_stage(plugins, SubgraphResponse, lambda each: (each.subgraph_request, each.subgraph_response)),
    )


def _build_stage(
    plugins: Mapping[str, Plugin],
    answer: type[Response],
    choose: Callable[[Plugin], tuple[RequestHook[Request, Response] | None, ResponseHook[Response] | None]],
) -> Stage[Request, Response] | None:
    hooks = tuple(
        _Hooks(name, plugin.timeout_s, before, after)
        for name, plugin in plugins.items()
        for before, after in [choose(plugin)]
        if before is not None or after is not None
    )
    return Stage(hooks, answer) if hooks else None
