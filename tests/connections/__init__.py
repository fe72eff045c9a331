"""Tests of SSO connections and of the providers we can name."""
