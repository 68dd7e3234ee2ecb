"""The scripts of the deploy workflow, run as it runs them, against the emulated account."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from google_workspace_mcp.core.keys import parse_keys
from tests.clients.deployment import sample_google
from tests.infra.conftest import FOUNDATION, QUICK, SERVICE, Deployed
from tests.support.clock import FakeClock
from tests.support.stack import running

pytestmark = [pytest.mark.infra, pytest.mark.proof, pytest.mark.timeout(180)]
OLDER, NEWER = "sha256:" + "b" * 64, "sha256:" + "c" * 64


def push(deployed: Deployed, tag: str) -> str:
    """An image of its own in the registry; its digest."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 2, "digest": OLDER},
        "layers": [],
        "annotations": {"tag": tag},
    }
    image = deployed.account.client("ecr").put_image(
        repositoryName="google-workspace-mcp", imageManifest=json.dumps(manifest), imageTag=tag
    )
    return image["image"]["imageId"]["imageDigest"]


def running_digest(deployed: Deployed) -> str:
    arn = deployed.service()["taskDefinition"]
    definition = deployed.account.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    return definition["containerDefinitions"][0]["image"].partition("@")[2]


def test_a_new_digest_changes_the_task_definition_and_nothing_else(deployed: Deployed):
    before = deployed.outputs(SERVICE)
    ran = deployed.deploy_service("--digest", NEWER)
    assert ran.status == 0, ran.complained
    assert running_digest(deployed) == NEWER
    after = deployed.outputs(SERVICE)
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"RunningDigest", "TaskDefinitionArn", "SmokeTaskDefinitionArn"}


def test_the_same_version_again_is_nothing_to_do(deployed: Deployed):
    assert deployed.deploy_service("--digest", NEWER).status == 0
    again = deployed.deploy_service("--digest", NEWER)
    assert again.status == 0
    assert "nothing to change" in again.said


def test_the_rollback_script_runs_the_image_before_within_five_minutes(deployed: Deployed):
    digests = [push(deployed, "one")]
    time.sleep(1.1)  # the registry tells pushes apart by the second
    digests.append(push(deployed, "two"))
    assert deployed.deploy_service("--digest", digests[1]).status == 0
    template = str(deployed.templates / "service.template.json")
    ran = deployed.account.script("rollback", "--stack", SERVICE, "--template", template, *QUICK)
    assert ran.status == 0, ran.complained
    assert running_digest(deployed) == digests[0]
    assert ran.seconds < 300


def test_an_image_that_the_registry_has_not_is_refused_before_anything_changes(deployed: Deployed):
    before = running_digest(deployed)
    ran = deployed.account.script("rollback", "--stack", SERVICE, "--digest", OLDER, *QUICK)
    assert ran.status == 1
    assert "the registry has no image" in ran.complained
    assert running_digest(deployed) == before


def test_a_version_that_cannot_be_deployed_is_turned_back_and_says_why(deployed: Deployed, tmp_path: Path):
    before = running_digest(deployed)
    template = json.loads((deployed.templates / "service.template.json").read_text(encoding="utf-8"))
    template["Resources"]["DiscoveryService"]["Properties"]["NamespaceId"] = "ns-gone"
    template["Resources"]["DiscoveryService"]["Properties"]["Name"] = "elsewhere"
    broken = tmp_path / "broken.template.json"
    broken.write_text(json.dumps(template), encoding="utf-8")
    ran = deployed.account.script("deploy", "--stack", SERVICE, "--template", str(broken), "--digest", OLDER, *QUICK)
    assert ran.status == 1
    assert "DiscoveryService" in ran.complained
    assert running_digest(deployed) == before


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
    again = deployed.account.script("secrets", "--foundation", FOUNDATION, "--rotate", "signing-keys")
    assert held("keys") == keys
    assert parse_keys(held("signing-keys")).keys[1:] == parse_keys(signing).keys
    assert "canary" not in first.said
    assert keys.partition(":")[2] not in first.said + again.said


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
