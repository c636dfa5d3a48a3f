"""The subgraphs of the neighbours, each as a world to walk through."""

from typing import Any

import pytest
import pytest_asyncio

from tests.subgraph.access.worlds import MAKERS, World
from tests.subgraph.auth.conftest import auth as auth  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.auth.conftest import auth_url as auth_url  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.orders.conftest import orders as orders  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.orders.conftest import orders_url as orders_url  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.payments.conftest import payments as payments  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.payments.conftest import payments_url as payments_url  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.products.conftest import empty_url as empty_url  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.products.conftest import products as products  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.users.conftest import users as users  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.users.conftest import users_url as users_url  # noqa: PLC0414 -- a fixture of the neighbours


@pytest.fixture(params=[*MAKERS])
def started(request: pytest.FixtureRequest) -> tuple[str, Any]:
    """A subgraph's name, and the subgraph."""
    return request.param, request.getfixturevalue(request.param)


@pytest_asyncio.fixture
async def world(started: tuple[str, Any]) -> World:
    name, subgraph = started
    return await MAKERS[name](subgraph)
