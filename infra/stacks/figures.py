"""Where figures come from: the load balancer, ECS, and the service itself.

Those of its own come by EMF lines in its log (`google_workspace_mcp/core/emf.py`, docs/metrics.md), under the same
names, which tests hold together. Each is published without dimensions, so that alarms add up all tasks.
"""

from dataclasses import dataclass
from typing import Final

from aws_cdk import Fn

NAMESPACE: Final = "GoogleWorkspaceMCP"
HTTP_REQUESTS: Final = "HttpRequests"
HTTP_ERRORS: Final = "HttpErrors"
TOOL_CALLS: Final = "ToolCalls"
TOOL_ERRORS: Final = "ToolErrors"
READS: Final = "Reads"
SLOW_READS: Final = "SlowReads"
WRITES: Final = "Writes"
WRITES_UNKNOWN: Final = "WritesUnknown"
GOOGLE_ERRORS: Final = "GoogleErrors"
REFRESHES: Final = "Refreshes"
REFRESH_FAILURES: Final = "RefreshFailures"
DEAD_GRANTS: Final = "DeadGrants"
CRYPTO_FAILURES: Final = "CryptoFailures"
DRAIN_SECONDS: Final = "DrainSeconds"
OWN: Final = (
    HTTP_REQUESTS,
    HTTP_ERRORS,
    TOOL_CALLS,
    TOOL_ERRORS,
    READS,
    SLOW_READS,
    WRITES,
    WRITES_UNKNOWN,
    GOOGLE_ERRORS,
    REFRESHES,
    REFRESH_FAILURES,
    DEAD_GRANTS,
    CRYPTO_FAILURES,
    DRAIN_SECONDS,
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What dimensions are made of."""

    listener_arn: str
    target_group_full_name: str
    cluster: str
    service: str
    crash_rule: str

    @property
    def balancer(self) -> dict[str, str]:
        """Dimensions of the load balancer's figures for this target group."""
        parts = Fn.split("/", self.listener_arn)
        return {
            "LoadBalancer": Fn.join("/", [Fn.select(index, parts) for index in (1, 2, 3)]),
            "TargetGroup": self.target_group_full_name,
        }

    @property
    def containers(self) -> dict[str, str]:
        """Dimensions of the figures of ECS."""
        return {"ClusterName": self.cluster, "ServiceName": self.service}
