"""`router.yaml`: Apollo's names and defaults, what is refused and what is only warned about."""

from pathlib import Path

import pytest
import yaml

from router.config.policies import load_policies
from router.config.problems import ConfigurationError
from router.config.router_yaml import RouterConfig, apply_development, read_router_config, read_router_yaml
from router.config.yaml_text import read_yaml
from router.executor.headers import (
    HeaderSource,
    InsertHeader,
    PropagateMatching,
    PropagateNamed,
    RemoveHeader,
    apply_rules,
)
from router.executor.options import Http2, SubgraphTraffic
from router.policy.options import ErrorPlace, OnTokenError

ROOT = Path(__file__).resolve().parents[4]


def read(text, **environment):
    return read_router_yaml(text, environment)


def problems(text, **environment):
    with pytest.raises(ConfigurationError) as caught:
        read(text, **environment)
    return caught.value.problems


def test_an_empty_file_is_apollos_defaults():
    config = read("")
    assert (config.server.listen, config.server.path) == ("127.0.0.1:4000", "/")
    assert config.pipeline.is_introspection_enabled is False
    assert config.pipeline.plan_cache_size == 512
    assert (config.pipeline.timeout_s, config.executor.traffic.all.timeout_s) == (30, 30)
    assert config.pipeline.limits.parser_max_tokens == 15_000
    assert config.server.body_bytes_max == 2_000_000
    assert config.server.csrf.is_enabled
    assert config.server.csrf.required_headers == ("x-apollo-operation-name", "apollo-require-preflight")
    assert config.server.health.path == "/health"
    assert config.executor.error_exposure.of_subgraph("x").is_included is False
    assert config.warnings == ()


def test_the_marketplaces_own_file_is_understood():
    config = read((ROOT / "router.yaml").read_text())
    assert config.warnings == ()
    assert (config.server.listen, config.server.path) == ("127.0.0.1:3000", "/graphql")
    assert config.pipeline.jwt is not None
    assert config.pipeline.jwt.jwks[0].url == "http://127.0.0.1:3001/.well-known/jwks.json"
    assert set(load_policies(config.pipeline.authorization.policies)) == {"verified_email", "recent_mfa"}
    other = read((ROOT / "router.yaml").read_text(), JWKS_URL="http://auth/k", ROUTER_INTROSPECTION="false")
    assert other.pipeline.jwt.jwks[0].url == "http://auth/k"
    assert other.pipeline.is_introspection_enabled is False


def test_an_unknown_key_is_refused_with_what_may_have_been_meant():
    assert problems("supergraf: {}") == ('line 1: supergraf is not known. Did you mean "supergraph"?',)
    assert problems("limits: {parser_max_token: 3}") == (
        'line 1: limits.parser_max_token is not known. Did you mean "parser_max_tokens"?',
    )
    assert problems("headers: {all: {request: [{propagate: {name: x}}]}}")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("spans: {router: {attributes: {x: {request_headers: a}}}}", "request_header"),
        ("events: {router: {requst: info}}", "request"),
        ("events: {router: {requst: {level: info}}}", "request"),
        ("instruments: {router: {http.server.request.duratoin: true}}", "http.server.request.duration"),
        ("instruments: {graphql: {field.executio: true}}", "field.execution"),
    ],
)
def test_where_names_are_the_users_own_those_that_are_near_are_told_too(text, meant):
    (problem,) = problems(f"telemetry:\n  instrumentation:\n    {text}")
    assert problem.startswith("line 3: telemetry.instrumentation.")
    assert problem.endswith(f'Did you mean "{meant}"?')


def test_a_mapping_may_have_been_read_as_yaml_1_1():
    text = "{message: m, level: info, on: error}"
    for event in (read_yaml(text), yaml.safe_load(text)):
        given = {
            "telemetry": {"instrumentation": {"events": {"supergraph": {"mine": event, "error": False}}}}
        }
        (found,) = read_router_config(given, {}).instrumentation.supergraph.events
        assert found.moment == "error"


def test_an_attribute_that_is_no_standard_one_is_a_warning_with_what_may_have_been_meant():
    text = "telemetry: {instrumentation: {spans: {router: {attributes: {http.request.metod: true}}}}}"
    (warning,) = read(text).warnings
    assert warning.endswith('Did you mean "http.request.method"?')


