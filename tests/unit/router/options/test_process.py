"""Options of the process that serves: what clients' connections may do, how it ends, where it listens, and its logs."""

import asyncio
import json
import logging
import signal
import ssl
import sys

import pytest

from router.__main__ import main
from router.commands import serve
from router.config.router_yaml import read_router_config
from router.executor.memory import MemoryTransport
from router.server import run as running
from router.server.run import Address, bind
from tests.support.certificates import Authority
from tests.support.small_graph import SUPERGRAPH, SmallGraph

ROOT, BODY = Authority("Root"), b'{"query":"{ __typename }"}'
BETWEEN = Authority("Between", ROOT)
OURS = BETWEEN.sign("localhost")
TLS = {"certificate": OURS.chain, "certificate_chain": BETWEEN.pem, "key": OURS.key}


def write_post(headers=0, padding=0):
    """A request with so many headers more than it needs, and so many bytes in one of them."""
    lines = [
        b"POST / HTTP/1.1",
        b"host: h",
        b"content-type: application/json",
        b"content-length: %d" % len(BODY),
    ]
    lines += [b"x-%d: %b" % (i, b"p" * (padding if i == 0 else 1)) for i in range(headers)]
    return b"\r\n".join([*lines, b"", BODY])


class Process:
    """What serves, from inside of it."""

    def __init__(self, server, port):
        self.server, self.port = server, port

    async def connect(self, **more):
        return await asyncio.open_connection("localhost", self.port, **more)

    async def ask(self, *sent, **more):
        """The status of the answer to some bytes."""
        reader, writer = await self.connect(**more)
        writer.write(b"".join(sent))
        status = int((await reader.readuntil(b"\r\n"))[9:12])
        writer.close()
        return status

    async def is_ending(self):
        return await self.server.on_tick(1)

    def end(self):
        self.server.handle_exit(signal.SIGTERM, None)


@pytest.fixture
def serving(monkeypatch):
    """Serves by a configuration in this very process, until a coroutine function has done with the `Process`."""

    def run(config, use, app=None):
        app = app or SmallGraph().build_app(config)
        socket = bind(Address("127.0.0.1", 0))

        async def serve(server, sockets, *_):
            async def use_it():
                async with asyncio.timeout(30):
                    while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
                        await asyncio.sleep(0)
                    await use(Process(server, socket.getsockname()[1]))

            using = asyncio.create_task(use_it())
            using.add_done_callback(lambda _: setattr(server, "_ends_at", 0.0))
            await server.serve(sockets)
            await using

        monkeypatch.setattr(running, "_serve", serve)
        monkeypatch.setattr(running.gc, "set_threshold", lambda *_: None)
        running.run(app, [socket], read_router_config(config, {}).server)

    return run


@pytest.mark.parametrize(
    ("limits", "accepted", "refused"),
    [
        ({}, write_post(97), write_post(98)),
        ({"http1_max_request_headers": 5}, write_post(2), write_post(3)),
        ({"http1_max_request_headers": 3}, write_post(0), write_post(1)),
        ({"http1_max_request_buf_size": 500}, write_post(1, 400), write_post(1, 500)),
        ({"http1_max_request_buf_size": "1kib"}, write_post(1, 900), write_post(1, 1024)),
        ({}, write_post(1, 65_000), write_post(1, 65_536)),
    ],
)
def test_heads_may_be_as_large_as_is_said(serving, limits, accepted, refused):
    async def use(process):
        assert (await process.ask(accepted), await process.ask(refused)) == (200, 431)

    serving({"limits": limits}, use)


@pytest.mark.parametrize(("http", "seconds"), [({}, 10), ({"header_read_timeout": "2m"}, 120)])
def test_a_head_may_take_as_long_as_is_said(serving, http, seconds):
    async def use(process):
        reader, writer = await process.connect()
        writer.write(b"POST / HTTP/1.1\r\n")
        while not (connections := process.server.server_state.connections):  # noqa: ASYNC110 -- uvicorn's
            await asyncio.sleep(0)
        (connection,) = connections
        while not connection._received:  # noqa: ASYNC110 -- nor for this
            await asyncio.sleep(0)
        for later_s in (0, seconds - 1):
            connection.scan(1e6 + later_s)
        assert not connection.transport.is_closing()
        connection.scan(1e6 + seconds)
        assert (await reader.read()).startswith(b"HTTP/1.1 408")
        writer.close()

    serving({"server": {"http": http}}, use)


