# The gateway as one image: API, worker and operator verbs are the same program. No compiler and no installer in the
# last stage; it runs with a read-only root and writes only under DATA_DIR.

FROM python:3.11-slim AS build
RUN pip install --no-cache-dir uv==0.13.9
# The environment stands where the last stage will have it: its scripts and the link to /srv hold absolute paths.
ENV UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1
WORKDIR /srv
COPY pyproject.toml uv.lock README.md ./
# Third-party packages first: this layer changes with the lock, not with our code.
RUN uv sync --frozen --no-dev --no-install-project
COPY app app
RUN uv sync --frozen --no-dev && python -m compileall -q app

# The console is files: they are built here and served by the gateway.
FROM node:22-slim AS console
WORKDIR /srv/console
COPY console/package.json console/package-lock.json console/.npmrc ./
RUN npm ci
COPY openapi/openapi.json /srv/openapi/
COPY console ./
RUN npm run build

FROM python:3.11-slim
RUN groupadd --gid 10001 gateway \
 && useradd --uid 10001 --gid gateway --no-create-home --home-dir /var/lib/memberpulse --shell /usr/sbin/nologin gateway \
 && install --directory --owner=gateway --group=gateway --mode=0700 /var/lib/memberpulse
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/app /srv/app
COPY --from=console /srv/console/dist /srv/console/dist
COPY alembic.ini /srv/
COPY migrations /srv/migrations
# Without PYTHONDONTWRITEBYTECODE python tries to write beside the code, which belongs to root.
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DATA_DIR=/var/lib/memberpulse
WORKDIR /srv
USER 10001:10001
VOLUME /var/lib/memberpulse
EXPOSE 8000
# On SIGTERM what is under way is answered, for 15 seconds at most: stop it with `--time 20`.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8000)}/healthz', timeout=3)"]
CMD ["memberpulse-auth", "serve", "--host", "0.0.0.0"]
