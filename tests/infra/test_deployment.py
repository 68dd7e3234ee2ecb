"""Both stacks in the emulated account, described as it sees them."""

import json
from typing import Any

import pytest

from google_workspace_mcp.core.emf import DRAIN, FIGURES
from tests.infra.conftest import DIGEST, FOUNDATION, SERVICE, TOLD, Deployed, Record

pytestmark = [pytest.mark.infra, pytest.mark.proof, pytest.mark.timeout(180)]


def test_both_stacks_come_up_by_the_deploy_script(deployed: Deployed):
    foundation, service = deployed.runs
    assert (foundation.status, service.status) == (0, 0), foundation.complained + service.complained
    assert "CREATE_COMPLETE" in service.said


def test_the_service_runs_two_tasks_of_the_image_that_was_named(deployed: Deployed, record_property: Record):
    service = deployed.service()
    definition = deployed.account.client("ecs").describe_task_definition(taskDefinition=service["taskDefinition"])
    container = definition["taskDefinition"]["containerDefinitions"][0]
    for seconds, what in zip([ran.seconds for ran in deployed.runs], ("foundation", "service"), strict=True):
        record_property(TOLD, f"{what} deployed in {seconds:.1f} s")
    record_property(TOLD, f"service {service['serviceName']}: {service['desiredCount']} tasks of {container['image']}")
    assert service["desiredCount"] == 2
    assert container["image"].endswith(f"/google-workspace-mcp@{DIGEST}")
    assert container["readonlyRootFilesystem"] is True
    assert container["logConfiguration"]["options"]["mode"] == "non-blocking"


def test_a_deployment_is_turned_back_by_the_breaker_and_by_alarms(deployed: Deployed):
    rolling = deployed.service()["deploymentConfiguration"]
    assert rolling["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    alarms = rolling["alarms"]
    assert alarms["enable"]
    assert alarms["rollback"]
    known = deployed.account.client("cloudwatch").describe_alarms(AlarmNames=alarms["alarmNames"])["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in known} == set(alarms["alarmNames"])


def _paths(rule: dict[str, Any]) -> str:
    values = [value for one in rule["Conditions"] for value in one.get("PathPatternConfig", {}).get("Values", ())]
    return " ".join(values) or "everything else"


def test_the_listeners_default_action_is_what_it_was(deployed: Deployed, record_property: Record):
    listener = deployed.network.parameters["ListenerArn"]
    rules = deployed.account.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]
    for rule in rules:
        record_property(TOLD, f"rule {rule['Priority']}: {_paths(rule)} -> {rule['Actions'][0]['Type']}")
    assert [rule for rule in rules if rule["IsDefault"]] == deployed.network.default_rule
    assert sorted(rule["Priority"] for rule in rules) == ["100", "101", "default"]


def test_the_bucket_is_versioned_closed_and_reached_by_tls_only(deployed: Deployed):
    # Its encryption the emulator does not take from a template: test_templates.py looks at that.
    s3 = deployed.account.client("s3")
    bucket = deployed.outputs(FOUNDATION)["BucketName"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]
    assert (policy["Effect"], policy["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_cloud_map_record_lives_ten_seconds(deployed: Deployed):
    services = deployed.account.client("servicediscovery").list_services()["Services"]
    assert [service["DnsConfig"]["DnsRecords"] for service in services] == [[{"Type": "A", "TTL": 10}]]


def test_the_dashboard_shows_all_the_services_own_figures(deployed: Deployed):
    body = json.loads(
        deployed.account.client("cloudwatch").get_dashboard(DashboardName="google-workspace-mcp")["DashboardBody"]
    )
    lines = [line for widget in body["widgets"] for line in widget["properties"]["metrics"]]
    shown = {line[1] for line in lines if line[0] == "GoogleWorkspaceMCP"}
    assert shown == {figure.name for figure in (*FIGURES, DRAIN)}


def test_the_outputs_say_what_clients_and_google_are_given(deployed: Deployed):
    outputs = deployed.outputs(SERVICE)
    assert outputs["PublicUrl"] == "https://127.0.0.1/google-workspace/mcp"
    assert outputs["InternalUrl"] == "http://google-workspace-mcp.internal.local:8000/mcp"
    assert outputs["RedirectUri"] == "https://127.0.0.1/google-workspace/auth/google/callback"