def test_clients_are_shown_our_certificate_and_who_has_signed_it(serving):
    trusting = ssl.create_default_context(cadata=ROOT.pem)

    async def use(process):
        assert await process.ask(write_post(), ssl=trusting) == 200
        with pytest.raises(ssl.SSLError):
            await process.connect(ssl=ssl.create_default_context())

    serving({"tls": {"supergraph": TLS}}, use)


def test_it_says_that_it_ends_and_serves_on_for_the_time_that_is_said(serving):
    get = b"GET /health?ready HTTP/1.1\r\nhost: h\r\n\r\n"

    async def use(process):
        assert await process.ask(get) == 200
        process.end()
        assert (await process.ask(get), await process.ask(write_post())) == (503, 200)
        assert not await process.is_ending()
        # Who says so twice does not wait.
        process.end()
        assert await process.is_ending()

    serving({"supergraph": {"shutdown_delay": "1h"}}, use)


def test_it_ends_at_once_where_no_delay_is_said(serving):
    async def use(process):
        assert not await process.is_ending()
        process.end()
        assert await process.is_ending()

    serving({}, use)


def test_requests_under_way_get_no_time_where_none_is_said(serving):
    """A request that never ends does not hold up the end."""
    ended = []

    class Never(SmallGraph):
        async def hang(self, _request):
            asked.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

        @property
        def transport(self):
            return MemoryTransport({"users": self.hang})

    asked, config = asyncio.Event(), {"supergraph": {"connection_shutdown_timeout": "0s"}}

    async def use(process):
        reader, writer = await process.connect()
        body = b'{"query":"{ me { name } }"}'
        writer.write(write_post().replace(BODY, body).replace(b": 26", b": %d" % len(body)))
        await asked.wait()
        process.end()
        await reader.read()
        writer.close()

    serving(config, use, Never().build_app(config))
    assert ended


@pytest.fixture
def served(monkeypatch, tmp_path):
    """What `router serve` would serve with a configuration: its addresses, and the names of the files that it watches."""

    def run(config, *arguments):
        (tmp_path / "supergraph.graphql").write_text(SUPERGRAPH)
        (tmp_path / "router.yaml").write_text(json.dumps(config))
        found = []

        def serve_nothing(_app, addresses, _options, *, watched, **_):
            found.extend([addresses, {file.name for file in watched._files}])
            return 0

        monkeypatch.setattr(serve, "run_server", serve_nothing)
        monkeypatch.setattr(serve, "bind", lambda address: address.socket or f"{address.host}:{address.port}")
        monkeypatch.setattr(serve.gc, "freeze", lambda: None)
        files = ("-s", str(tmp_path / "supergraph.graphql"), "-c", str(tmp_path / "router.yaml"))
        assert main(["serve", *files, *arguments]) == 0
        return found

    return run


PROMETHEUS = {"exporters": {"metrics": {"prometheus": {"enabled": True}}}}
CACHE = {"enabled": True, "invalidation": {"listen": "127.0.0.1:4003"}}


@pytest.mark.parametrize(
    ("config", "addresses"),
    [
        ({}, ["127.0.0.1:4000"]),
        ({"supergraph": {"listen": "[::1]:1"}}, ["::1:1"]),
        ({"supergraph": {"listen": "unix:/run/r"}}, ["/run/r"]),
        ({"health_check": {"listen": "127.0.0.1:8088"}}, ["127.0.0.1:4000", "127.0.0.1:8088"]),
        ({"health_check": {"listen": "127.0.0.1:8088", "enabled": False}}, ["127.0.0.1:4000"]),
        ({"health_check": {"listen": "127.0.0.1:4000"}}, ["127.0.0.1:4000"]),
        ({"telemetry": PROMETHEUS}, ["127.0.0.1:4000", "127.0.0.1:9090"]),
        ({"response_cache": CACHE}, ["127.0.0.1:4000", "127.0.0.1:4003"]),
        ({"preview_entity_cache": CACHE}, ["127.0.0.1:4000", "127.0.0.1:4003"]),
        ({"response_cache": {**CACHE, "enabled": False}}, ["127.0.0.1:4000"]),
    ],
)
def test_it_listens_where_is_said(served, config, addresses):
    assert served(config)[0] == addresses


