"""A file of a team that moves from Apollo Router: it is taken as it is, and what has no effect here is told once each."""

from router.config.router_yaml import read_router_yaml

FILE = """
supergraph:
  listen: 0.0.0.0:4000
  path: /graphql
  introspection: false
  defer_support: true
  query_planning:
    warmed_up_queries: 100
    cache: {in_memory: {limit: 2048}}
homepage: {enabled: false}
health_check: {enabled: true, listen: 0.0.0.0:8088, path: /health}
csrf: {required_headers: [x-apollo-operation-name, apollo-require-preflight]}
cors:
  policies:
    - origins: [https://shop.example.org]
      allow_credentials: true
    - match_origins: ['https://.*[.]example[.]org']
limits:
  max_depth: ${env.MAX_DEPTH:-15}
  max_height: 200
  max_aliases: 30
  max_root_fields: 20
  parser_max_tokens: 15000
  http_max_request_bytes: 2mb
  warn_only: false
authentication:
  router:
    jwt:
      header_name: Authorization
      header_value_prefix: Bearer
      on_error: Error
      sources: [{type: cookie, name: session}]
      jwks:
        - url: https://issuer.example.org/jwks.json
          issuers: [https://issuer.example.org]
          audiences: [shop]
          algorithms: [RS256]
          poll_interval: 5m
authorization:
  require_authentication: false
  directives: {enabled: true, reject_unauthorized: false, errors: {log: true, response: errors}}
preview_demand_control:
  enabled: true
  mode: enforce
  strategy: {static_estimated: {list_size: 10, max: 1000, subgraph: {subgraphs: {reviews: {list_size: 100}}}}}
apq: {enabled: false}
persisted_queries:
  enabled: true
  log_unknown: true
  local_manifests: [./manifest.json]
  safelist: {enabled: true, require_id: true}
batching: {enabled: true, mode: batch_http_link, maximum_size: 10}
headers:
  all:
    request:
      - propagate: {matching: ^x-.*}
      - remove: {named: x-internal}
      - insert: {name: x-gateway, value: router}
include_subgraph_errors:
  all: {redact_message: true, allow_extensions_keys: [code]}
  subgraphs: {reviews: true}
traffic_shaping:
  router: {timeout: 50s}
  all: {timeout: 30s, deduplicate_query: true, compression: gzip}
  subgraphs: {reviews: {timeout: 5s}}
override_subgraph_url: {reviews: http://reviews:4001/graphql}
rhai: {scripts: ./rhai, main: main.rhai}
"""


def test_every_key_is_taken():
    config = read_router_yaml(FILE, {"MAX_DEPTH": "9"})
    pipeline = config.pipeline
    assert (pipeline.limits.max_depth, pipeline.limits.max_aliases) == (9, 30)
    assert pipeline.jwt.sources[0].name == "authorization"
    assert pipeline.jwt.jwks[0].poll_interval_s == 300
    assert (pipeline.demand.is_enforced, pipeline.demand.max) == (True, 1000)
    assert pipeline.demand.of_subgraph("reviews").list_size == 100
    assert (pipeline.apq, pipeline.persisted.is_id_required) == (None, True)
    assert config.server.batching.size_max == 10
    assert config.executor.error_exposure.of_subgraph("products").allowed_keys == {"code"}
    assert config.executor.error_exposure.of_subgraph("reviews").is_included


def test_what_has_no_effect_or_another_name_is_told_once():
    warnings = read_router_yaml(FILE, {}).warnings
    assert len(set(warnings)) == len(warnings)
    assert (
        "preview_demand_control is demand_control now; `python -m router config upgrade` rewrites the file"
        in warnings
    )
    assert any(each.startswith("rhai is not supported yet and has no effect: ") for each in warnings)
