"""An HTTP service as it may stand behind a gateway."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from aiohttp import web


class Service:
    """The service behind the gateway: says what it was asked, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.broken: list[str] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._begin())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _begin(self) -> None:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_get("/base/stream", self._stream)
        app.router.add_get("/base/elsewhere", self._redirect)
        app.router.add_get("/base/never", self._never)
        app.router.add_get("/base/quick", self._quick)
        app.router.add_get("/base/broken", self._break_off)
        app.router.add_route("*", "/{path:.*}", self._echo)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _echo(self, request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except Exception:
            self.broken.append(request.path_qs)
            raise
        asked = {
            "method": request.method,
            "target": request.raw_path,
            "size": len(body),
            "body": body[:1000].decode("latin-1"),
            "headers": [[name.lower(), value] for name, value in request.headers.items()],
        }
        self.asked.append(asked)
        return web.json_response(asked, headers={"X-Answer": "yes", "Connection": "close, X-Gone", "X-Gone": "1"})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """A token each so many seconds."""
        response = web.StreamResponse()
        await response.prepare(request)
        for number in range(int(request.query.get("count", "1000"))):
            await response.write(f"token {number}\n".encode())
            await asyncio.sleep(float(request.query.get("each", "0.05")))
        return response

    async def _redirect(self, request: web.Request) -> web.Response:
        raise web.HTTPFound("http://127.0.0.1:1/secret")

    async def _never(self, request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    async def _quick(self, request: web.Request) -> web.Response:
        """No more than a word, and when it was asked."""
        self.times.append(time.time())
        return web.Response(text="yes")

    async def _break_off(self, request: web.Request) -> web.StreamResponse:
        """Half an answer."""
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half of it")
        assert request.transport is not None
        request.transport.close()
        return response
