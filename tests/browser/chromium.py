"""A real Chromium, and what went wrong in it."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request

EXECUTABLE: Final = Path("/usr/bin/chromium")
SCREENSHOTS: Final = Path(__file__).parents[1] / "screenshots"
# No sandbox: tests often run as root, which Chromium's own sandbox refuses. The rest keeps it from calling home.
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_WAIT_MS: Final = 15_000
_DESKTOP, _PHONE = (1100, 800), (390, 844)
_LOOKS: Final = (("light", _DESKTOP), ("dark", _DESKTOP), ("phone", _PHONE))


class ChromiumMissingError(Exception):
    """There is no Chromium on this machine; the text says what to install."""


@contextmanager
def launched(playwright: Playwright) -> Generator[Browser]:
    """A headless Chromium with a profile of its own. Raises ChromiumMissingError."""
    if not EXECUTABLE.exists():
        raise ChromiumMissingError(f"{EXECUTABLE} is missing: apt-get update && apt-get install -y chromium")
    # A package that was only half installed leaves a script that cannot start.
    found = subprocess.run([EXECUTABLE, "--version"], capture_output=True, text=True, timeout=60, check=False)
    if found.returncode:
        raise ChromiumMissingError(f"{EXECUTABLE} does not start: {found.stderr.strip()[-500:]}")
    browser = playwright.chromium.launch(executable_path=EXECUTABLE, headless=True, args=_FLAGS)
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Window:
    """A page in a profile of its own that notes every complaint of the browser and every host it asked."""

    page: Page
    name: str
    complaints: list[str] = field(default_factory=list[str])
    hosts: set[str] = field(default_factory=set[str])

    def watch(self) -> None:
        """Start noting. A violated content security policy is a console error."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.context.on("request", self._asked)

    def shoot(self, what: str) -> None:
        """Screenshots of the page as it is: light, dark, and as wide as a phone. It must not scroll sideways."""
        SCREENSHOTS.mkdir(exist_ok=True)
        for look, (width, height) in _LOOKS:
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.emulate_media(color_scheme="dark" if look == "dark" else "light")
            self.page.screenshot(path=SCREENSHOTS / f"{self.name}-{what}-{look}.png", full_page=True)
            overflow = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, f"{what} is {overflow} pixels too wide ({look})"
        self.page.set_viewport_size({"width": _DESKTOP[0], "height": _DESKTOP[1]})

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith("data:"):
            self.hosts.add(urlsplit(request.url).netloc)


@contextmanager
def window(browser: Browser, name: str, *hosts: str) -> Generator[Window]:
    """A window for one test. At the end nothing was complained about, and nobody but `hosts` (addresses) was asked."""
    with browser.new_context(viewport={"width": _DESKTOP[0], "height": _DESKTOP[1]}) as context:
        context.set_default_timeout(_WAIT_MS)
        watched = Window(context.new_page(), name)
        watched.watch()
        yield watched
    assert watched.complaints == []
    assert watched.hosts <= {urlsplit(host).netloc for host in hosts}
