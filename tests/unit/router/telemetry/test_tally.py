"""Values that are handed over late come to the same histogram as values that are handed over at once."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from router.telemetry import tally as module
from router.telemetry.tally import Tallies, Tally

BOUNDS = (0.5, 1.0, 2.0)


def build():
    registry = CollectorRegistry()
    return registry, Histogram("h", "a histogram", buckets=BOUNDS, registry=registry)


def lines(registry):
    return [line for line in generate_latest(registry).decode().splitlines() if "created" not in line]


@given(st.lists(st.integers(0, 12).map(lambda n: n / 4)), st.integers(0, 12))
def test_a_tally_counts_as_the_library_does(values, cut):
    late, by_tally = build()
    at_once, by_library = build()
    tally = Tally(by_tally, BOUNDS)
    for i, value in enumerate(values):
        tally.observe(value)
        by_library.observe(value)
        if i == cut:
            tally.hand_over()
    tally.hand_over()
    tally.hand_over()
    assert lines(late) == lines(at_once)


async def test_what_was_counted_is_handed_over_within_its_time(monkeypatch):
    monkeypatch.setattr(module, "HAND_OVER_S", 0.0)
    registry, histogram = build()
    tallies = Tallies()
    tally = tallies.find(histogram, (), BOUNDS)
    assert tallies.find(histogram, (), BOUNDS) is tally
    tally.observe(1.0)
    tallies.hand_over_soon()
    tallies.hand_over_soon()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert "h_count 1.0" in lines(registry)


def test_a_loop_that_has_ended_keeps_nothing_back(monkeypatch):
    registry, histogram = build()
    tallies = Tallies()
    tally = tallies.find(histogram, (), BOUNDS)

    async def count():
        tally.observe(1.0)
        tallies.hand_over_soon()

    asyncio.run(count())
    monkeypatch.setattr(module, "HAND_OVER_S", 0.0)

    async def count_again():
        await count()
        await asyncio.sleep(0.01)

    asyncio.run(count_again())
    assert "h_count 2.0" in lines(registry)
