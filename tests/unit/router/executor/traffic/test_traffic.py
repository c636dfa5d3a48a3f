"""Limits, circuit breaker and retries of what goes to subgraphs."""

import asyncio

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.executor.options import SubgraphTraffic
from router.executor.traffic.breaker import WINDOW_S, BreakerOptions, BreakingTransport, Circuit
from router.executor.traffic.errors import CircuitOpenError, ConcurrencyLimitedError, RateLimitedError
from router.executor.traffic.limits import ConcurrencyLimitingTransport, RateLimitingTransport
from router.executor.traffic.retry import Budget, RetryingTransport, RetryOptions
from router.executor.transport import (
    AnswerTooLargeError,
    SubgraphAnswer,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
)
from router.executor.transport_shape import shape_transport
from router.kit.gcra import Rate, decide
from tests.support.small_graph import SmallGraph

QUERY = SubgraphRequest("a", b"{}", is_repeatable=True)
OTHER = SubgraphRequest("b", b"{}", is_repeatable=True)
MUTATION = SubgraphRequest("a", b"{}")
GOOD, BAD = SubgraphAnswer(200, b"{}"), SubgraphAnswer(503, b"")
RESET = TransportError("reset")


class Scripted:
    """Answers with one of its answers after the other; the last one stays."""

    def __init__(self, *answers):
        self.answers, self.requests, self.closed = list(answers), [], False

    async def send(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            return GOOD
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self):
        self.closed = True


@given(
    st.integers(1, 50),
    st.floats(0.1, 100),
    st.lists(st.floats(0, 30), min_size=1, max_size=200),
)
def test_no_interval_has_more_than_twice_the_capacity_and_each_burst_its_capacity(capacity, interval_s, gaps):
    rate, arrival_s, now_s, passed = Rate(capacity, interval_s), None, 0.0, []
    for gap in gaps:
        now_s += gap
        verdict = decide(rate, arrival_s, now_s)
        if verdict.is_allowed:
            arrival_s = verdict.arrival_s
            passed.append(now_s)
        assert (verdict.retry_s == 0) == verdict.is_allowed
    for start in passed:
        assert sum(start <= each < start + interval_s for each in passed) <= 2 * capacity
    fresh = [decide(rate, None, 0.0)]
    while fresh[-1].is_allowed:
        fresh.append(decide(rate, fresh[-1].arrival_s, 0.0))
    assert [each.remaining for each in fresh] == [*reversed(range(capacity)), 0]


async def test_a_rate_is_each_subgraphs_own():
    inner = Scripted(GOOD)
    transport = RateLimitingTransport(inner, Rate(2, 60))
    for _ in range(2):
        await transport.send(QUERY)
    with pytest.raises(RateLimitedError):
        await transport.send(QUERY)
    await transport.send(OTHER)
    await transport.close()
    assert (len(inner.requests), inner.closed) == (3, True)


async def test_a_place_is_given_back_whatever_became_of_the_request():
    gate = asyncio.Event()
    inner = Scripted(gate, RESET, GOOD)
    transport = ConcurrencyLimitingTransport(inner, 1)
    first = asyncio.create_task(transport.send(QUERY))
    await asyncio.sleep(0)
    with pytest.raises(ConcurrencyLimitedError):
        await transport.send(QUERY)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    with pytest.raises(TransportError, match="reset"):
        await transport.send(QUERY)
    assert await transport.send(QUERY) == GOOD


OPTIONS = BreakerOptions(volume_threshold=4, reset_timeout_s=10, half_open_attempts=2)


def run(circuit, outcomes, now_s=0.0):
    """Send as many requests as are let through; gives how many."""
    sent = 0
    for is_failed in outcomes:
        if circuit.is_passable(now_s):
            sent += 1
            circuit.note(is_failed=is_failed, epoch=circuit.epoch, now_s=now_s)
    return sent


@pytest.mark.parametrize(
    ("outcomes", "is_open"),
    [
        ([True] * 3, False),  # too few to tell
        ([True] * 4, True),
        ([False, False, True, True], True),  # half of them
        ([False, False, False, True, True], False),
    ],
)
def test_a_circuit_opens_when_enough_have_failed_of_enough(outcomes, is_open):
    circuit = Circuit(OPTIONS)
    run(circuit, outcomes)
    assert circuit.is_passable(0.0) is not is_open


