"""Tests of the keys and the tokens."""
