"""One CloudFormation stack, changed through a change set and watched until it is done or has been turned back."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

CHANGE_SET_SECONDS: Final = 120
_DONE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
# What an update never starts from: the first deployment failed, and only deleting the stack helps.
_DEAD: Final = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"})
_NOTHING: Final = ("didn't contain changes", "No updates are to be performed")

type Say = Callable[[str], None]


class DeployError(Exception):
    """What went wrong, in words for whoever deploys."""


@dataclass(frozen=True, slots=True)
class Version:
    """A template, and the parameters that are given with it; the rest stays as it is."""

    template: Path
    given: Mapping[str, str]
    founded: Mapping[str, str]
    role_arn: str = ""


class ServiceStack:
    """A stack by name, in the account and region of the SDK's own configuration."""

    def __init__(self, cloudformation: Any, name: str, say: Say, *, poll_seconds: float = 5.0) -> None:
        self._api = cloudformation
        self._name = name
        self._say = say
        self._poll_seconds = poll_seconds

    def outputs(self) -> dict[str, str]:
        """Outputs of the stack. Raises DeployError when there is no such stack."""
        stack = self._describe()
        if stack is None:
            raise DeployError(f"there is no stack {self._name} in this account and region")
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}

    def change_to(self, version: Version, *, timeout: float, dry_run: bool = False) -> bool:
        """Deploy that version; False when there was nothing to change or it was only tried.

        Raises DeployError when it failed, with CloudFormation's reasons; the stack then is what it was before.
        """
        stack = self._describe()
        if stack and stack["StackStatus"] in _DEAD:
            raise DeployError(f"{self._name} is {stack['StackStatus']}: delete it, then deploy again")
        change_set = self._change_set(stack, version)
        if change_set is None:
            self._say(f"{self._name}: nothing to change")
            return False
        if dry_run:
            self._api.delete_change_set(StackName=self._name, ChangeSetName=change_set)
            return False
        since = time.time()
        self._api.execute_change_set(StackName=self._name, ChangeSetName=change_set)
        status = self._wait(timeout)
        if status in _DONE:
            self._say(f"{self._name}: {status} after {time.time() - since:.0f} s")
            return True
        raise DeployError(f"{self._name} ended as {status}:\n" + "\n".join(self._reasons(since)))

    def _describe(self) -> dict[str, Any] | None:
        try:
            stack = self._api.describe_stacks(StackName=self._name)["Stacks"][0]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise
        return None if stack["StackStatus"] in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE") else stack

    def _change_set(self, stack: Mapping[str, Any] | None, version: Version) -> str | None:
        asked: dict[str, Any] = {
            "StackName": self._name,
            "ChangeSetName": f"deploy-{time.time_ns()}",
            "ChangeSetType": "UPDATE" if stack else "CREATE",
            "TemplateBody": version.template.read_text(encoding="utf-8"),
            "Parameters": _parameters(stack, version),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }
        if version.role_arn:
            asked["RoleARN"] = version.role_arn
        made = self._api.create_change_set(**asked)["Id"]
        deadline = time.monotonic() + CHANGE_SET_SECONDS
        while time.monotonic() < deadline:
            answer = self._api.describe_change_set(StackName=self._name, ChangeSetName=made)
            if answer["Status"] == "CREATE_COMPLETE":
                return self._told(made, answer["Changes"])
            if answer["Status"] == "FAILED":
                return self._nothing_or_raise(made, answer.get("StatusReason", ""))
            time.sleep(self._poll_seconds)
        raise DeployError(f"CloudFormation made no change set within {CHANGE_SET_SECONDS} s")

    def _told(self, change_set: str, changes: list[dict[str, Any]]) -> str | None:
        for change in changes:
            about = change["ResourceChange"]
            replaced = " (replaced)" if about.get("Replacement") == "True" else ""
            self._say(f"  {about['Action']} {about['LogicalResourceId']}{replaced}")
        return change_set if changes else self._nothing_or_raise(change_set, _NOTHING[0])

    def _nothing_or_raise(self, change_set: str, reason: str) -> None:
        self._api.delete_change_set(StackName=self._name, ChangeSetName=change_set)
        if not any(words in reason for words in _NOTHING):
            raise DeployError(f"CloudFormation refuses the change: {reason}")

    def _wait(self, timeout: float) -> str:
        deadline, told = time.monotonic() + timeout, ""
        while time.monotonic() < deadline:
            stack = self._describe()
            status = str(stack["StackStatus"]) if stack else ""
            if status != told:
                self._say(f"{self._name}: {status}")
                told = status
            if status and not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(self._poll_seconds)
        raise DeployError(f"{self._name} is still {told} after {timeout:.0f} s; CloudFormation goes on without us")

    def _reasons(self, since: float) -> list[str]:
        events = self._api.describe_stack_events(StackName=self._name)["StackEvents"]
        return [
            f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', event['ResourceStatus'])}"
            for event in reversed(events)
            if event["Timestamp"].timestamp() >= since - 1 and event["ResourceStatus"].endswith("FAILED")
        ]


def _parameters(stack: Mapping[str, Any] | None, version: Version) -> list[dict[str, Any]]:
    """Given, else the foundation's output of that name, else what the stack has, else the template's default."""
    wanted: dict[str, Any] = json.loads(version.template.read_text(encoding="utf-8"))["Parameters"]
    unknown = sorted(set(version.given) - set(wanted))
    if unknown:
        raise DeployError(f"the template has no parameter {', '.join(unknown)}")
    present = {entry["ParameterKey"] for entry in stack.get("Parameters", ())} if stack else set[str]()
    chosen = {**{name: value for name, value in version.founded.items() if name in wanted}, **version.given}
    missing = sorted(name for name in wanted if "Default" not in wanted[name] and name not in {*chosen, *present})
    if missing:
        raise DeployError(f"these parameters have to be given: {', '.join(missing)}")
    kept = [name for name in wanted if name in present and name not in chosen]
    return [
        *({"ParameterKey": name, "ParameterValue": value} for name, value in chosen.items()),
        *({"ParameterKey": name, "UsePreviousValue": True} for name in kept),
    ]
