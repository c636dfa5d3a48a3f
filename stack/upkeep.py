"""What one does beside `up`: throw the data away, ask what runs, build the studio."""

import shutil
import sys
import time
from collections.abc import Mapping

from stack import progress
from stack.accounts import find_unprivileged_account
from stack.errors import StackError
from stack.lock import find_launcher, only_launcher
from stack.postgres import reachable_home
from stack.services import is_up
from stack.settings import StackSettings
from stack.studio import Studio

_WATCH_S = 0.2


def reset(settings: StackSettings, *, is_agreed: bool) -> None:
    """Delete the data directory and the cluster, wherever that had to be.

    Databases that are given by URL are not ours: they are left alone.

    Raises:
        AlreadyRunningError: a launcher works with the data.
        StackError: nobody agreed.
    """
    cluster = reachable_home(settings.data / "postgres", find_unprivileged_account())
    places = [place for place in (settings.data, cluster) if place.exists()]
    if not places:
        progress.say("There is nothing to throw away.")
        return
    with only_launcher(settings.data):
        if not (is_agreed or _is_agreed(f"Throw away all data in {settings.data}? [y/N] ")):
            raise StackError("Nothing was thrown away.", "Answer y, or `make reset YES=1`.")
        for place in reversed(places):
            shutil.rmtree(place, ignore_errors=True)
    progress.say("All data are gone. `make up` begins anew.")


def status(settings: StackSettings) -> bool:
    """Print who runs and who is healthy; True when all are."""
    launcher = find_launcher(settings.data)
    progress.say("Not running." if launcher is None else f"Running (process {launcher}).")
    healthy = {name: is_up(settings, name) for name in settings.ports}
    for name, is_healthy in healthy.items():
        progress.say(
            f"  {name:<10} {settings.ports[name]:<6} {'healthy' if is_healthy else 'does not answer'}"
        )
    return launcher is not None and all(healthy.values())


def build_studio(settings: StackSettings, environment: Mapping[str, str]) -> None:
    """Build GraphiQL if it must be, and wait for it.

    Raises:
        StackError: it could not be built.
    """
    studio = Studio(environment, settings.logs)
    try:
        while not (studio.is_ready or studio.fault):
            studio.advance()
            time.sleep(_WATCH_S)
    finally:
        studio.stop()
    if studio.fault is not None:
        raise studio.fault
    progress.say("GraphiQL is built: studio/dist.")


def _is_agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return input(question).strip().lower() in {"y", "yes"}
