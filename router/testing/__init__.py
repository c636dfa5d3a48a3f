"""Testing what runs in or behind a router: a router in the test's process, with subgraphs that are made up.

`pytest` users get the fixture `test_router` (`router.testing.fixtures`); others call `build_test_router`.
"""

from router.testing.mock_subgraph import MockSubgraph
from router.testing.router_under_test import Answer, RouterUnderTest, SentRequest, build_test_router

__all__ = ["Answer", "MockSubgraph", "RouterUnderTest", "SentRequest", "build_test_router"]
