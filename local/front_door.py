"""The front door: one origin for readers, standing in for CloudFront.

API paths go to the HTTP API, `/inbox` to the simulator, everything else is a file of the site bucket.
"""

import argparse
import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import uvicorn
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from local.emulator import aws_client
from local.package import read_template
from local.process import LOOPBACK, NO_TLS, OWN_NAMES, ROOT

API_PATHS = (
    "/subscriptions", "/challenge", "/confirm", "/unsubscribe", "/preferences", "/decide", "/release", "/report",
    "/vote", "/preview/*", "/comment/*", "/api/*", "/desk*",
)  # fmt: skip
"""The distribution's cache behaviours in template.yaml; a test compares the two."""

BUSY = frozenset([500, 502, 503, 504])
"""The answers of the API that the distribution replaces by a page of the archive; a test compares the two."""

AT_ONCE = 8
"""Requests that the API gets side by side. The emulator starts a process for each, hundreds of them if it is asked to,
and two processors then finish none in time."""

PATIENCE = 25.0
"""Seconds that a request waits for its turn; API Gateway gives a function 30."""

METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
HEALTH = "/_front_door"
HOP_BY_HOP = frozenset(
    [b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer"]
    + [b"transfer-encoding", b"upgrade"]
)
"""Headers about one connection, which a proxy must not pass on (RFC 9110, section 7.6.1)."""


def site_headers(template: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that CloudFront adds to every file of the archive, but those that need https."""
    policy = template["Resources"]["SiteHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = policy["SecurityHeadersConfig"]
    return {
        "Content-Security-Policy": security["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        "X-Content-Type-Options": "nosniff",
        **{each["Header"]: each["Value"] for each in policy["CustomHeadersConfig"]["Items"]},
    }


def build(
    *,
    api_url: str,
    inbox_origin: str,
    site_bucket: str,
    s3: Any,
    added: Mapping[str, str] | None = None,
    at_once: int = AT_ONCE,
    patience: float = PATIENCE,
) -> Starlette:
    """Return the front door as an ASGI app.

    Args:
        api_url: Base address of the HTTP API, without a slash at the end.
        inbox_origin: Origin of the simulator; paths are passed on whole.
        site_bucket: The bucket with the archive.
        s3: A boto3 S3 client.
        added: Headers of every file of the archive.
        at_once: Requests that the API gets side by side; the others wait.
        patience: Seconds that a request waits for its turn.
    """
    client = httpx.AsyncClient(verify=NO_TLS, timeout=60, limits=httpx.Limits(max_connections=200))
    client.headers.clear()  # httpx would add an Accept and a User-Agent of its own

    turn = asyncio.Semaphore(at_once)

    async def api(request: Request) -> Response:
        try:
            async with asyncio.timeout(patience):
                await turn.acquire()
        except TimeoutError:
            return await busy(503)
        try:
            answer = await _pass_on(client, request, api_url)
        finally:
            turn.release()
        if answer.status_code not in BUSY:
            return answer
        if answer.background:
            await answer.background()
        return await busy(answer.status_code)

    async def busy(status: int) -> Response:
        page = await run_in_threadpool(_object, s3, site_bucket, "busy.html")
        if page is None:
            return PlainTextResponse("Please try again in a minute.", status)
        body = await run_in_threadpool(page["Body"].read)
        return Response(body, status, {**(added or {}), "Content-Type": page["ContentType"]})

    async def inbox(request: Request) -> Response:
        return await _pass_on(client, request, inbox_origin)

    async def site(request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("Only GET and HEAD here.", 405, headers={"Allow": "GET, HEAD"})
        answer = await run_in_threadpool(_file, s3, site_bucket, request)
        answer.headers.update(added or {})
        return answer

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    return Starlette(
        routes=[
            Route(HEALTH, health),
            *(Route(path.replace("*", "{rest:path}"), api, methods=METHODS) for path in API_PATHS),
            Route("/inbox", inbox, methods=METHODS),
            Route("/inbox/{rest:path}", inbox, methods=METHODS),
            Route("/{path:path}", site, methods=METHODS),
        ],
        lifespan=lifespan,
        # A website elsewhere can have its own name resolve to this machine; its scripts would read what is here.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=OWN_NAMES, www_redirect=False)],
    )


async def _pass_on(client: httpx.AsyncClient, request: Request, origin: str) -> Response:
    """Pass a request on, body, query and headers as they came; only Host changes, as with CloudFront."""
    path = request.scope["raw_path"].decode("ascii")
    target = origin + (path.rstrip("/") if path.startswith("/desk") else path)  # as DeskPages in template.yaml
    if query := request.scope["query_string"].decode("ascii"):
        target += f"?{query}"
    headers = [(k, v) for k, v in request.headers.raw if k not in HOP_BY_HOP and k not in (b"host", b"content-length")]
    if request.client:
        headers.append((b"x-forwarded-for", request.client.host.encode()))
    onward = client.build_request(request.method, target, headers=headers, content=await request.body())
    try:
        answer = await client.send(onward, stream=True)
    except httpx.HTTPError:
        return PlainTextResponse("The part of the stack behind this address does not answer.", 502)
    response = StreamingResponse(answer.aiter_raw(), answer.status_code)
    response.raw_headers = [(k.lower(), v) for k, v in answer.headers.raw if k.lower() not in HOP_BY_HOP]
    response.background = BackgroundTask(answer.aclose)
    return response


def _file(s3: Any, bucket: str, request: Request) -> Response:
    key = request.path_params["path"]
    if not key or key.endswith("/"):
        key += "index.html"
    elif "." not in key.rpartition("/")[2]:  # as FolderIndex in template.yaml
        folder = "/" + key.lstrip("/\\") + "/" + (f"?{request.url.query}" if request.url.query else "")
        return Response(status_code=301, headers={"Location": quote(folder, safe="/?=&%+")})
    status = 200
    item = _object(s3, bucket, key)
    if item is None:
        status, item = 404, _object(s3, bucket, "404.html")
    if item is None:
        return PlainTextResponse("Nothing has been published yet.", 404)
    headers = {"ETag": item["ETag"], "Content-Type": item["ContentType"]}
    if "CacheControl" in item:
        headers["Cache-Control"] = item["CacheControl"]
    if "ContentDisposition" in item:
        headers["Content-Disposition"] = item["ContentDisposition"]
    if status == 200 and request.headers.get("if-none-match") == item["ETag"]:
        return Response(status_code=304, headers=headers)
    length, first = item["ContentLength"], 0
    last = length - 1
    if status == 200:
        headers["Accept-Ranges"] = "bytes"
        if (asked := _range(request, item["ETag"], length)) is not None:
            status, (first, last) = 206, asked
            if first > last:
                return Response(status_code=416, headers={"Content-Range": f"bytes */{length}"})
            headers["Content-Range"] = f"bytes {first}-{last}/{length}"
    headers["Content-Length"] = str(last + 1 - first)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return Response(item["Body"].read()[first : last + 1], status, headers)


def _range(request: Request, etag: str, length: int) -> tuple[int, int] | None:
    """Return the first and the last byte that a request asks for, as S3 reads it (RFC 9110, section 14).

    The first lies behind the last if the file has none of these bytes. None stands for the whole file: when no range
    was asked for, or several, or one that cannot be read, or one of another version (If-Range).
    """
    asked = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", request.headers.get("range", "").strip())
    if asked is None or asked[0] == "bytes=-" or request.headers.get("if-range", etag) != etag:
        return None
    if not asked[1]:  # so many from the end
        count = int(asked[2])
        return (max(length - count, 0), length - 1) if count else (length, length - 1)
    first, last = int(asked[1]), min(int(asked[2] or length), length - 1)
    if asked[2] and int(asked[2]) < first:
        return None
    return first, last


def _object(s3: Any, bucket: str, key: str) -> dict[str, Any] | None:
    try:
        item: dict[str, Any] = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise
    return item


def main() -> None:
    """Serve the front door on loopback."""
    parser = argparse.ArgumentParser(prog="python -m local.front_door", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api-url", required=True)
    parser.add_argument("--inbox-origin", required=True)
    parser.add_argument("--aws-endpoint", required=True)
    parser.add_argument("--site-bucket", required=True)
    given = parser.parse_args()
    s3 = aws_client("s3", given.aws_endpoint)
    app = build(
        api_url=given.api_url,
        inbox_origin=given.inbox_origin,
        site_bucket=given.site_bucket,
        s3=s3,
        added=site_headers(read_template(ROOT / "template.yaml")),
    )
    uvicorn.run(app, host=LOOPBACK, port=given.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
