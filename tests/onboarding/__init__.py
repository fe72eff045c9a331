"""Tests of tenants: creating, linking, listing, suspending, and bringing an import up to date."""
