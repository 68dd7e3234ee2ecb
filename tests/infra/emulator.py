"""An AWS account on this machine: MiniStack in a process of its own, and the network that a service stack expects.

It checks templates and API calls, keeps what was made, and forwards requests as a load balancer does. It starts no
containers, enforces no policies, and has no scaling of applications and no OIDC providers.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx2

from google_workspace_mcp.core.http.server import listen

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "infra" / "out"
REGION = "eu-west-1"
# What the emulator has not: templates go in without these.
UNKNOWN_TO_IT = ("AWS::ApplicationAutoScaling::", "AWS::IAM::OIDCProvider")
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Account:
    """The emulated account: its one address, and clients for its services."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """For processes that use the SDK's own configuration."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # pyright: ignore[reportArgumentType, reportCallIssue]
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def script(self, name: str, *arguments: str, timeout: float = 60) -> "Ran":
        """A script of `infra/scripts`, run as the workflows run it."""
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", f"infra.scripts.{name}", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr, time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a script ended."""

    status: int
    said: str
    complained: str
    seconds: float


@contextmanager
def emulated(folder: Path) -> Generator[Account]:
    """A fresh account. Nothing of it is written to disk but its log."""
    program = Path(sys.executable).with_name("ministack")
    with contextlib.closing(listen()) as probe:
        port = probe.getsockname()[1]
    quiet = {"SFTP_ENABLED": "0", "IOT_MTLS_ENABLED": "0", "LOG_LEVEL": "WARNING"}
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            [program],
            cwd=folder,
            env={
                **os.environ,
                **quiet,
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(port),
                "MINISTACK_REGION": REGION,
                # No engine: tasks are only written down.
                "DOCKER_HOST": "unix:///nowhere/docker.sock",
            },
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/_ministack/health", process)
            yield Account(url)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the emulator ended")
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(url, timeout=2, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the emulator did not start")


@dataclass(frozen=True, slots=True)
class Network:
    """What a service stack expects to be there already, by parameter; and the load balancer's name."""

    parameters: Mapping[str, str]
    balancer: str
    default_rule: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def network(account: Account, listener_port: int) -> Network:
    """A VPC with two subnets, a cluster, a load balancer whose listener says 404, a namespace."""
    ec2, elb = account.client("ec2"), account.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("balancer", "callers")
    ]
    account.client("ecs").create_cluster(clusterName="shared")
    balancer = elb.create_load_balancer(Name="shared", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    not_found = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "MessageBody": "nothing here"}}
    listener = elb.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTP", Port=listener_port, DefaultActions=[not_found]
    )["Listeners"][0]["ListenerArn"]
    return Network(
        {
            "VpcId": vpc,
            "SubnetIds": ",".join(subnets),
            "ClusterName": "shared",
            "ListenerArn": listener,
            "LoadBalancerSecurityGroupId": groups[0],
            "CallerSecurityGroupId": groups[1],
            "LoadBalancerCidrs": "10.0.0.0/24,10.0.1.0/24",
            "NamespaceId": _namespace(account, vpc),
            "NamespaceName": "internal.local",
        },
        "shared",
        elb.describe_rules(ListenerArn=listener)["Rules"],
    )


def _namespace(account: Account, vpc: str) -> str:
    discovery = account.client("servicediscovery")
    operation = discovery.create_private_dns_namespace(Name="internal.local", Vpc=vpc)["OperationId"]
    return discovery.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]


def for_emulator(name: str, folder: Path) -> Path:
    """The committed template of that name without what the emulator does not have."""
    template = json.loads((OUT / f"{name}.template.json").read_text(encoding="utf-8"))
    template["Resources"] = {
        logical_id: resource
        for logical_id, resource in template["Resources"].items()
        if not resource["Type"].startswith(UNKNOWN_TO_IT)
    }
    text = json.dumps(template)
    if name == "foundation":
        # With the provider goes the reference to it: the parameter alone is left.
        missing = {"Fn::If": ["MakesOidcProvider", {"Ref": "OidcProvider"}, {"Ref": "OidcProviderArn"}]}
        text = text.replace(json.dumps(missing), json.dumps({"Ref": "OidcProviderArn"}))
    path = folder / f"{name}.template.json"
    path.write_text(text, encoding="utf-8")
    return path
