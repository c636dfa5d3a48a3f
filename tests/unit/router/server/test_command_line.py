"""`python -m router`: exit codes, output, and a served process that reloads and ends in good order."""

import asyncio
import json
import signal
import socket
import ssl
import sys
from contextlib import suppress

import httpx
import pytest

from router.__main__ import main
from router.server.run import Address, read_address
from tests.support.certificates import Authority
from tests.support.listening import listening, read_http
from tests.support.ports import free_ports
from tests.support.served_router import serving, until
from tests.support.small_graph import SUPERGRAPH


@pytest.fixture
def supergraph(tmp_path):
    path = tmp_path / "supergraph.graphql"
    path.write_text(SUPERGRAPH)
    return path


def test_plan_prints_text_or_json(supergraph, capsys):
    assert main(["plan", "-s", str(supergraph), "-o", "{ me { id } }"]) == 0
    assert 'Fetch(service: "users")' in capsys.readouterr().out
    assert main(["plan", "-s", str(supergraph), "-o", "{ me { id } }", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["node"]["serviceName"] == "users"


def test_plan_reads_a_file(supergraph, tmp_path, capsys):
    (tmp_path / "q.graphql").write_text("{ me { id } }")
    assert main(["plan", "-s", str(supergraph), "-o", str(tmp_path / "q.graphql")]) == 0
    assert main(["plan", "-s", str(supergraph), "-o", str(tmp_path / "none.graphql")]) == 1
    assert "none.graphql" in capsys.readouterr().err


SUBGRAPH = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { hello: String }
"""


@pytest.fixture
def subgraphs(tmp_path):
    (tmp_path / "a.graphql").write_text(SUBGRAPH)
    path = tmp_path / "supergraph.yaml"
    path.write_text("subgraphs: {a: {routing_url: 'http://a.invalid', schema: {file: a.graphql}}}")
    return path


def test_compose_writes_the_supergraph(subgraphs, tmp_path, capsys):
    assert main(["compose", "--config", str(subgraphs)]) == 0
    printed = capsys.readouterr().out
    assert "join__Graph" in printed
    assert main(["compose", "--config", str(subgraphs), "--output", str(tmp_path / "out.graphql")]) == 0
    assert (tmp_path / "out.graphql").read_text() == printed


def test_what_does_not_compose_is_1_with_every_reason(subgraphs, tmp_path, capsys):
    (tmp_path / "a.graphql").write_text('type Query { a: String } type A @key(fields: "nope") { id: ID! }')
    assert main(["compose", "--config", str(subgraphs)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error[KEY_INVALID_FIELDS]: ")


async def test_subgraphs_can_be_composed_and_served_at_once_and_are_when_they_change(subgraphs, tmp_path):
    async with serving("--supergraph-config", str(subgraphs), "--hot-reload", "--dev") as (_, client):
        assert await find_type(client, "Added") is None
        (tmp_path / "a.graphql").write_text(
            SUBGRAPH + "type Added { x: Int } extend type Query { added: Added }"
        )

        async def is_added():
            return await find_type(client, "Added") is not None

        await until(is_added)


@pytest.mark.parametrize("operation", ["{ nope }", "{ me {", "query A { me { id } } query B { me { id } }"])
def test_what_cannot_be_planned_is_1(supergraph, capsys, operation):
    assert main(["plan", "-s", str(supergraph), "-o", operation]) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_a_wrong_call_is_2(capsys):
    for arguments in ([], ["serve"], ["plan"], ["nothing"], ["serve", "-s", "a", "--supergraph-config", "b"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0


def test_what_cannot_be_served_is_1(supergraph, tmp_path, capsys):
    (tmp_path / "router.yaml").write_text("supergraf: {}")
    assert main(["serve", "-s", str(supergraph), "-c", str(tmp_path / "router.yaml")]) == 1
    assert "Did you mean" in capsys.readouterr().err
    (tmp_path / "plain.graphql").write_text("type Query { a: Int }")
    # Flags of Apollo Router's that there is no need for are taken.
    flags = ["--license", "l", "--anonymous-telemetry-disabled"]
    assert main(["serve", "-s", str(tmp_path / "plain.graphql"), *flags]) == 1


def test_addresses():
    assert read_address("127.0.0.1:4000") == Address("127.0.0.1", 4000)
    assert read_address("[::1]:1") == Address("::1", 1)
    assert read_address("unix:/run/x.sock").socket == "/run/x.sock"
    for text in ("4000", "host", "host:", ":1", "host:99999", "host:-1"):
        with pytest.raises(ValueError, match="no address"):
            read_address(text)


async def find_type(client, name):
    query = f'{{ __type(name: "{name}") {{ name }} }}'
    return (await client.post("/", json={"query": query})).json()["data"]["__type"]


async def test_a_changed_supergraph_is_served_and_a_broken_one_is_not(supergraph):
    async with serving("-s", str(supergraph), "--hot-reload", "--dev") as (process, client):
        assert await find_type(client, "Added") is None
        supergraph.write_text("this is no supergraph")
        process.send_signal(signal.SIGHUP)
        assert (await client.post("/", json={"query": "{ __typename }"})).json() == {
            "data": {"__typename": "Query"}
        }
        new = supergraph.with_suffix(".new")
        new.write_text(
            SUPERGRAPH + "enum Added @join__type(graph: USERS) { A @join__enumValue(graph: USERS) }"
        )
        new.rename(supergraph)

        async def is_added():
            return await find_type(client, "Added") is not None

        await until(is_added)
        process.terminate()
        assert await process.wait() == 0


async def test_the_end_waits_for_requests_under_way(supergraph, tmp_path):
    started, release = asyncio.Event(), asyncio.Event()

    async def answer(reader, writer):
        await read_http(reader)
        started.set()
        await release.wait()
        body = b'{"data":{"me":{"name":"slow"}}}'
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
            + body
        )

    config = tmp_path / "router.yaml"
    async with listening(answer) as port:
        config.write_text(f"override_subgraph_url: {{users: 'http://127.0.0.1:{port}/graphql'}}")
        async with serving("-s", str(supergraph), "-c", str(config)) as (process, client):
            request = asyncio.create_task(client.post("/", json={"query": "{ me { name } }"}))
            await started.wait()
            process.terminate()
            release.set()
            assert (await request).json() == {"data": {"me": {"name": "slow"}}}
            assert await process.wait() == 0


async def test_health_can_have_an_address_of_its_own(supergraph, tmp_path):
    config, port = tmp_path / "router.yaml", free_ports(1)[0]
    config.write_text(f"health_check: {{listen: '127.0.0.1:{port}', path: /up}}")
    async with serving("-s", str(supergraph), "-c", str(config), up=f"http://127.0.0.1:{port}/up") as (
        _,
        client,
    ):
        assert (await client.get("/up")).status_code == 404
        assert (await client.post("/", json={"query": "{ __typename }"})).status_code == 200
        beside = await client.post(f"http://127.0.0.1:{port}/", json={"query": "{ __typename }"})
        assert beside.status_code == 404


def test_a_port_that_is_taken_is_1(supergraph, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert main(["serve", "-s", str(supergraph), "--listen", address, "--log", "off"]) == 1
    assert "in use" in capsys.readouterr().err


async def test_requests_that_never_end_are_cut_off_in_the_end(supergraph, tmp_path):
    async def hang(_reader, _writer):
        await asyncio.Event().wait()

    config = tmp_path / "router.yaml"
    async with listening(hang) as port:
        config.write_text(
            f"override_subgraph_url: {{users: 'http://127.0.0.1:{port}/graphql'}}\n"
            "supergraph: {connection_shutdown_timeout: 1s}"
        )
        async with serving("-s", str(supergraph), "-c", str(config)) as (process, client):
            request = asyncio.create_task(client.post("/", json={"query": "{ me { name } }"}, timeout=60))
            _, slow = await asyncio.open_connection(client.base_url.host, client.base_url.port)
            slow.write(b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\n")
            await asyncio.sleep(0.1)
            process.terminate()
            async with asyncio.timeout(30):
                assert await process.wait() == 0
            await asyncio.gather(request, return_exceptions=True)
            slow.close()
            with suppress(ConnectionError):
                await slow.wait_closed()


async def test_clients_can_be_served_over_tls(supergraph, tmp_path):
    authority = Authority()
    authority.sign("localhost").write(tmp_path, "server")
    config = tmp_path / "router.yaml"
    config.write_text(
        f"tls: {{supergraph: {{certificate: '${{file.{tmp_path}/server.pem}}', key: '${{file.{tmp_path}/server.key}}'}}}}"
    )
    (port,) = free_ports(1)
    trusting = ssl.create_default_context(cadata=authority.pem)
    command = [
        "serve",
        "-s",
        str(supergraph),
        "-c",
        str(config),
        "--listen",
        f"127.0.0.1:{port}",
        "--log",
        "off",
    ]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "router", *command)
    try:
        async with httpx.AsyncClient(base_url=f"https://localhost:{port}", verify=trusting) as client:

            async def is_up():
                try:
                    return (await client.post("/", json={"query": "{ __typename }"})).status_code == 200
                except httpx.TransportError:
                    return False

            await until(is_up)
        async with httpx.AsyncClient(base_url=f"https://localhost:{port}") as client:
            with pytest.raises(httpx.ConnectError):
                await client.get("/health")
    finally:
        process.terminate()
    assert await process.wait() == 0