def test_a_key_of_apollos_without_effect_is_one_warning():
    config = read("rhai: {scripts: x}\nsupergraph: {early_cancel: true, generate_query_fragments: false}")
    assert config.warnings == (
        "supergraph.early_cancel is not supported yet and has no effect: an operation whose client has gone runs to its end",
        "rhai is not supported yet and has no effect: write hooks in Python (docs/hooks.md), or a coprocessor",
    )


def test_all_problems_are_told_at_once():
    text = "supergraph: {introspection: maybe, path: x}\nlimits: {parser_max_tokens: -1, http_max_request_bytes: 3x}"
    assert len(problems(text)) == 4


@pytest.mark.parametrize(
    "text", ["[]", "a: [", "supergraph: 3", "cors: {policies: [{match_origins: ['(']}]}"]
)
def test_what_is_no_configuration_is_refused(text):
    assert problems(text)


def test_values_come_from_the_environment_and_from_files(tmp_path):
    (tmp_path / "secret").write_text("s3\n")
    text = f"""
supergraph: {{listen: "${{env.HOST}}:${{env.PORT:-4001}}", introspection: "${{env.INTRO:-true}}"}}
headers:
  all:
    request:
      - insert: {{name: X-Secret, value: "${{file.{tmp_path}/secret}}"}}
      - insert: {{name: x-price, value: "$$5"}}
"""
    config = read(text, HOST="0.0.0.0")  # noqa: S104 -- nothing listens
    assert config.server.listen == "0.0.0.0:4001"
    assert config.pipeline.is_introspection_enabled is True
    assert config.executor.headers.all == (InsertHeader("x-secret", "s3"), InsertHeader("x-price", "$5"))
    assert "environment variable" in problems("supergraph: {path: '${env.NOPE}'}")[0]
    assert "no such file" in problems("supergraph: {path: '${file./nope/nope}'}")[0]


TIMES = [
    *(
        ("30s", 30),
        ("500ms", 0.5),
        ("1hour 30s", 3630),
        ("2min", 120),
        ("1.5s", 1.5),
        ("0s", 0),
        (" 1h30m ", 5400),
    ),
    *(("1nanos", 1e-9), ("1nsec", 1e-9), ("2ns", 2e-9), ("1usec", 1e-6), ("1us", 1e-6), ("1millis", 0.001)),
    *(("1msec", 0.001), ("2 seconds", 2), ("1second", 1), ("1secs", 1), ("1sec", 1), ("1minutes", 60)),
    *(
        ("1minute", 60),
        ("1mins", 60),
        ("1m", 60),
        ("1hours", 3600),
        ("1hrs", 3600),
        ("1hr", 3600),
        ("1h", 3600),
    ),
    *(
        ("1days", 86400),
        ("1day", 86400),
        ("1d", 86400),
        ("1weeks", 604800),
        ("1week", 604800),
        ("1w", 604800),
    ),
    *(("1months", 2630016), ("1month", 2630016), ("1M", 2630016), ("1years", 31557600), ("1year", 31557600)),
    *(("1y", 31557600), ("100y", 3155760000)),
]
"""As humantime reads them."""


@pytest.mark.parametrize(("text", "seconds"), TIMES)
def test_times_have_units(text, seconds):
    read_s = read(f"traffic_shaping: {{router: {{timeout: '{text}'}}}}").pipeline.timeout_s
    assert read_s == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize(
    "text", ["30", "s", "30 parsecs", "-1s", "true", "1S", "1e3s", "1,5s", '"\\u0661s"', "", "[1s]", "101y"]
)
def test_other_times_are_refused(text):
    if text:
        (problem,) = problems(f"traffic_shaping:\n  router:\n    timeout: {text}")
        assert problem.startswith(
            "line 3: traffic_shaping.router.timeout must be a time such as 30s or 500ms"
        )
    else:
        assert read("traffic_shaping: {router: {timeout: }}").pipeline.timeout_s == 30


def test_timeouts_are_inherited_by_subgraphs():
    config = read(
        "traffic_shaping: {all: {timeout: 5s}, subgraphs: {a: {timeout: 1s}, b: {}}, deduplicate_variables: true}"
    )
    traffic = config.executor.traffic
    assert [traffic.of_subgraph(name).timeout_s for name in "abc"] == [1, 5, 5]
    assert config.warnings == ()


def test_the_way_to_each_subgraph_can_be_set():
    config = read(
        "traffic_shaping: {all: {pool_idle_timeout: 1min}, subgraphs: {a: {experimental_http2: http2only}}}"
    )
    traffic = config.executor.traffic
    assert traffic.of_subgraph("a") == SubgraphTraffic(connection_idle_s=60, http2=Http2.ONLY)
    assert traffic.of_subgraph("b") == SubgraphTraffic(connection_idle_s=60)
    assert problems("traffic_shaping: {all: {experimental_http2: sometimes}}")


