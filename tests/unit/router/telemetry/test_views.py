"""Metrics as they are to be seen: views, what is said of the whole router, and sums since the last time."""

import asyncio
import re
import threading

import pytest
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricExportResult

from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.telemetry.metrics import Metrics
from router.telemetry.options import CustomInstrument, MetricsOptions, PushOptions, View
from router.telemetry.push import MetricsPush

COUNTER = CustomInstrument("acme.orders", is_histogram=False, labels=("shop.id", "kind"))
HISTOGRAM = CustomInstrument("acme.wait", is_histogram=True, unit="s", labels=("shop.id",))
COUNTED = ((COUNTER, 1, "a", "x"), (COUNTER, 2, "a", "y"), (COUNTER, 4, "b", "x"), (HISTOGRAM, 0.2, "a", ""))


def count(*views, labels=()):
    metrics = Metrics(MetricsOptions(views=views, labels=labels))
    for instrument, value, shop, kind in COUNTED:
        metrics.count(instrument, value, {"shop.id": shop, "kind": kind})
    metrics.hand_over()
    return metrics


def see(*views, labels=()):
    lines = count(*views, labels=labels).write().decode().splitlines()
    samples = [line.rpartition(" ") for line in lines if not line.startswith("#") and "_created" not in line]
    return {name: float(value) for name, _, value in samples if float(value)}


def test_a_metric_may_be_dropped():
    assert 'acme_orders_total{kind="x",shop_id="b"}' in see()
    assert not any("acme" in name for name in see(View("acme.*", is_dropped=True)))
    assert see(View("acme.order?", is_dropped=True))["acme_wait_seconds_count" + '{shop_id="a"}'] == 1
    assert see(View("acme.order", is_dropped=True)) == see()


def test_labels_that_are_not_allowed_are_added_up():
    seen = see(View("acme.orders", allowed_labels=frozenset({"shop.id"})))
    assert {name: value for name, value in seen.items() if "orders" in name} == {
        'acme_orders_total{shop_id="a"}': 3,
        'acme_orders_total{shop_id="b"}': 4,
    }
    seen = see(View("acme.wait", allowed_labels=frozenset()))
    assert (seen["acme_wait_seconds_count"], seen['acme_wait_seconds_bucket{le="0.2"}']) == (1, 1)


def test_a_metric_may_have_another_name_unit_and_description():
    view = View("acme.wait", rename="shop.waiting", unit="ms", description="How long")
    metrics = count(view, View("acme.orders", rename="shop.orders"))
    text = metrics.write().decode()
    assert "# HELP shop_waiting_milliseconds How long\n" in text
    assert 'shop_orders_total{kind="x",shop_id="b"} 4.0' in text
    told = {metric.name: metric.unit for metric in MetricsPush(metrics, PushOptions()).read()}
    assert told["shop.waiting"] == "ms"
    assert "shop.orders" in told
    assert "acme.wait" not in told


def test_a_histogram_may_have_other_buckets():
    seen = see(View("acme.wait", buckets=(0.1, 0.7)))
    assert [name for name in seen if "wait_seconds_bucket" in name] == [
        'acme_wait_seconds_bucket{le="0.7",shop_id="a"}',
        'acme_wait_seconds_bucket{le="+Inf",shop_id="a"}',
    ]
    metrics = Metrics(MetricsOptions(views=(View("http.server.request.duration", buckets=(9.0,)),)))
    metrics.tally(metrics.server_duration, "POST", "200").observe(1)
    metrics.hand_over()
    assert (
        'request_duration_seconds_bucket{http_request_method="POST",http_response_status_code="200",le="9.0"} 1'
        in (metrics.write().decode())
    )


def test_a_metric_is_seen_by_each_view_that_fits():
    wide = View("acme.*", rename="shop.wide", allowed_labels=frozenset(), buckets=(0.3, 9.0))
    seen = see(View("acme.wait", rename="shop.narrow"), wide, View("acme.wait", is_dropped=True))
    assert [name for name in seen if "wide" in name] == [
        # Two metrics cannot have one name and two units, so each has its own.
        "shop_wide_total",
        'shop_wide_seconds_bucket{le="0.3"}',
        'shop_wide_seconds_bucket{le="9.0"}',
        'shop_wide_seconds_bucket{le="+Inf"}',
        "shop_wide_seconds_count",
        "shop_wide_seconds_sum",
    ]
    bounds = [name for name in seen if name.startswith("shop_narrow_seconds_bucket")]
    assert [re.search('le="(.*?)"', name)[1] for name in bounds] == [
        "0.2", "0.3", "0.4", "0.5", "1.0", "5.0", "10.0", "+Inf",
    ]  # fmt: skip
    assert not any("acme" in name for name in seen)


