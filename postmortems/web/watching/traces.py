"""Traces (OpenTelemetry): requests, statements and outgoing calls as spans, sent where the settings say.

A span names what was done and never with what: of a request the route, of a statement its verb and table, of
a call its method and host. Statements are told of within requests alone.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from structlog.contextvars import bind_contextvars, unbind_contextvars

import postmortems
from postmortems.egress import call as egress_call
from postmortems.web.watching import request_log
from postmortems.web.watching.request_log import Environ, Seen

if TYPE_CHECKING:
    from opentelemetry.trace import Span

TIMEOUT_S = 5
VERB = re.compile(r"\b[A-Z]+\b")
TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?([a-z_][a-z0-9_]*)", re.IGNORECASE)
LONGEST_READ = 4000


class Traces:
    """What this process sends of itself. Begin it after a fork: a thread of it sends."""

    def __init__(self, address: str) -> None:
        from opentelemetry import context, propagate, trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        self._context, self._propagate, self._trace = context, propagate, trace
        told = Resource.create({"service.name": "postmortems", "service.version": postmortems.__version__})
        self._provider = TracerProvider(resource=told, shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=TIMEOUT_S))
        )
        self._tracer = self._provider.get_tracer("postmortems", postmortems.__version__)
        self._failed = trace.Status(trace.StatusCode.ERROR)
        self._local = threading.local()
        event.listen(Engine, "before_cursor_execute", self._begin_statement)
        event.listen(Engine, "after_cursor_execute", self._end_statement)
        egress_call.watchers.append(self.call)
        request_log.watchers.append(self.request)

    def end(self) -> None:
        """Send what is left, and tell of nothing more."""
        request_log.watchers.remove(self.request)
        egress_call.watchers.remove(self.call)
        event.remove(Engine, "before_cursor_execute", self._begin_statement)
        event.remove(Engine, "after_cursor_execute", self._end_statement)
        self._provider.shutdown()

    def request(self, environ: Environ, seen: Seen) -> Callable[[], None]:
        """Begin the span of a request; what is returned ends it, in the same thread."""
        sent = {"traceparent": environ.get(request_log.PARENT, "")}
        span = self._tracer.start_span(
            seen.method, context=self._propagate.extract(sent), kind=self._trace.SpanKind.SERVER
        )
        token = self._context.attach(self._trace.set_span_in_context(span))
        bind_contextvars(trace_id=f"{span.get_span_context().trace_id:032x}")

        def end() -> None:
            self._close_statement(is_failed=True)
            self._context.detach(token)
            unbind_contextvars("trace_id")
            span.update_name(f"{seen.method} {seen.route or request_log.NO_ROUTE}")
            span.set_attributes(
                {
                    "http.request.method": seen.method,
                    "http.route": seen.route,
                    "http.response.status_code": seen.status,
                    "http.response.body.size": seen.sent,
                    "postmortems.request_id": seen.id,
                    "postmortems.actor_kind": seen.actor_kind,
                }
            )
            if seen.status >= 500:
                span.set_status(self._failed)
            span.end()

        return end

    @contextmanager
    def call(self, method: str, host: str) -> Iterator[None]:
        """The span of an outgoing call."""
        span = self._tracer.start_span(f"{method} {host}", kind=self._trace.SpanKind.CLIENT)
        span.set_attributes({"http.request.method": method, "server.address": host})
        try:
            yield
        except BaseException as broken:
            # Not what it says: an address with more than its host may stand in it.
            span.set_attribute("error.type", type(broken).__name__)
            span.set_status(self._failed)
            raise
        finally:
            span.end()

    def _begin_statement(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        # One that failed has heard no end.
        self._close_statement(is_failed=True)
        if not self._trace.get_current_span().is_recording():
            return
        verb, table = named(statement)
        span = self._tracer.start_span(f"{verb} {table}".strip(), kind=self._trace.SpanKind.CLIENT)
        told = {"db.system.name": connection.dialect.name, "db.operation.name": verb}
        span.set_attributes(told | ({"db.collection.name": table} if table else {}))
        self._local.span = span

    def _end_statement(self, *_: Any) -> None:
        self._close_statement(is_failed=False)

    def _close_statement(self, *, is_failed: bool) -> None:
        span: Span | None = getattr(self._local, "span", None)
        if span is not None:
            self._local.span = None
            if is_failed:
                span.set_status(self._failed)
            span.end()


def named(statement: str) -> tuple[str, str]:
    """The verb of a statement and the first table that it names; "" where it names none."""
    read = statement[:LONGEST_READ]
    verb, table = VERB.search(read.upper()), TABLE.search(read)
    return verb[0] if verb else "", table[1].lower() if table else ""
