"""Figures for Prometheus: what was folded, how far the store is behind the log, and how requests go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What is worked out when somebody asks."""

    up: bool
    position: int
    end: int
    lag: int
    listeners: int
    outcomes: Mapping[str, int] = field(default_factory=dict[str, int])


class _Asked(Collector):
    """Turns figures into metrics."""

    def __init__(self) -> None:
        self.figures: Figures | None = None

    def collect(self) -> Iterator[Metric]:
        """The metrics of the newest figures."""
        if self.figures is None:
            return
        figures = self.figures
        yield GaugeMetricFamily("karmalog_up", "1 where log and store answer", value=int(figures.up))
        if not figures.up:
            return
        yield GaugeMetricFamily("karmalog_position", "Position that the store has reached", value=figures.position)
        yield GaugeMetricFamily("karmalog_log_end", "Position that the next record will get", value=figures.end)
        yield GaugeMetricFamily("karmalog_lag_records", "Records of the log not yet folded", value=figures.lag)
        yield GaugeMetricFamily("karmalog_listeners", "Open streams of boards", value=figures.listeners)
        folded = CounterMetricFamily("karmalog_records_folded", "Records of the log by verdict", labels=["verdict"])
        for verdict, count in sorted(figures.outcomes.items()):
            folded.add_metric([verdict], count)
        yield folded


class Metrics:
    """The metrics of one application, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._asked = _Asked()
        self._registry.register(self._asked)
        labels = ["method", "route", "status"]
        self._requests = Counter("karmalog_http_requests", "Answered requests", labels, registry=self._registry)
        self._seconds = Histogram(
            "karmalog_http_request_seconds",
            "Seconds until an answer begins",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self._registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts an answer that began."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self, figures: Figures) -> bytes:
        """All metrics in Prometheus' text format."""
        self._asked.figures = figures
        return generate_latest(self._registry)
