# One image for every command of karmalog: installed from the locks, run by a user without rights.

FROM python:3.12-slim AS build
WORKDIR /build
RUN python -m venv /build/tools && python -m venv /karmalog
COPY requirements.lock requirements-build.lock ./
RUN /build/tools/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && /karmalog/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /build/tools/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --no-index --wheel-dir dist . \
    && /karmalog/bin/pip install --no-cache-dir --no-deps --no-index dist/*.whl

FROM python:3.12-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data karmalog \
    && install --directory --owner=karmalog --group=karmalog --mode=0700 /data
COPY --from=build /karmalog /karmalog
ENV PATH=/karmalog/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KARMALOG_HOST=0.0.0.0 \
    KARMALOG_PORT=8080
# By number, so that a cluster can see that it is not root.
USER 10001:10001
WORKDIR /data
EXPOSE 8080
# Intake, worker and API answer alike; every other command ends by itself before anyone asks.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"KARMALOG_PORT\"]}/health', timeout=4)"]
ENTRYPOINT ["karmalog"]
CMD ["--help"]
