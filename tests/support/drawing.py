"""Examples of a Hypothesis strategy as a list: for tests in an event loop, which Hypothesis cannot run."""

from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


def draw_examples(strategy: SearchStrategy[T], count: int) -> list[T]:
    """At most `count` examples, the same in every run."""
    drawn: list[T] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(example: T) -> None:
        drawn.append(example)

    # In a thread of its own: Hypothesis refuses to run inside of a running loop.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(draw).result()
    return drawn
