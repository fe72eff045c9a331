"""What tests of settings share."""

from tests.settings.bench import bench, running_bench

__all__ = ["bench", "running_bench"]