def test_of_two_that_would_have_one_name_the_first_is_seen():
    seen = see(View("acme.orders", rename="z"), View("acme.orders", rename="z", allowed_labels=frozenset()))
    assert {name for name in seen if name.startswith("z")} == {
        'z_total{kind="x",shop_id="a"}', 'z_total{kind="y",shop_id="a"}', 'z_total{kind="x",shop_id="b"}',
    }  # fmt: skip


def test_what_is_said_of_the_whole_router_may_be_on_every_metric():
    seen = see(labels=(("service.name", "shop"),))
    assert 'acme_orders_total{kind="x",service_name="shop",shop_id="b"}' in seen


def test_views_are_read():
    views = [
        {"name": "a", "rename": "b", "description": "d", "unit": "s", "allowed_attribute_keys": ["k"]},
        {"name": "c", "aggregation": "drop"},
        {"name": "e", "aggregation": {"histogram": {"buckets": [1, 2]}}},
    ]
    common = {"service_name": "n", "resource": {"zone": "eu"}, "views": views}
    metrics = {"common": common, "prometheus": {"enabled": True, "resource_selector": "all"}}
    config = read_router_config({"telemetry": {"exporters": {"metrics": metrics}}}, {})
    assert config.telemetry.views == (
        View("a", "b", "d", "s", allowed_labels=frozenset({"k"})),
        View("c", is_dropped=True),
        View("e", buckets=(1.0, 2.0)),
    )
    assert config.telemetry.prometheus.labels == (("service.name", "n"), ("zone", "eu"))
    assert config.warnings == ()


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        ({}, "views[0].name must be the name of a metric"),
        ({"name": "a", "aggregation": "sum"}, "aggregation must be drop, or histogram with buckets"),
        (
            {"name": "a", "aggregation": {"histogram": {"buckets": [2, 1]}}},
            "must be a list of numbers that grow",
        ),
        ({"name": "a", "aggregation": {"histogran": {}}}, 'Did you mean "histogram"'),
    ],
)
def test_a_view_that_is_not_understood_is_told(view, problem):
    with pytest.raises(ConfigurationError) as told:
        read_router_config({"telemetry": {"exporters": {"metrics": {"common": {"views": [view]}}}}}, {})
    assert problem in str(told.value)


class Collector:
    """Takes metrics, or fails as often as it is told to."""

    def __init__(self):
        self.received, self.failures, self.is_shut_down = [], 0, False

    def export(self, data, _timeout_ms):
        self.failures -= 1
        if self.failures >= 0:
            return MetricExportResult.FAILURE
        metrics = data.resource_metrics[0].scope_metrics[0].metrics
        self.received.append({each.name: each.data for each in metrics if "acme" in each.name})
        return MetricExportResult.SUCCESS

    def shutdown(self):
        self.is_shut_down = True


def test_deltas_are_what_has_come_since_the_collector_was_last_reached():
    metrics, collector = count(), Collector()
    push = MetricsPush(metrics, PushOptions(is_delta=True), collector)
    push._send()
    push._send()
    first, second = collector.received
    assert {point.value for point in first["acme.orders"].data_points} == {1, 2, 4}
    assert second == {}

    metrics.count(COUNTER, 5, {"shop.id": "a", "kind": "x"})
    metrics.count(HISTOGRAM, 0.7, {"shop.id": "a"})
    metrics.hand_over()
    collector.failures = 1
    push._send()
    metrics.count(HISTOGRAM, 6, {"shop.id": "a"})
    metrics.hand_over()
    # A reload sends the same collector only what is new too.
    MetricsPush(metrics, PushOptions(is_delta=True, delay_s=9), collector)._send()
    third = collector.received[2]
    (point,) = third["acme.orders"].data_points
    assert (point.value, third["acme.orders"].aggregation_temporality) == (5, AggregationTemporality.DELTA)
    assert point.start_time_unix_nano > metrics.began_ns
    (point,) = third["acme.wait"].data_points
    assert (point.count, point.sum, sum(point.bucket_counts)) == (2, pytest.approx(6.7), 2)


async def test_who_no_longer_sends_has_sent_all_and_has_no_thread_any_more():
    metrics, collector = count(), Collector()
    push = MetricsPush(metrics, PushOptions(delay_s=3600), collector)
    push.start()
    (thread,) = [each for each in threading.enumerate() if each is push._thread]
    async with asyncio.timeout(10):
        await push.close()
        await push.close()
    assert not thread.is_alive()
    assert (len(collector.received), collector.is_shut_down) == (1, True)