SIZES = [
    *(
        ("2mb", 2_000_000),
        ("1KiB", 1024),
        ("7", 7),
        ("0", 0),
        ("1b", 1),
        ("1k", 1000),
        ("1 kb", 1000),
        ("1.5MB", 1_500_000),
    ),
    *(
        ("1M", 1_000_000),
        ("1Mi", 1 << 20),
        ("1g", 10**9),
        ("1gib", 1 << 30),
        ("1t", 10**12),
        ("1tib", 1 << 40),
    ),
    *(("1pb", 10**15), ("1p", 10**15), ("1ki", 1024), ("0.5kib", 512), ("1.1kb", 1100)),
]
"""As Rust's bytesize reads them."""


@pytest.mark.parametrize(("text", "count"), SIZES)
def test_sizes_have_units(text, count):
    assert read(f"limits: {{http_max_request_bytes: {text}}}").server.body_bytes_max == count


@pytest.mark.parametrize("text", ["-1", "1.5", "true", "mb", "1 mbit", "2m b", "[2]", '"\\u0661"'])
def test_other_sizes_are_refused(text):
    (problem,) = problems(f"limits: {{http_max_request_bytes: {text}}}")
    assert problem == "line 1: limits.http_max_request_bytes must be a size such as 2000000 or 2mb"


SOMEWHERE = """
# A comment.
headers:
  all:
    request:
      - propagate: {named: a}
      - insert:
          name: b
  subgraphs:
    some.name: {request: [], wrong: 1}
override_subgraph_url:
  a: http://a

  b: ftp://b
limits:
  max_depth: -1
  <<: &more
    max_height: x
cors:
  policies:
    - origins: ["*"]
traffic_shaping:
  all: {circuit_breaker: {error_threshold: 2}}
"""


def test_a_problem_says_in_which_line_it_is():
    lines = {problem.split(" ", 3)[2]: int(problem.split(" ")[1][:-1]) for problem in problems(SOMEWHERE)}
    assert lines == {
        "traffic_shaping.all.circuit_breaker.error_threshold": 23,
        "limits.max_depth": 16,
        # What is merged stands elsewhere.
        "limits.max_height": 15,
        "headers.all.request[1].insert.value": 7,
        "headers.subgraphs.some.name.wrong": 10,
        "override_subgraph_url": 11,
        "cors.policies[0].origins": 21,
    }


def test_authentication_takes_apollos_keys():
    config = read("""
authentication:
  router:
    jwt:
      header_name: X-Token
      header_value_prefix: Token
      ignore_other_prefixes: true
      on_error: Continue
      sources: [{type: cookie, name: session}, {type: header, name: X-Other}]
      jwks:
        - {url: "https://issuer/jwks", issuers: [a, b], audiences: [c], algorithms: [ES256], poll_interval: 2m, allow_missing_exp: true, headers: [{name: U, value: V}]}
""")
    jwt = config.pipeline.jwt
    assert [source.name for source in jwt.sources] == ["x-token", "session", "x-other"]
    assert (jwt.ignore_other_prefixes, jwt.on_error) == (True, OnTokenError.CONTINUE)
    source = jwt.jwks[0]
    assert (source.issuers, source.audiences, source.algorithms) == ({"a", "b"}, {"c"}, {"ES256"})
    assert (source.poll_interval_s, source.headers, source.allow_missing_exp) == (120, (("u", "V"),), True)


def test_authentication_refuses_what_would_be_a_hole():
    assert problems("authentication: {router: {jwt: {}}}")
    assert problems("authentication: {router: {jwt: {jwks: [{url: 'ftp://x'}]}}}")
    assert problems("authentication: {router: {jwt: {jwks: [{url: 'https://x', algorithms: [none]}]}}}")
    assert problems("authentication: {router: {jwt: {jwks: [{url: 'https://x'}], on_error: Ignore}}}")
    # With it no token would ever be found.
    assert problems(
        "authentication: {router: {jwt: {jwks: [{url: 'https://x'}], header_value_prefix: 'A '}}}"
    )
    assert problems(
        "authentication: {router: {jwt: {jwks: [{url: 'https://x'}], sources: [{name: a, value_prefix: 'A B'}]}}}"
    )


