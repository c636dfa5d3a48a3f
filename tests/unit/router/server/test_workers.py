"""`router serve --workers`: several processes, kept alive, reloaded and ended as one."""

import asyncio
import os
import signal

import httpx
import psutil
import pytest

from router.__main__ import main
from router.commands.serve import WORKERS_MAX
from tests.support.listening import listening, read_http
from tests.support.served_router import serving, until
from tests.support.small_graph import SUPERGRAPH

ENDING_S = 30.0

QUERY = {"query": "{ __typename }"}
ADDED = "enum Added @join__type(graph: USERS) { A @join__enumValue(graph: USERS) }"
IS_ADDED = {"query": '{ __type(name: "Added") { name } }'}


@pytest.fixture
def supergraph(tmp_path):
    path = tmp_path / "supergraph.graphql"
    path.write_text(SUPERGRAPH)
    return path


def find_workers(process):
    return set(psutil.Process(process.pid).children())


def find_clients(worker):
    """The ports of the clients whose connections a worker has."""
    return {each.raddr.port for each in worker.net_connections() if each.raddr}


async def is_served(client):
    try:
        return (await client.post("/", json=QUERY)).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_worker_that_stands_still_is_replaced():
    from router.server.asgi import RouterApp
    from router.server.workers import HUNG_S, Supervisor

    supervisor = Supervisor(1, RouterApp(None), rebuild=lambda: None, serve=lambda *_: signal.pause() or 0)
    (worker,) = supervisor._seats = [supervisor._start(0)]
    worker.is_serving = True
    supervisor._kill_hung()
    supervisor._reap()
    assert supervisor._seats == [worker]
    worker.heard_at -= HUNG_S + 1
    supervisor._kill_hung()

    async def is_gone():
        supervisor._reap()
        return supervisor._seats == [None]

    await until(is_gone)
    for end in supervisor._lifeline:
        os.close(end)


async def test_sighup_reloads_every_worker_and_what_is_broken_none(supergraph):
    async with serving("-s", str(supergraph), "--dev", "--workers", "2") as (process, client):
        before = find_workers(process)
        supergraph.write_text("this is no supergraph")
        process.send_signal(signal.SIGHUP)
        supergraph.write_text(SUPERGRAPH + ADDED)
        process.send_signal(signal.SIGHUP)

        async def is_reloaded():
            now = find_workers(process)
            return len(now) == 2 and not now & before

        await until(is_reloaded)
        for _ in range(10):
            # A connection each: any of the workers may take it.
            async with httpx.AsyncClient(base_url=client.base_url) as other:
                answer = await other.post("/", json=IS_ADDED)
            assert answer.json() == {"data": {"__type": {"name": "Added"}}}
        supergraph.write_text("this is no supergraph")
        kept = find_workers(process)
        process.send_signal(signal.SIGHUP)
        # The next signal is only seen when that reload has been tried.
        process.terminate()
        assert await process.wait() == 0
        assert kept


async def test_changed_files_reload_the_workers(supergraph):
    async with serving("-s", str(supergraph), "--hot-reload", "--dev", "--workers", "2") as (_, client):
        supergraph.write_text(SUPERGRAPH + ADDED)

        async def is_added():
            async with httpx.AsyncClient(base_url=client.base_url) as other:
                return (await other.post("/", json=IS_ADDED)).json()["data"]["__type"] is not None

        await until(is_added)


async def test_workers_end_when_the_supervisor_is_killed(supergraph):
    async with serving("-s", str(supergraph), "--workers", "2") as (process, _):
        workers = find_workers(process)
        process.kill()
        await process.wait()

        async def have_ended():
            return not any(worker.is_running() for worker in workers)

        await until(have_ended)


