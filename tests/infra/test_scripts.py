"""The scripts of the deploy workflow, run as it runs them, against the emulated account."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.core.keys import parse_keys
from tests.clients.deployment import sample_google
from tests.infra.conftest import FOUNDATION, OLDER, QUICK, SERVICE, TOLD, Deployed, Record
from tests.infra.emulator import ROOT, Ran
from tests.support.clock import FakeClock
from tests.support.stack import running

pytestmark = [pytest.mark.infra, pytest.mark.proof, pytest.mark.timeout(180)]
NEWER = "sha256:" + "c" * 64


def test_a_new_digest_changes_the_task_definition_and_nothing_else(deployed: Deployed):
    before = deployed.outputs(SERVICE)
    ran = deployed.deploy_service("--digest", NEWER)
    assert ran.status == 0, ran.complained
    assert deployed.running_digest() == NEWER
    after = deployed.outputs(SERVICE)
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"RunningDigest", "TaskDefinitionArn", "SmokeTaskDefinitionArn"}


def test_the_same_version_again_is_nothing_to_do(deployed: Deployed):
    assert deployed.deploy_service("--digest", NEWER).status == 0
    again = deployed.deploy_service("--digest", NEWER)
    assert again.status == 0
    assert "nothing to change" in again.said


def test_the_rollback_script_runs_the_image_before_within_five_minutes(deployed: Deployed, record_property: Record):
    digests = [deployed.push("one")]
    time.sleep(1.1)  # the registry tells pushes apart by the second
    digests.append(deployed.push("two"))
    assert deployed.deploy_service("--digest", digests[1]).status == 0
    template = str(deployed.templates / "service.template.json")
    ran = deployed.account.script("rollback", "--stack", SERVICE, "--template", template, *QUICK)
    record_property(TOLD, f"rollback script, from start to end: {ran.seconds:.1f} s")
    assert ran.status == 0, ran.complained
    assert deployed.running_digest() == digests[0]
    assert ran.seconds < 300


def test_an_image_that_the_registry_has_not_is_refused_before_anything_changes(deployed: Deployed):
    before = deployed.running_digest()
    ran = deployed.account.script("rollback", "--stack", SERVICE, "--digest", OLDER, *QUICK)
    assert ran.status == 1
    assert "the registry has no image" in ran.complained
    assert deployed.running_digest() == before


def test_a_version_that_cannot_be_deployed_is_turned_back_and_says_why(deployed: Deployed, tmp_path: Path):
    before = deployed.running_digest()
    template = json.loads((deployed.templates / "service.template.json").read_text(encoding="utf-8"))
    template["Resources"]["DiscoveryService"]["Properties"]["NamespaceId"] = "ns-gone"
    template["Resources"]["DiscoveryService"]["Properties"]["Name"] = "elsewhere"
    broken = tmp_path / "broken.template.json"
    broken.write_text(json.dumps(template), encoding="utf-8")
    ran = deployed.account.script("deploy", "--stack", SERVICE, "--template", str(broken), "--digest", OLDER, *QUICK)
    assert ran.status == 1
    assert "DiscoveryService" in ran.complained
    assert deployed.running_digest() == before


def test_parameters_that_are_missing_are_all_named(deployed: Deployed):
    template = str(deployed.templates / "service.template.json")
    ran = deployed.account.script("deploy", "--stack", "another", "--template", template, "--foundation", FOUNDATION)
    assert ran.status == 1
    assert "VpcId" in ran.complained
    assert "ImageDigest" in ran.complained
    assert "BucketName" not in ran.complained


def test_the_secrets_script_fills_placeholders_once_and_rotates_in_front(deployed: Deployed, tmp_path: Path):
    manager = deployed.account.client("secretsmanager")

    def held(name: str) -> str:
        return manager.get_secret_value(SecretId=f"google-workspace-mcp/{name}")["SecretString"]

    file = tmp_path / "client.json"
    file.write_text(json.dumps({"web": {"client_id": "an-id", "client_secret": "canary"}}), encoding="utf-8")
    first = deployed.account.script("secrets", "--foundation", FOUNDATION, "--google-client", str(file))
    assert first.status == 0, first.complained
    assert json.loads(held("google-client")) == {"client_id": "an-id", "client_secret": "canary"}
    keys, signing = held("keys"), held("signing-keys")
    assert held("agents") == "[]"
    again = deployed.account.script("secrets", "--foundation", FOUNDATION, "--rotate", "signing-keys")
    assert held("keys") == keys
    assert parse_keys(held("signing-keys")).keys[1:] == parse_keys(signing).keys
    assert "canary" not in first.said
    assert keys.partition(":")[2] not in first.said + again.said


def test_the_list_of_agents_is_checked_before_it_is_stored(deployed: Deployed, tmp_path: Path):
    manager = deployed.account.client("secretsmanager")
    file = tmp_path / "agents.json"

    def fill(listed: object) -> Ran:
        file.write_text(json.dumps(listed), encoding="utf-8")
        return deployed.account.script("secrets", "--foundation", FOUNDATION, "--agents", str(file))

    good = [{"issuer": "https://agent.example", "secret": "canary-words-of-more-than-32-bytes"}]
    assert fill(good).status == 0
    refused = fill([{"issuer": "https://agent.example", "secret": "canary"}])
    kept = deployed.account.script("secrets", "--foundation", FOUNDATION)
    assert (refused.status, kept.status) == (1, 0)
    assert "entry 1: secret needs 32 bytes at least" in refused.complained
    assert "canary" not in refused.complained + refused.said + kept.said
    assert json.loads(manager.get_secret_value(SecretId="google-workspace-mcp/agents")["SecretString"]) == good


@contextmanager
def inside(deployed: Deployed, *words: str) -> Generator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The script under way, and the task that it has started. The emulator never ends a task by itself."""
    ecs = deployed.account.client("ecs")
    before = set(ecs.list_tasks(cluster="shared")["taskArns"])
    script = subprocess.Popen(
        [sys.executable, "-m", "infra.scripts.inside", "--stack", SERVICE, "--poll", "0.2", *words],
        cwd=ROOT,
        env={**os.environ, **deployed.account.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not (started := set(ecs.list_tasks(cluster="shared")["taskArns"]) - before):
            assert time.monotonic() < deadline
            assert script.poll() is None
            time.sleep(0.1)
        yield script, ecs.describe_tasks(cluster="shared", tasks=list(started))["tasks"][0]
    finally:
        script.kill()
        script.communicate(timeout=10)


def test_a_command_runs_in_a_task_of_its_own_and_what_it_wrote_is_printed(deployed: Deployed):
    outputs, logs = deployed.outputs(SERVICE), deployed.account.client("logs")
    with inside(deployed, "doctor") as (script, task):
        assert task["taskDefinitionArn"] == outputs["TaskDefinitionArn"]
        assert task["overrides"]["containerOverrides"] == [{"name": "service", "command": ["doctor"]}]
        place = {
            "logGroupName": "/ecs/google-workspace-mcp",
            "logStreamName": f"service/service/{task['taskArn'].rpartition('/')[2]}",
        }
        logs.create_log_stream(**place)
        event = {"timestamp": int(time.time() * 1000), "message": "ok    store: well"}
        logs.put_log_events(**place, logEvents=[event])
        deployed.account.client("ecs").stop_task(cluster="shared", task=task["taskArn"], reason="by the test")
        said, complained = script.communicate(timeout=60)
    # The emulator says 0 for every task that is stopped.
    assert script.returncode == 0, complained
    assert "ok    store: well" in said


@pytest.mark.parametrize(
    "words",
    [(), ("serve",), ("clients", "add", "Office", "https://o.example"), ("connections", "list", "--show-addresses")],
)
def test_what_would_write_a_secret_or_an_address_into_the_log_is_not_run(words: tuple[str, ...], deployed: Deployed):
    before = deployed.account.client("ecs").list_tasks(cluster="shared")["taskArns"]
    assert deployed.account.script("inside", "--stack", SERVICE, *words).status == 1
    assert deployed.account.client("ecs").list_tasks(cluster="shared")["taskArns"] == before


def test_the_notification_reaches_the_topics_subscribers(deployed: Deployed):
    sns, sqs = deployed.account.client("sns"), deployed.account.client("sqs")
    queue = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=deployed.outputs(SERVICE)["TopicArn"], Protocol="sqs", Endpoint=arn)
    ran = deployed.account.script("notify", "--stack", SERVICE, "--subject", "deployed\nBcc: x", "--message", "it runs")
    assert ran.status == 0, ran.complained
    message = json.loads(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]["Body"])
    assert (message["Subject"], message["Message"]) == ("deployed Bcc: x", "it runs")


def test_a_smoke_task_that_does_not_end_fails_the_script(deployed: Deployed):
    ran = deployed.account.script("smoke", "--stack", SERVICE, "--only", "cloud-map", "--timeout", "1", "--poll", "0.2")
    assert ran.status == 1
    assert "did not end within 1 s" in ran.complained


@pytest.mark.parametrize("refusing", [True, False])
def test_what_the_smoke_task_runs_tells_a_service_from_none(refusing: bool, deployed: Deployed, tmp_path: Path):
    arn = deployed.outputs(SERVICE)["SmokeTaskDefinitionArn"]
    definition = deployed.account.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    script = definition["containerDefinitions"][0]["command"][0]
    with sample_google(FakeClock()) as google, running(google, tmp_path) as stack:
        base = stack.internal_url if refusing else f"{stack.internal_url}/nowhere"
        done = subprocess.run(
            [sys.executable, "-c", script, base], capture_output=True, text=True, timeout=30, check=False
        )
    assert (done.returncode == 0) is refusing, done.stderr