@pytest.mark.parametrize(
    "text",
    [
        'cors: {allow_headers: ["x y"]}',
        'cors: {policies: [{expose_headers: ["a\\r\\nset-cookie: b"]}]}',
        "cors: {methods: [FOO BAR]}",
        "csrf: {required_headers: ['a:']}",
        "authentication: {router: {jwt: {jwks: [{url: 'https://x', headers: [{name: 'a b', value: c}]}]}}}",
    ],
)
def test_names_that_no_header_has_are_refused(text):
    assert problems(text)


def test_a_health_path_may_be_written_without_its_slash():
    assert read("health_check: {path: up}").server.health.path == "/up"


def test_authorization_takes_apollos_keys():
    options = read("""
authorization:
  require_authentication: true
  directives: {enabled: true, dry_run: true, reject_unauthorized: true, errors: {log: false, response: extensions}}
  policies: {p: "module:function"}
""").pipeline.authorization
    assert (options.is_dry_run, options.is_unauthorized_rejected, options.is_logged) == (True, True, False)
    assert (options.error_place, options.require_authentication) == (ErrorPlace.EXTENSIONS, True)
    assert options.policies == {"p": "module:function"}
    assert problems("authorization: {policies: {p: function}}")


def test_policies_must_be_async_functions_that_exist():
    for name in ("nowhere:f", "json:nothing", "json:dumps"):
        with pytest.raises(ConfigurationError):
            load_policies({"p": name})


def test_errors_of_subgraphs_are_shown_as_far_as_it_says():
    exposure = read("""
include_subgraph_errors:
  all: {redact_message: true, allow_extensions_keys: [code, other]}
  subgraphs:
    a: false
    b: {redact_message: false, exclude_global_keys: [other]}
    c: true
""").executor.error_exposure
    assert exposure.of_subgraph("a").is_included is False
    assert exposure.of_subgraph("b").allowed_keys == {"code"}
    assert (exposure.of_subgraph("b").is_message_redacted, exposure.of_subgraph("x").is_message_redacted) == (
        False,
        True,
    )
    assert exposure.of_subgraph("c").allowed_keys is None


def test_credentials_for_every_origin_are_refused():
    assert problems("cors: {allow_any_origin: true, allow_credentials: true}")
    assert read("cors: {policies: []}").server.cors.find_policy("https://studio.apollographql.com") is None
    assert read("").server.cors.find_policy("https://studio.apollographql.com") is not None
    matching = read(
        "cors: {policies: [{match_origins: ['https://.*[.]example'], methods: [POST]}]}"
    ).server.cors
    assert matching.find_policy("https://a.example").methods == ("POST",)
    assert matching.find_policy("https://a.example.evil") is None


def test_development_shows_everything():
    config = apply_development(read("homepage: {enabled: false}"))
    assert config.pipeline.is_introspection_enabled
    assert config.executor.error_exposure.of_subgraph("x").is_included
    assert config.server.studio is not None
    assert read("homepage: {enabled: false}").server.studio is None


CLIENT = (
    ("authorization", "B"),
    ("x-a", "1"),
    ("x-a", "2"),
    ("x-b", "3"),
    ("host", "h"),
    ("content-length", "9"),
)


def rules(text):
    return read_router_config({"headers": {"all": {"request": text}}}, {}).executor.headers.all


def test_the_first_rule_that_yields_a_header_wins():
    read_rules = rules(
        [
            {"propagate": {"named": "X-None", "rename": "x-id"}},
            {"propagate": {"named": "x-b", "rename": "x-id"}},
            {"propagate": {"named": "x-a", "rename": "x-id", "default": "d"}},
        ]
    )
    assert all(isinstance(rule, PropagateNamed) for rule in read_rules)
    assert apply_rules(read_rules, HeaderSource(CLIENT)) == (("x-id", "3"),)
    assert apply_rules(read_rules, HeaderSource(())) == (("x-id", "d"),)


def test_matching_passes_all_values_and_never_reserved_headers():
    read_rules = rules([{"propagate": {"matching": ".*"}}, {"remove": {"named": "x-b"}}])
    assert isinstance(read_rules[0], PropagateMatching)
    assert isinstance(read_rules[1], RemoveHeader)
    assert apply_rules(read_rules, HeaderSource(CLIENT)) == (
        ("authorization", "B"),
        ("x-a", "1"),
        ("x-a", "2"),
    )
    assert apply_rules(rules([{"propagate": {"named": "host"}}]), HeaderSource(CLIENT)) == ()


def test_the_default_options_are_those_of_an_empty_file():
    assert read("homepage: {enabled: false}") == RouterConfig()
