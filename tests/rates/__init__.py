"""Tests of rates: how often a caller may ask."""
