"""Tests of status: live and ready."""
