"""The services, five subgraphs and the router, and the sandbox provider if it is wanted: started and stopped together."""

from stack.environment import Environments
from stack.ports import is_healthy
from stack.processes import Child, stop_all, wait_until
from stack.settings import PROVIDER, ROOT, ROUTER, SUBGRAPHS, StackSettings
from stack.supergraph import supergraph_file

_READY_TIMEOUT_S = 60.0
_HEALTH_PATHS = {ROUTER: "/health", PROVIDER: "/health", **dict.fromkeys(SUBGRAPHS, "/health/ready")}


class Services:
    """The children that serve; `with` stops them at the end, the router before those it asks."""

    def __init__(self, settings: StackSettings, environments: Environments) -> None:
        self._settings = settings
        self._environments = environments
        self._children: list[Child] = []

    def __enter__(self) -> "Services":  # noqa: PYI034  nobody derives from it
        return self

    def __exit__(self, *_: object) -> None:
        stop_all([child for child in self._children if child.name == ROUTER])
        stop_all(self._children)

    def start(self) -> None:
        """Start all at once and return when each says that it is healthy.

        Raises:
            ChildFailedError: one ended, or was not healthy in time.
        """
        python = self._environments.python
        for name in SUBGRAPHS:
            environment = self._environments.of_subgraph(name)
            self._add(name, [python, "-m", f"subgraphs.{name}", "serve"], environment)
        if PROVIDER in self._settings.ports:
            self._add(PROVIDER, [python, "-m", "stack.provider"], self._environments.of_provider())
        serve = [
            *(python, "-m", "router", "serve"),
            *("--supergraph", str(supergraph_file(self._settings))),
            *("--config", str(ROOT / "router.yaml")),
            *("--listen", f"{self._settings.host}:{self._settings.ports[ROUTER]}"),
        ]
        self._add(ROUTER, serve, self._environments.of_router())
        waiting = list(self._children)

        def all_healthy() -> bool:
            self.check()
            waiting[:] = [child for child in waiting if not is_up(self._settings, child.name)]
            return not waiting

        wait_until(all_healthy, waiting, timeout_s=_READY_TIMEOUT_S)

    def check(self) -> None:
        """Check that all run.

        Raises:
            ChildFailedError: one has ended, whatever its exit code.
        """
        for child in self._children:
            if child.poll() is not None:
                raise child.fault("stopped")

    def _add(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self._children.append(
            Child(name, command, environment=environment, logs=self._settings.logs),
        )


def is_up(settings: StackSettings, name: str) -> bool:
    """Tell whether the service says that it is healthy."""
    return is_healthy(settings.ports[name], _HEALTH_PATHS[name])
