"""Waiting for what is on its way in the test's own event loop."""

import asyncio


async def let_arrive(turns: int = 20) -> None:
    """Let the loop turn: what has been sent arrives, however little of the machine the test gets meanwhile."""
    for _ in range(turns):
        await asyncio.sleep(0.001)
