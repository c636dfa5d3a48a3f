"""Waiting for what is not ours: hooks, policies, functions that a configuration names."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")


class GuestError(Exception):
    """What a guest has waited for was cancelled."""


async def wait_for_guest(running: Awaitable[Result]) -> Result:
    """What `running` gives.

    What it waits for may be shared, and be cancelled by others: that is its failure, and no end of the task that waits for it.

    Raises:
        GuestError: this has happened; whatever else it raises.
    """
    try:
        return await running
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise GuestError("what it waited for was cancelled") from error