def test_the_command_line_goes_before_the_file(served):
    assert served({"supergraph": {"listen": "[::1]:1"}}, "--listen", "127.0.0.1:7")[0] == ["127.0.0.1:7"]


@pytest.mark.parametrize(
    ("persisted", "arguments", "watched"),
    [
        ({}, (), set()),
        ({"hot_reload": True}, (), {"manifest.json"}),
        ({}, ("--hot-reload",), {"supergraph.graphql", "router.yaml"}),
        ({"hot_reload": True}, ("--hot-reload",), {"supergraph.graphql", "router.yaml", "manifest.json"}),
    ],
)
def test_manifests_are_watched_where_that_is_said(served, tmp_path, persisted, arguments, watched):
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": []}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    config = {"enabled": True, "local_manifests": [str(tmp_path / "manifest.json")], **persisted}
    assert served({"persisted_queries": config}, *arguments)[1] == watched


HIDDEN = {f"display_{part}": False for part in ("timestamp", "level", "target", "trace_id", "span_id")}
PLACE = {"display_filename": True, "display_line_number": True}
LIMIT = {"enabled": True, "capacity": 2}
JSON, TEXT = '"message":"told"', "WARNING router.told: told"


@pytest.mark.parametrize(
    ("stdout", "expected", "count"),
    [
        ({}, JSON, 3),
        ({"format": "text"}, TEXT, 3),
        ({"format": "json"}, JSON, 3),
        ({"format": "json", "enabled": False}, "", 0),
        ({"format": {"json": HIDDEN}}, '{"message":"told","resource":{"a":"b","service', 3),
        ({"format": {"json": {**HIDDEN, **PLACE}}}, '{"filename":"test_process.py","line_number"', 3),
        ({"format": {"json": {**HIDDEN, "display_resource": False}}}, '{"message":"told"}', 3),
        ({"format": {"text": {**HIDDEN, "ansi_escape_codes": False}}}, "told", 3),
        ({"format": {"text": {**HIDDEN, **PLACE}}}, "test_process.py:", 3),
        ({"format": "json", "rate_limit": LIMIT}, JSON, 2),
        ({"format": "json", "rate_limit": {**LIMIT, "interval": "0s"}}, JSON, 3),
        ({"format": "json", "rate_limit": {**LIMIT, "enabled": False}}, JSON, 3),
    ],
)
def test_logs_are_written_as_is_said(served, capsys, stdout, expected, count):
    common = {"service_name": "s", "service_namespace": "n", "resource": {"a": "b"}}
    served({"telemetry": {"exporters": {"logging": {"common": common, "stdout": stdout}}}})
    for _ in range(3):
        logging.getLogger("router.told").warning("told")
    told = capsys.readouterr()
    own, other = (told.out, told.err) if stdout else (told.err, told.out)
    lines = [line for line in own.splitlines() if "told" in line]
    assert len(lines) == count
    assert "told" not in other
    assert all(expected in line for line in lines)
    shown = [json.loads(line)["resource"] for line in lines if "resource" in line]
    assert all(each == {"a": "b", "service.name": "s", "service.namespace": "n"} for each in shown)


@pytest.mark.parametrize(("is_terminal", "expected"), [(False, JSON), (True, TEXT)])
def test_logs_look_otherwise_where_a_terminal_shows_them(served, capsys, monkeypatch, is_terminal, expected):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    stdout = {"format": "json", "tty_format": "text"}
    served({"telemetry": {"exporters": {"logging": {"stdout": stdout}}}})
    logging.getLogger("router.told").warning("told")
    assert expected in capsys.readouterr().out
