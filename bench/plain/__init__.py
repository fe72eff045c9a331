"""The usual way: how a FastAPI + SQLAlchemy project of this kind is mostly written, without bad intent.

ORM per row, `response_model` over ORM rows, three `BaseHTTPMiddleware`s, a session dependency that yields and
commits, python-jose with the PEM at every call. Nothing is slowed down on purpose: one engine with its pool, one
HTTP client kept alive, indexes and foreign keys as everywhere, uvicorn with uvloop and httptools. It is the yardstick
of the column `x plain`: what the gateway's care is worth beside what the field is used to.
"""