async def test_subgraphs_are_composed_for_all_workers(tmp_path):
    (tmp_path / "a.graphql").write_text("type Query { hello: String }")
    config = tmp_path / "supergraph.yaml"
    config.write_text("subgraphs: {a: {routing_url: 'http://a.invalid', schema: {file: a.graphql}}}")
    async with serving("--supergraph-config", str(config), "--workers", "2") as (process, client):
        assert await is_served(client)
        assert len(find_workers(process)) == 2


def test_what_does_not_compose_is_1_with_its_reason(tmp_path, capsys):
    (tmp_path / "a.graphql").write_text("type Query { hello: Nothing }")
    config = tmp_path / "supergraph.yaml"
    config.write_text("subgraphs: {a: {routing_url: 'http://a.invalid', schema: {file: a.graphql}}}")
    assert main(["serve", "--supergraph-config", str(config), "--workers", "2"]) == 1
    assert "Nothing" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["0", "-1", "x", "", str(WORKERS_MAX + 1)])
def test_a_number_of_workers_that_is_none_is_2(supergraph, count, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["serve", "-s", str(supergraph), f"--workers={count}"])
    assert caught.value.code == 2
    assert "no number" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_sigterm_says_so_to_load_balancers_and_serves_on_for_a_while(supergraph, tmp_path, workers):
    config = tmp_path / "router.yaml"
    config.write_text("supergraph: {shutdown_delay: 1s}")
    arguments = ("-s", str(supergraph), "-c", str(config), "--workers", workers)
    async with serving(*arguments) as (process, client):
        process.terminate()

        async def is_draining():
            return (await client.get("/health?ready")).status_code == 503

        await until(is_draining)
        async with httpx.AsyncClient(base_url=client.base_url) as other:
            assert (await other.post("/", json=QUERY)).status_code == 200
        assert await process.wait() == 0


