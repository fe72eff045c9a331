"""The registry of this process's metrics, which the operator port shows."""

from prometheus_client import CollectorRegistry

REGISTRY = CollectorRegistry()