def test_what_failed_long_ago_does_not_count():
    circuit = Circuit(OPTIONS)
    run(circuit, [True] * 3)
    run(circuit, [True], now_s=WINDOW_S + 1)
    assert circuit.is_passable(WINDOW_S + 1)


def test_an_open_circuit_is_tried_with_a_few_and_closes_when_these_succeed():
    circuit = Circuit(OPTIONS)
    run(circuit, [True] * 4)
    assert not circuit.is_passable(9.9)
    assert [circuit.is_passable(10.0) for _ in range(3)] == [True, True, False]
    for _ in range(2):
        circuit.note(is_failed=False, epoch=circuit.epoch, now_s=10.0)
    assert run(circuit, [False] * 20, now_s=10.0) == 20


def test_one_try_that_fails_opens_it_again():
    circuit = Circuit(OPTIONS)
    run(circuit, [True] * 4)
    assert run(circuit, [True], now_s=10.0) == 1
    assert not circuit.is_passable(19.9)
    assert circuit.is_passable(20.0)


def test_what_began_before_the_circuit_changed_says_nothing():
    circuit = Circuit(OPTIONS)
    before = circuit.epoch
    run(circuit, [True] * 4)
    assert circuit.is_passable(10.0)
    circuit.note(is_failed=False, epoch=before, now_s=10.0)
    circuit.note(is_failed=False, epoch=before, now_s=10.0)
    assert circuit.is_passable(10.0)
    assert not circuit.is_passable(10.0)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 20)), max_size=100))
def test_a_circuit_is_never_stuck(steps):
    circuit, now_s = Circuit(OPTIONS), 0.0
    for is_failed, gap in steps:
        now_s += gap
        run(circuit, [is_failed], now_s)
    later = now_s + OPTIONS.reset_timeout_s
    assert run(circuit, [False] * 20, later) == 20


async def test_a_subgraph_that_fails_is_left_alone_and_others_are_not():
    inner = Scripted(BAD)
    transport = BreakingTransport(inner, OPTIONS)
    for _ in range(4):
        assert await transport.send(QUERY) == BAD
    with pytest.raises(CircuitOpenError):
        await transport.send(QUERY)
    assert await transport.send(OTHER) == BAD
    assert len(inner.requests) == 5


@pytest.mark.parametrize(
    ("answer", "is_counted"),
    [
        (RESET, True),
        (SubgraphTimeoutError("late"), True),
        (SubgraphAnswer(404, b""), False),
        (RateLimitedError(), False),
    ],
)
async def test_what_counts_as_a_failure(answer, is_counted):
    transport = BreakingTransport(Scripted(answer), OPTIONS)
    await asyncio.gather(*(transport.send(QUERY) for _ in range(4)), return_exceptions=True)
    last = (await asyncio.gather(transport.send(QUERY), return_exceptions=True))[0]
    assert isinstance(last, CircuitOpenError) is is_counted


def retrying(*answers, **options):
    inner = Scripted(*answers)
    return RetryingTransport(inner, RetryOptions(**options), draw=lambda: 0.0), inner


@pytest.mark.parametrize("fault", [RESET, BAD, SubgraphAnswer(502, b""), SubgraphAnswer(504, b"")])
async def test_a_query_is_asked_again(fault):
    transport, inner = retrying(fault, fault, GOOD)
    assert await transport.send(QUERY) == GOOD
    assert len(inner.requests) == 3
    assert inner.requests[0].timeout_s >= inner.requests[2].timeout_s


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (MUTATION, RESET),
        (MUTATION, BAD),
        (QUERY, SubgraphAnswer(500, b"")),
        (QUERY, SubgraphAnswer(429, b"")),
        (QUERY, SubgraphTimeoutError("late")),
        (QUERY, AnswerTooLargeError("large")),
        (QUERY, CircuitOpenError()),
        (QUERY, GOOD),
    ],
)
async def test_these_are_asked_once(request_, answer):
    transport, inner = retrying(answer)
    await asyncio.gather(transport.send(request_), return_exceptions=True)
    assert len(inner.requests) == 1


