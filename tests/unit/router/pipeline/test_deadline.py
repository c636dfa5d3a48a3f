"""The time of a request: as `asyncio.timeout`, by one timer for all."""

import asyncio

import pytest

from router.pipeline.deadline import TICK_S, Deadlines


async def wait_in(deadlines, seconds):
    with deadlines.limit():
        await asyncio.sleep(seconds)
        return "done"


async def test_what_takes_too_long_is_ended_and_what_does_not_is_not():
    deadlines = Deadlines(0.1)
    ended = await asyncio.gather(
        *(wait_in(deadlines, seconds) for seconds in (0, 0.01, 30, 0.02, 30)), return_exceptions=True
    )
    assert [each if each == "done" else type(each) for each in ended] == [
        "done",
        "done",
        TimeoutError,
        "done",
        TimeoutError,
    ]


async def test_the_task_goes_on_after_its_limit():
    async def work():
        with pytest.raises(TimeoutError):
            await wait_in(Deadlines(0.01), 30)
        await asyncio.sleep(0)
        return asyncio.current_task().cancelling()

    assert await asyncio.create_task(work()) == 0


async def test_who_is_cancelled_by_others_stays_cancelled():
    task = asyncio.create_task(wait_in(Deadlines(30), 30))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_passes_through():
    with pytest.raises(ZeroDivisionError), Deadlines(30).limit():
        _ = 1 / 0


async def test_there_is_one_timer_and_none_when_nobody_waits(monkeypatch):
    loop, set_timers = asyncio.get_running_loop(), []
    call_later = loop.call_later

    def count(*arguments):
        set_timers.append(arguments)
        return call_later(*arguments)

    monkeypatch.setattr(loop, "call_later", count)
    deadlines = Deadlines(30)
    for _ in range(50):
        with deadlines.limit():
            pass
    assert len(set_timers) == 1
    monkeypatch.undo()
    await asyncio.sleep(3 * TICK_S)
    assert deadlines._loop is None


def test_another_event_loop_has_a_timer_of_its_own():
    deadlines = Deadlines(0.05)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            asyncio.run(wait_in(deadlines, 30))
