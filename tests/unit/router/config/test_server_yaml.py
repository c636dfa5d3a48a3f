"""`router.yaml`: connections of clients and to subgraphs."""

import json

import pytest

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_yaml
from router.server.options import ConnectionOptions, DedupeOptions, ShutdownOptions
from tests.support.certificates import Authority

AUTHORITY = Authority()
SHOWN, OTHER = AUTHORITY.sign("router"), AUTHORITY.sign("other")


def read(text):
    return read_router_yaml(text, {})


def problems(text):
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    return caught.value.problems


def test_the_bounds_on_connections_have_apollos_names():
    config = read(
        "server: {http: {header_read_timeout: 2s}}\n"
        "limits: {http1_max_request_headers: 7, http1_max_request_buf_size: 9kb}\n"
        "traffic_shaping: {router: {timeout: 5s}}\n"
        "supergraph: {connection_shutdown_timeout: 3s, shutdown_delay: 4s}"
    )
    assert config.server.connection == ConnectionOptions(
        head_bytes_max=9000, headers_max=7, head_timeout_s=2, body_timeout_s=5
    )
    assert config.server.shutdown == ShutdownOptions(delay_s=4, drain_s=3)
    assert config.warnings == ()


def test_the_defaults_are_apollos():
    config = read("")
    connection = config.server.connection
    assert (connection.headers_max, connection.head_timeout_s, connection.body_timeout_s) == (100, 10, 30)
    assert config.server.shutdown == ShutdownOptions(delay_s=0, drain_s=60)


def test_fetches_and_requests_can_be_shared():
    config = read(
        "traffic_shaping: {router: {dedupe: {enabled: true, headers: {include: [X-A]}}},"
        " all: {deduplicate_query: true}, subgraphs: {a: {deduplicate_query: false}, b: {}}}"
    )
    assert config.server.dedupe == DedupeOptions(True, frozenset({"x-a"}), is_simultaneous=False)
    traffic = config.executor.traffic
    assert [traffic.of_subgraph(name).is_deduplicated for name in "abc"] == [False, True, True]
    for text, headers in (("all", None), ("none", frozenset())):
        config = read(f"traffic_shaping: {{router: {{dedupe: {{enabled: true, headers: {text}}}}}}}")
        assert config.server.dedupe == DedupeOptions(True, headers)
    assert problems("traffic_shaping: {router: {dedupe: {headers: some}}}")
    assert problems("traffic_shaping: {router: {dedupe: {headers: {exclude: [a]}}}}")


def test_a_proxy_can_be_named():
    traffic = read("traffic_shaping: {all: {proxy: 'http://p:1'}, subgraphs: {a: {}}}").executor.traffic
    assert traffic.of_subgraph("a").proxy == traffic.all.proxy == "http://p:1"


def test_requests_to_subgraphs_can_be_packed():
    text = "traffic_shaping: {all: {compression: gzip}, subgraphs: {a: {compression: identity}, b: {}}}"
    traffic = read(text).executor.traffic
    assert [traffic.of_subgraph(name).encoding for name in "abc"] == [None, "gzip", "gzip"]
    assert problems("traffic_shaping: {all: {compression: zip}}")


def test_subgraphs_may_be_behind_unix_sockets():
    url = "unix:///run/a.sock?path=/graphql"
    assert read(f"override_subgraph_url: {{a: '{url}'}}").subgraph_urls == {"a": url}
    assert problems("override_subgraph_url: {a: 'unix:relative'}")


def write_tls(**keys):
    return f"tls: {{subgraph: {{all: {json.dumps(keys)}, subgraphs: {{a: {{}}}}}}}}"


def test_authorities_and_certificates_are_pem():
    shown = {"certificate_chain": SHOWN.chain, "key": SHOWN.key}
    tls = read(write_tls(certificate_authorities=AUTHORITY.pem, client_authentication=shown)).executor.tls
    assert tls.of_subgraph("a") == tls.all
    assert (tls.all.certificate_authorities, tls.all.key) == (AUTHORITY.pem, SHOWN.key)
    assert SHOWN.key not in repr(tls)


@pytest.mark.parametrize(
    "keys",
    [
        {"certificate_authorities": "no PEM"},
        {"client_authentication": {"certificate_chain": SHOWN.chain}},
        {"client_authentication": {"certificate_chain": SHOWN.chain, "key": OTHER.key}},
        {"client_authentication": {"certificate_chain": "no PEM", "key": "no PEM"}},
        {"verify": False},
    ],
)
def test_what_is_none_is_told(keys):
    found = problems(write_tls(**keys))
    assert any("tls.subgraph.all" in each for each in found)
    assert "PRIVATE KEY" not in "".join(found)


def write_server_tls(**keys):
    return f"tls: {{supergraph: {json.dumps(keys)}}}"


def test_clients_are_shown_a_certificate():
    assert read("").server.tls is None
    tls = read(
        write_server_tls(certificate=SHOWN.chain, certificate_chain=AUTHORITY.pem, key=SHOWN.key)
    ).server.tls
    assert tls is not None
    assert SHOWN.key not in repr(tls)
    for keys in ({"certificate": SHOWN.chain}, {"certificate": SHOWN.chain, "key": OTHER.key}, {"key": "x"}):
        assert problems(write_server_tls(**keys))
