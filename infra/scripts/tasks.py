"""A task of its own in the VPC, started and watched until it has ended."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.scripts.stacks import DeployError

# What a container wrote last reaches the log group some seconds after its end.
_LOG_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Errand:
    """A task definition, the groups it calls as, and what takes the place of the container's own command."""

    definition: str
    groups: Sequence[str]
    container: str
    command: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """How the task ended. `code` is None when its container never ran."""

    task_id: str
    code: int | None
    reason: str


class Tasks:
    """Tasks in the cluster and subnets of a service stack, whose `outputs` these are."""

    def __init__(self, ecs: Any, outputs: Mapping[str, str], poll: float) -> None:
        self._ecs = ecs
        self._outputs = outputs
        self._poll = poll

    def run(self, errand: Errand, timeout: float) -> Ended:
        """How it ended. Raises DeployError when it does not start, or has not ended within `timeout` seconds."""
        override = {"name": errand.container, "command": list(errand.command)}
        network = {
            "subnets": self._outputs["SmokeSubnetIds"].split(","),
            "securityGroups": list(errand.groups),
            "assignPublicIp": self._outputs["SmokePublicIp"],
        }
        started = self._ecs.run_task(
            cluster=self._outputs["ClusterName"],
            taskDefinition=errand.definition,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": network},
            overrides={"containerOverrides": [override]} if errand.command else {},
        )
        if not started["tasks"]:
            raise DeployError(f"ECS does not start the {errand.container} task: {started.get('failures')}")
        return self._ended(errand, started["tasks"][0]["taskArn"], timeout)

    def _ended(self, errand: Errand, task_arn: str, timeout: float) -> Ended:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            task = self._ecs.describe_tasks(cluster=self._outputs["ClusterName"], tasks=[task_arn])["tasks"][0]
            if task["lastStatus"] == "STOPPED":
                code = task["containers"][0].get("exitCode")
                return Ended(task_arn.rpartition("/")[2], code, task.get("stoppedReason", ""))
            time.sleep(self._poll)
        raise DeployError(f"the {errand.container} task did not end within {timeout:.0f} s")

    def lines(self, logs: Any, errand: Errand, ended: Ended) -> list[str]:
        """What it wrote, from its own log stream; none when nothing has arrived there in time."""
        definition = self._ecs.describe_task_definition(taskDefinition=errand.definition)["taskDefinition"]
        options = definition["containerDefinitions"][0]["logConfiguration"]["options"]
        stream = f"{options['awslogs-stream-prefix']}/{errand.container}/{ended.task_id}"
        deadline = time.monotonic() + _LOG_SECONDS
        while time.monotonic() < deadline:
            try:
                events = logs.get_log_events(
                    logGroupName=options["awslogs-group"], logStreamName=stream, startFromHead=True
                )["events"]
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                events = []
            if events:
                return [event["message"] for event in events]
            time.sleep(self._poll)
        return []
