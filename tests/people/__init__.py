"""Tests of people: lists, changes, and why somebody has a role."""
