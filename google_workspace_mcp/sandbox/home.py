"""The home page: sample people, faults to switch on, the last calls."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.api import World
from google_workspace_mcp.sandbox.pages import Pages
from google_workspace_mcp.sandbox.wire import Incoming, Outgoing

FAULTS_PATH = "/_simulator/faults"
_SHOWN = 50
_KINDS: dict[str, Callable[[], faults.Fault]] = {
    "latency": lambda: faults.latency(2),
    "429": faults.too_many_requests,
    "429-after": lambda: faults.too_many_requests(5),
    "403-rate": lambda: faults.forbidden("userRateLimitExceeded", "User Rate Limit Exceeded"),
    "403-policy": lambda: faults.forbidden("domainPolicy", "The domain policy has disabled this."),
    "503": faults.server_error,
    "html": faults.html_error,
    "truncated": faults.truncated_json,
    "error-200": faults.error_with_200,
    "reset-before": faults.reset_before,
    "reset-after": faults.reset_after,
    "dead-grant": faults.dead_grant,
}


@dataclass(frozen=True, slots=True)
class Home:
    """Answers `/` and its forms."""

    world: World
    pages: Pages

    def show(self, _incoming: Incoming) -> Outgoing:
        """The page."""
        world = self.world
        return self.pages.page(
            "home.html",
            people=list(world.people.values()),
            active=world.faults.active(),
            faults_path=FAULTS_PATH,
            kinds=[(key, make().label) for key, make in _KINDS.items()],
            methods=sorted(world.handlers),
            calls=world.calls.all()[: -_SHOWN - 1 : -1],
            violations=world.violations[-5:],
        )

    def switch_on(self, incoming: Incoming) -> Outgoing:
        """Adds the fault that the form names."""
        form = _form(incoming)
        times = form.get("times", "")
        kind = _KINDS.get(form.get("kind", ""))
        if kind is None or not form.get("method") or (times and not times.isdigit()):
            return Outgoing(400, b"The form is not complete.", {"Content-Type": "text/plain"})
        self.world.faults.add(form["method"], kind(), times=int(times) if times else None)
        return _to_home()

    def switch_off(self, incoming: Incoming) -> Outgoing:
        """Removes the fault of that id."""
        fault_id = _form(incoming).get("id", "")
        if fault_id.isdigit():
            self.world.faults.remove(int(fault_id))
        return _to_home()


def _form(incoming: Incoming) -> dict[str, str]:
    return {name: values[0].strip() for name, values in parse_qs(incoming.body.decode("utf-8", "replace")).items()}


def _to_home() -> Outgoing:
    return Outgoing(303, headers={"Location": "/"})
