"""Tests of directories: which role a group gives, and the import of what WorkOS lists."""
