"""Tests of the WorkOS twin, with the official SDK as the judge of its wire."""
