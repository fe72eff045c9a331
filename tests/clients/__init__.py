"""Tests of service clients."""
