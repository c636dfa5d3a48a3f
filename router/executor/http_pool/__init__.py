"""Subgraphs over HTTP/1.1 by connections of our own: a third of a client library's CPU time for each fetch.

A library makes a request object, a task and several wake-ups of it; here a fetch writes one block of bytes to an idle
connection and waits for one future.
"""

from router.executor.http_pool.transport import HttpPoolTransport, PoolOptions

__all__ = ["HttpPoolTransport", "PoolOptions"]
