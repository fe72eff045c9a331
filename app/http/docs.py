"""The API's documentation pages: Swagger UI and Redoc, with assets of ours and no inline script."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.responses import FileResponse, Response

from app.http.answers import HTML, Answer
from app.http.handlers import to_response
from app.problems import NotFound

# A PyPI package ships the two bundles; nothing is fetched from a foreign host, so the pages work offline.
_ASSETS = Path(fastapi_offline.__file__).parent / "static"
_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "redoc.standalone.js": "text/javascript",
    "favicon.png": "image/png",
}
_START_SWAGGER = """window.onload = () => { SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout" }); };
"""
_SWAGGER = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>MemberPulse Auth Gateway</title>
<link rel="icon" href="/docs/favicon.png"><link rel="stylesheet" href="/docs/swagger-ui.css"></head><body>
<div id="docs"></div><script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>"""
_REDOC = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>MemberPulse Auth Gateway</title>
<link rel="icon" href="/docs/favicon.png"></head><body><redoc spec-url="/openapi.json"></redoc>
<script src="/docs/redoc.standalone.js"></script></body></html>"""


def include(app: FastAPI) -> None:
    """Add the pages and their assets, unless the API's documentation is switched off (`DOCS=off`)."""
    if app.openapi_url is None:
        return

    async def swagger() -> Response:
        return to_response(Answer(200, _SWAGGER.encode(), (HTML,)))

    async def redoc() -> Response:
        return to_response(Answer(200, _REDOC.encode(), (HTML,)))

    async def start() -> Response:
        return to_response(Answer(200, _START_SWAGGER.encode(), ((b"content-type", b"text/javascript"),)))

    async def asset(name: str) -> Response:
        if name not in _FILES:
            raise NotFound
        return FileResponse(_ASSETS / name, media_type=_FILES[name], headers={"cache-control": "public, max-age=86400"})

    app.add_api_route("/docs", swagger, include_in_schema=False)
    app.add_api_route("/redoc", redoc, include_in_schema=False)
    app.add_api_route("/docs/start.js", start, include_in_schema=False)
    app.add_api_route("/docs/{name}", asset, include_in_schema=False)
