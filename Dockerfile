# The service, nothing else: no tests, no simulated Google, no build tools. `make image` builds it and tries it out.
# Any engine builds it: no heredocs and no `COPY --link`, which buildah 1.28 does not know.
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
ARG UV_VERSION=0.13.9
RUN pip install --no-cache-dir --no-compile "uv==${UV_VERSION}"
WORKDIR /app
ENV UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1
# Packages before the code, so that a change of the code alone builds and ships one small layer.
COPY pyproject.toml uv.lock .python-version ./
RUN uv sync --locked --no-default-groups
COPY scripts/image/assemble.py /build/
RUN python -B /build/assemble.py /app/.venv/lib/python3.13/site-packages /bytecode
COPY google_workspace_mcp google_workspace_mcp
# Believed without a look at the source: no timestamp of a layer can make it stale.
RUN python -m compileall -q --invalidation-mode unchecked-hash google_workspace_mcp
RUN mkdir -p -m 700 /volumes/data

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="google-workspace-mcp" \
      org.opencontainers.image.description="Gmail, Drive and Calendar tools for AI agents, for many users at once." \
      org.opencontainers.image.licenses="MIT"
# Nothing is run in this stage, so nothing that a builder lends to its commands can leave a trace.
# A volume that is mounted at /data for a file store takes its owner from this folder.
COPY --from=build --chown=10001:10001 /volumes/ /
WORKDIR /app
COPY --from=build /bytecode/ /
COPY --from=build /app/.venv .venv
COPY main.py scripts/image/healthcheck.py ./
COPY --from=build /app/google_workspace_mcp google_workspace_mcp
# A home that is not there: whoever gives neither a store nor a volume is told so at the start, and loses nothing later.
ENV PATH=/app/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/nonexistent \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GWMCP_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8000 9464
# Plain Docker looks at this; ECS takes the check of the task definition instead.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["/app/.venv/bin/python", "/app/healthcheck.py"]
ENTRYPOINT ["/app/.venv/bin/python", "/app/main.py"]
CMD ["serve"]
