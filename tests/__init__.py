"""Tests of the gateway and its twin."""
