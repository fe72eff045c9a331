"""Tests of platform settings: the default connection, missing credentials, the canary."""