async def test_the_last_answer_is_the_answer():
    transport, inner = retrying(BAD, max_attempts=2)
    assert await transport.send(QUERY) == BAD
    assert len(inner.requests) == 2
    failing, _ = retrying(RESET)
    with pytest.raises(TransportError, match="reset"):
        await failing.send(QUERY)


async def test_there_is_no_attempt_that_would_begin_after_the_time_allowed():
    inner = Scripted(RESET)
    transport = RetryingTransport(inner, RetryOptions(backoff_s=60, backoff_max_s=60), draw=lambda: 1.0)
    with pytest.raises(TransportError):
        await transport.send(SubgraphRequest("a", b"{}", timeout_s=5, is_repeatable=True))
    assert len(inner.requests) == 1


async def test_a_subgraph_that_is_down_gets_little_more_than_its_load():
    transport, inner = retrying(RESET, min_per_sec=5, retry_percent=0.1)
    await asyncio.gather(*(transport.send(QUERY) for _ in range(200)), return_exceptions=True)
    assert 200 < len(inner.requests) <= 200 + 5 + 20 + 1


def test_a_budget_that_was_spent_comes_back():
    budget = Budget(RetryOptions(min_per_sec=2, retry_percent=0.0))
    assert [budget.take(0.0) for _ in range(3)] == [True, True, False]
    assert [budget.take(0.5), budget.take(0.5)] == [True, False]


def test_what_was_paid_is_forgotten():
    options = RetryOptions(min_per_sec=0, retry_percent=1.0, ttl_s=10)
    budget = Budget(options)
    for _ in range(5):
        budget.pay(0.0)
    assert [budget.take(5.0) for _ in range(3)] == [True, True, False]


async def test_nothing_stands_around_a_transport_that_nobody_shapes():
    inner = Scripted(GOOD)
    assert shape_transport(inner, SubgraphTraffic()) is inner


async def test_a_retry_asks_the_circuit_and_takes_from_the_rate():
    inner = Scripted(RESET)
    settings = SubgraphTraffic(
        rate=Rate(3, 60),
        retry=RetryOptions(max_attempts=9, backoff_s=0),
        breaker=BreakerOptions(volume_threshold=2),
    )
    with pytest.raises(CircuitOpenError):
        await shape_transport(inner, settings).send(QUERY)
    assert len(inner.requests) == 2


CODES = {
    "global_rate_limit": (
        {"capacity": 1, "interval": "1h"},
        "REQUEST_RATE_LIMITED",
        "Your request has been rate limited",
    ),
    "circuit_breaker": (
        {"enabled": True, "volume_threshold": 1},
        "SUBGRAPH_CIRCUIT_BREAKER_REJECTED",
        "The subgraph is not asked, because it has failed too often",
    ),
}


@pytest.mark.parametrize("option", CODES)
async def test_a_fetch_that_is_not_sent_is_an_error_of_its_place_and_the_rest_is_answered(option):
    value, code, message = CODES[option]
    graph = SmallGraph()
    good = graph.transport

    class Users:
        async def send(self, request):
            if request.subgraph == "users":
                if option == "circuit_breaker":
                    raise RESET
                return await good.send(request)
            return await good.send(request)

        async def close(self):
            pass

    shaped = {"traffic_shaping": {"subgraphs": {"users": {option: value}}}}
    app = graph.build_app(shaped, transport=Users())
    body = {"query": "{ products(first: 1) { name seller { name } } }"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        await client.post("/", json=body)
        answer = await client.post("/", json=body)
    assert answer.status_code == 200
    assert answer.json()["data"] == {"products": [{"name": "One", "seller": {"name": None}}]}
    (error,) = answer.json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == (message, code)


async def test_a_timeout_of_a_fetch_has_apollos_code():
    async def never(_request):
        await asyncio.Event().wait()

    graph = SmallGraph()

    class Users:
        async def send(self, request):
            raise SubgraphTimeoutError("late")

        async def close(self):
            pass

    app = graph.build_app(transport=Users())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answer = await client.post("/", json={"query": "{ me { name } }"})
    assert answer.status_code == 200
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "GATEWAY_TIMEOUT"
