"""Tests of the tenant: its policy and its names."""
