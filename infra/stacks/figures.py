"""Where figures come from: the load balancer, ECS, and the service itself.

The names of its own are a contract with EMF lines in its log, which it does not write yet (docs/operations.md). Each is
to be published without dimensions, so that alarms add up all tasks.
"""

from dataclasses import dataclass
from typing import Final

from aws_cdk import Fn

NAMESPACE: Final = "GoogleWorkspaceMCP"
HTTP_REQUESTS: Final = "HttpRequests"
HTTP_ERRORS: Final = "HttpErrors"
TOOL_CALLS: Final = "ToolCalls"
TOOL_ERRORS: Final = "ToolErrors"
GOOGLE_ERRORS: Final = "GoogleErrors"
REFRESH_FAILURES: Final = "RefreshFailures"
DEAD_GRANTS: Final = "DeadGrants"
CRYPTO_FAILURES: Final = "CryptoFailures"
DRAIN_SECONDS: Final = "DrainSeconds"
OWN: Final = (
    HTTP_REQUESTS,
    HTTP_ERRORS,
    TOOL_CALLS,
    TOOL_ERRORS,
    GOOGLE_ERRORS,
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
