"""Serve an ASGI callable exactly as the gateway is served: its uvicorn configuration, its protocol class."""

import logging
import sys
from typing import Any

from app.http.serving import serve as serve_like_the_gateway
from app.http.serving import uvicorn_config


def serve(app: Any, port: int) -> None:  # noqa: ANN401 -- an ASGI callable
    """Serve on 127.0.0.1 until SIGTERM."""
    logging.basicConfig(level=logging.WARNING)  # a floor that fails says so
    sys.exit(serve_like_the_gateway(uvicorn_config(app, host="127.0.0.1", port=port)))
