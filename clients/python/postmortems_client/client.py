"""Clients, one that waits and one for asyncio: they send calls, try again, follow pages and fetch files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeVar

import httpx

from postmortems_client import exchange
from postmortems_client.call import Call, Listing
from postmortems_client.exchange import Answer, Patience

T = TypeVar("T")
Row = TypeVar("Row")

TIMEOUT_S = 40.0
PATIENCE = Patience()


class Client:
    """The API of one server. Use it as a context, or `close` it.

    `transport` is httpx's, for tests and for certificates of one's own.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        timeout_s: float = TIMEOUT_S,
        patience: Patience = PATIENCE,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._patience = patience
        self._http = httpx.Client(
            base_url=exchange.base(url),
            headers=exchange.headers(token),
            timeout=timeout_s,
            transport=transport,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def send(self, call: Call[T], *, if_match: str = "") -> T:
        """What the call answers. `if_match`, an ETag: only where nobody has changed it since."""
        return self.fetch(call, if_match=if_match).value

    def fetch(self, call: Call[T], *, if_match: str = "") -> Answer[T]:
        """The same with the ETag, status and headers of the answer."""
        return exchange.answer(self._sent(call, _match(if_match)))

    def each(self, listing: Listing[Any, Row]) -> Iterator[Row]:
        """The rows of a list, page after page, as they are wanted."""
        following: Listing[Any, Row] | None = listing
        while following is not None:
            page = self.send(following)
            yield from page[listing.rows]
            following = following.following(page)

    def download(self, call: Call[Any], *, accept: str = "*/*") -> bytes:
        """The answer as it is: a zip, CSV, Markdown, PDF, as the call's `format` says or `accept`."""
        response = self._sent(call, {"Accept": accept})
        exchange.refuse(response)
        return response.content

    def _sent(self, call: Call[Any], more: dict[str, str]) -> httpx.Response:
        tried = 0
        while True:
            tried += 1
            try:
                came: httpx.Response | httpx.RequestError = self._http.request(**exchange.request(call, more))
            except httpx.RequestError as broken:
                came = broken
            wait_s = self._patience.wait_s(tried, call, came)
            if wait_s is None:
                return exchange.arrived(came)
            time.sleep(wait_s)


class AsyncClient:
    """The same for asyncio."""

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        timeout_s: float = TIMEOUT_S,
        patience: Patience = PATIENCE,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._patience = patience
        self._http = httpx.AsyncClient(
            base_url=exchange.base(url),
            headers=exchange.headers(token),
            timeout=timeout_s,
            transport=transport,
        )

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def send(self, call: Call[T], *, if_match: str = "") -> T:
        """What the call answers. `if_match`, an ETag: only where nobody has changed it since."""
        return (await self.fetch(call, if_match=if_match)).value

    async def fetch(self, call: Call[T], *, if_match: str = "") -> Answer[T]:
        """The same with the ETag, status and headers of the answer."""
        return exchange.answer(await self._sent(call, _match(if_match)))

    async def each(self, listing: Listing[Any, Row]) -> AsyncIterator[Row]:
        """The rows of a list, page after page, as they are wanted."""
        following: Listing[Any, Row] | None = listing
        while following is not None:
            page = await self.send(following)
            for row in page[listing.rows]:
                yield row
            following = following.following(page)

    async def download(self, call: Call[Any], *, accept: str = "*/*") -> bytes:
        """The answer as it is: a zip, CSV, Markdown, PDF, as the call's `format` says or `accept`."""
        response = await self._sent(call, {"Accept": accept})
        exchange.refuse(response)
        return response.content

    async def _sent(self, call: Call[Any], more: dict[str, str]) -> httpx.Response:
        tried = 0
        while True:
            tried += 1
            try:
                came: httpx.Response | httpx.RequestError = await self._http.request(
                    **exchange.request(call, more)
                )
            except httpx.RequestError as broken:
                came = broken
            wait_s = self._patience.wait_s(tried, call, came)
            if wait_s is None:
                return exchange.arrived(came)
            await asyncio.sleep(wait_s)


def _match(etag: str) -> dict[str, str]:
    return {"If-Match": etag} if etag else {}