class Crowd:
    """Clients that ask without a pause: some on a connection that is kept, some on a new one for each request."""

    def __init__(self, port):
        self.port, self.answered, self.lost = port, 0, []

    async def connect(self):
        """A connection, and the port of its client."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        return reader, writer, writer.get_extra_info("sockname")[1]

    async def ask_on_one(self, reader, writer):
        try:
            while b"connection: close" not in await self.ask(reader, writer):
                pass
        finally:
            writer.close()

    async def ask_anew(self):
        while True:
            try:
                reader, writer, _ = await self.connect()
            except ConnectionRefusedError:
                return
            try:
                await self.ask(reader, writer)
            except (OSError, EOFError) as error:
                self.lost.append(error)
            writer.close()

    async def ask(self, reader, writer):
        body = b'{"query":"{ __typename }"}'
        head = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % len(body) + body)
        told = await reader.readuntil(b"\r\n\r\n")
        assert told.startswith(b"HTTP/1.1 200")
        await reader.readuntil(b"}}")
        self.answered += 1
        return told

    async def see(self, count):
        enough = self.answered + count

        async def is_enough():
            return self.answered >= enough

        await until(is_enough)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_signals_under_load_lose_no_request(supergraph, workers):
    async with serving("-s", str(supergraph), "--workers", workers) as (process, client):
        crowd = Crowd(client.base_url.port)
        # Kept connections end when a worker is replaced.
        kept = [asyncio.create_task(crowd.ask_on_one(*(await crowd.connect())[:2])) for _ in range(10)]
        new = [asyncio.create_task(crowd.ask_anew()) for _ in range(10)]
        before = find_workers(process)
        await crowd.see(200)
        process.send_signal(signal.SIGHUP)

        async def is_reloaded():
            return workers == "1" or not find_workers(process) & before

        await until(is_reloaded)
        await crowd.see(200)
        process.terminate()
        assert await process.wait() == 0
        await asyncio.gather(*kept)
        for each in new:
            # Some still ask for a connection, and nobody has told them yet that there is none.
            each.cancel()
        await asyncio.gather(*new, return_exceptions=True)
        assert crowd.lost == []


async def test_a_killed_worker_takes_its_own_clients_with_it_and_nobody_else(supergraph):
    async with serving("-s", str(supergraph), "--workers", "2") as (process, client):
        crowd, asking, before = Crowd(client.base_url.port), {}, find_workers(process)

        async def have_clients():
            for _ in range(5):
                reader, writer, port = await crowd.connect()
                asking[port] = asyncio.create_task(crowd.ask_on_one(reader, writer))
            await crowd.see(100)
            return all(asking.keys() & find_clients(worker) for worker in before)

        await until(have_clients)
        victim = min(before, key=lambda worker: worker.pid)
        lost = asking.keys() & find_clients(victim)
        victim.kill()
        # Their connections have ended, and no answer was half of one.
        ends = await asyncio.gather(*(asking.pop(port) for port in lost), return_exceptions=True)
        assert all(isinstance(end, OSError | EOFError) for end in ends), ends
        await crowd.see(100)

        async def is_served_by_another():
            # Whoever comes now is answered, and told that this is a place to come to.
            reader, writer, port = await crowd.connect()
            await crowd.ask(reader, writer)
            writer.write(b"GET /health?ready HTTP/1.1\r\nhost: h\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            others = find_workers(process) - before
            is_other = any(port in find_clients(worker) for worker in others)
            writer.close()
            return is_other

        await until(is_served_by_another)
        workers = find_workers(process)
        assert len(workers) == len(before)
        assert victim not in workers
        process.terminate()
        assert await process.wait() == 0
        # Each of the others has been told that its last answer was the last.
        assert set(await asyncio.gather(*asking.values())) == {None}
        assert not any(worker.is_running() for worker in before | workers)


async def test_a_second_sigterm_does_not_wait(supergraph, tmp_path):
    config = tmp_path / "router.yaml"
    config.write_text("supergraph: {shutdown_delay: 1h}")
    async with serving("-s", str(supergraph), "-c", str(config), "--workers", "2") as (process, client):
        process.terminate()

        async def is_draining():
            return (await client.get("/health?ready")).status_code == 503

        await until(is_draining)
        process.terminate()
        assert await process.wait() == 0


async def test_a_second_sigterm_reaches_who_has_not_taken_the_first(supergraph, tmp_path):
    config = tmp_path / "router.yaml"
    config.write_text("supergraph: {shutdown_delay: 1h}")
    async with serving("-s", str(supergraph), "-c", str(config), "--workers", "2") as (process, client):
        held, other = sorted(find_workers(process), key=lambda worker: len(find_clients(worker)))
        held.suspend()
        process.terminate()

        async def is_draining():
            return (await client.get("/health?ready")).status_code == 503

        async def has_ended():
            return not other.is_running()

        await until(is_draining)
        process.terminate()
        await until(has_ended)
        held.resume()
        async with asyncio.timeout(ENDING_S):
            assert await process.wait() == 0


async def test_ctrl_c_lets_requests_end(supergraph, tmp_path):
    started, release = asyncio.Event(), asyncio.Event()

    async def answer(reader, writer):
        await read_http(reader)
        started.set()
        await release.wait()
        body = b'{"data":{"me":{"name":"slow"}}}'
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % len(body) + body)

    config = tmp_path / "router.yaml"
    async with listening(answer) as port:
        config.write_text(f"override_subgraph_url: {{users: 'http://127.0.0.1:{port}/graphql'}}")
        async with serving("-s", str(supergraph), "-c", str(config), "--workers", "2") as (process, client):
            request = asyncio.create_task(client.post("/", json={"query": "{ me { name } }"}))
            await started.wait()
            # A terminal tells the whole group.
            groups = {os.getpgid(worker.pid) for worker in find_workers(process)}
            assert os.getpgid(process.pid) not in groups
            process.send_signal(signal.SIGINT)
            await asyncio.sleep(0.3)
            release.set()
            assert (await request).json() == {"data": {"me": {"name": "slow"}}}
            assert await process.wait() == 0
