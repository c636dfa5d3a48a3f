"""The dashboard asks for metrics that there are, and what it is shown with starts only when asked for."""

import json
import re

import yaml

from router.telemetry.metrics import get_metrics
from subgraphs.common.settings import PORTS
from tests.unit.architecture.sources import ROOT

DASHBOARD = json.loads((ROOT / "observability/grafana/dashboards/router.json").read_text())
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


OF_SUBGRAPHS = {
    "subgraph_request_duration_seconds": {"operation", "status"},
    "subgraph_waiting": {"queue"},
    "subgraph_database_connections": {"state"},
}
"""As tests/subgraph/access/test_metrics.py finds them."""


def test_every_metric_of_the_dashboard_is_one_of_the_routers_or_the_subgraphs():
    known = {metric.name: metric for metric in get_metrics().registry.collect()} | OF_SUBGRAPHS
    labels = OF_SUBGRAPHS | {
        each._name: set(each._labelnames)
        for each in vars(get_metrics()).values()
        if hasattr(each, "_labelnames")
    }
    asked = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    assert len(asked) > 12
    for expression in asked:
        (name,) = set(re.findall(r"\b(?:http|apollo|subgraph)_[a-z_]+", expression)) - {
            "http_response_status_code",
            "subgraph_name",
        }
        name = re.sub(r"_(bucket|count|total)$", "", name)
        assert name in known, expression
        grouped = re.findall(r"by \(([^)]*)\)", expression) + re.findall(r"(\w+)!?=\"", expression)
        named = {label.strip() for group in grouped for label in group.split(",")} - {"le", "instance"}
        assert named <= labels[name], expression


def test_places_do_not_overlap():
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)


def test_what_shows_them_is_a_profile_of_its_own():
    observing = {
        name for name, service in COMPOSE["services"].items() if service.get("profiles") == ["observe"]
    }
    assert observing == {"prometheus", "grafana", "jaeger"}
    for name in observing:
        for volume in COMPOSE["services"][name].get("volumes", ()):
            assert (ROOT / volume.partition(":")[0]).exists()


def test_the_subgraphs_are_told_the_collector_and_prometheus_the_router():
    services = COMPOSE["services"]
    for name in ("auth", "products", "orders", "payments", "users", "router"):
        assert "OTEL_EXPORTER_OTLP_ENDPOINT" in services[name]["environment"]
    scraped = yaml.safe_load((ROOT / "observability/prometheus.yml").read_text())
    (target,), of_subgraphs = (job["static_configs"][0]["targets"] for job in scraped["scrape_configs"])
    assert target.endswith(services["router"]["environment"]["ROUTER_METRICS_LISTEN"].rpartition(":")[2])
    assert of_subgraphs == [
        f"{name}:{port}" for name, port in sorted(PORTS.items(), key=lambda each: each[1])
    ]
