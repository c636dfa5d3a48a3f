"""kill -9 of auth, products, users and Postgres in the middle of erasures; orders and payments have theirs beside buying."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.conftest import open_directory
from tests.support.boundaries import Fault, Striker
from tests.support.erasing import MORE, SERVICES, suffer_erasure
from tests.support.shop import Shop, open_shop

pytestmark = pytest.mark.asyncio(loop_scope="module")

_DEATHS = 12
"""How many one erasure outlives."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Shop]:
    with open_directory() as path:
        async with open_shop(path, services=SERVICES, is_wired=True, more=MORE) as shop:
            yield shop


@pytest.mark.parametrize(
    ("fault", "every", "deaths"),
    [
        (Fault.KILL_NEAR, 13, _DEATHS),
        (Fault.KILL_FAR, 1, 1_000),
        (Fault.KILL_BACKEND, 8, 5),
        (Fault.KILL_POSTMASTER, 20, 3),
    ],
)
async def test_an_erasure_outlives_whoever_dies(shop: Shop, fault: Fault, every: int, deaths: int) -> None:
    """`python -m bench.crashes --only erase` lets somebody die at each boundary."""
    striker = Striker(shop, dict.fromkeys(range(every, every * deaths + 1, every), fault))
    await suffer_erasure(striker)
    assert striker.done[fault] > 0
