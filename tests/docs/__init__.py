"""The tests of docs/validate-tokens.md: its code runs here, as files and not as copies.

Every sample (python-jose, PyJWT, a FastAPI dependency, npm `jose`) is a `Subject` and goes through the same two
suites: one table of bad tokens, and one story of the key set (cached, revalidated, rotated, flooded, down, withdrawn).
Keys and tokens are the gateway's own (`Keyring`, `mint`), published by a small HTTP server, so that what we issue and
what the samples demand cannot drift apart. The page must show those files letter for letter.

Decided: the samples' key caches take a clock, so that five minutes pass without waiting; the tokens' times are the
wall clock's, because that is what the libraries read. Node that cannot be found fails the tests, it does not skip them.
"""
