"""Tests of the sign-in journey's pure files."""
