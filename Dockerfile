# The image of the web process and, with another command, of the worker. docs/containers.md says how to run it.

FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt requirements-watch.txt ./
# Traces and reports of faults among it, which are off until an address is set.
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes \
    -r requirements.txt -r requirements-watch.txt

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="postmortems" \
      org.opencontainers.image.description="Postmortems, their action items, and the gate that keeps them true"
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin postmortems \
    # Whose a volume is that is mounted there.
    && install --directory --owner=postmortems --group=postmortems --mode=0700 /backups
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY app.py gunicorn.conf.py requirements.txt README.md ./
COPY postmortems ./postmortems
COPY migrations ./migrations
COPY templates ./templates
COPY static ./static
COPY data ./data
COPY docs ./docs
# Compiled here, as nothing can be written there later.
RUN python -m compileall -q postmortems migrations app.py
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
# exec form: signals reach gunicorn, which lets requests end. Its heartbeat files go to memory.
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "app:app"]
