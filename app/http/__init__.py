"""The door: how a request enters and how an answer or a problem leaves.

Promises: every answer to a request that could be parsed, of the hottest door and of a 500
alike, carries the same security headers and a request id; a Host that is not ours is refused before any route sees it;
bodies are bounded while they are read; an exception nobody foresaw leaves as a problem
whose text tells nothing of our insides.

Decided: one small pure-ASGI edge around FastAPI, and a table of hot doors that it looks
up first (speed.md: a FastAPI route answers 8,200/s where a bare ASGI callable answers
36,000/s). A door may leave a request to its ordinary route: then it knows the plain case only.
Refused: BaseHTTPMiddleware (one of them costs three quarters of the
throughput), and `request.url` in any decision (the Host header writes it: CVE-2026-48710).
"""
