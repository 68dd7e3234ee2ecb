"""The HTTP client that one process shares for everything it asks of Google."""

from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

from google_workspace_mcp import __version__

TIMEOUT = httpx2.Timeout(connect=3.0, write=10.0, read=20.0, pool=2.0)
DOWNLOAD_TIMEOUT = httpx2.Timeout(connect=3.0, write=10.0, read=40.0, pool=2.0)


def make_http_client(*, http2: bool = False) -> httpx2.AsyncClient:
    """The client that one process shares. It keeps no cookies, follows no redirects and reads no proxy variables.

    `http2` is off because h2 is pure Python and costs more of a small task's processor than the connections it saves.
    Connections are dropped after a minute's idleness, well before Google drops them: a send on a connection that is
    just being closed would end in an unknown outcome.
    """
    return httpx2.AsyncClient(
        http2=http2,
        timeout=TIMEOUT,
        limits=httpx2.Limits(max_connections=200, max_keepalive_connections=100, keepalive_expiry=60.0),
        headers={"User-Agent": f"google-workspace-mcp/{__version__} (gzip)"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        follow_redirects=False,
        trust_env=False,
    )
