"""Tests of access: the capability matrix and the guard."""
