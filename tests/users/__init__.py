"""Tests of people: matching, creating and refreshing them at a sign-in."""
