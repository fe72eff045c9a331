"""Tests of sessions: rotation, the live cache, races, and what only a database dump or a second process shows."""
