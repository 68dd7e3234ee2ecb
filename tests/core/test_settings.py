"""Settings: names and defaults, every mistake at once, secrets masked."""

import base64
import os
from pathlib import Path

import pytest

from google_workspace_mcp.core.described import describe
from google_workspace_mcp.core.settings import Settings, SettingsError, load

KEY = "a:" + base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ROOT_PATH", "PORT", "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"GWMCP_{name}", raising=False)


def problems(**values: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(None, **values)
    return caught.value.problems


def test_nothing_given_is_a_workstation_on_loopback() -> None:
    settings = load(None)
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 8000, "http://localhost:8000")
    assert settings.redirect_uri == "http://localhost:8000/auth/google/callback"
    assert settings.services == ("gmail", "drive", "calendar")


def test_the_environment_is_read_by_prefix_and_by_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GWMCP_SERVICES", "calendar, gmail")
    monkeypatch.setenv("GOOGLE_CLIENT_ID", "an-id")
    monkeypatch.setenv("PORT", "9000")
    settings = load(None)
    assert (settings.services, settings.google_client_id, settings.port) == (("gmail", "calendar"), "an-id", 9000)


def test_the_prefixed_name_wins_over_its_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("GWMCP_PORT", "9001")
    assert load(None).port == 9001


def test_the_prefix_comes_from_the_base_url() -> None:
    settings = load(None, base_url="https://tools.example.com/workspace/")
    assert (settings.root_path, settings.origin) == ("/workspace", "https://tools.example.com")
    assert settings.mcp_url == "https://tools.example.com/workspace/mcp"


def test_a_prefix_that_disagrees_with_the_base_url_stops_the_start() -> None:
    assert "make them agree" in problems(base_url="https://x.example/a", root_path="/b")[0]
    assert "make them agree" in problems(base_url="https://x.example", root_path="/b")[0]


def test_all_mistakes_are_listed_at_once_with_their_names() -> None:
    found = problems(base_url="http://tools.example.com", port="x", services="gmail,sheets", store="/tmp/x")
    names = {line.split()[0] for line in found}
    assert names == {"GWMCP_BASE_URL", "GWMCP_PORT", "GWMCP_SERVICES", "GWMCP_STORE"}


@pytest.mark.parametrize("url", ["http://google.example", "ftp://127.0.0.1", "https://u:p@x.example", "https://x/?a=1"])
def test_plain_http_is_for_loopback_only_and_odd_urls_are_refused(url: str) -> None:
    assert problems(google_url=url)[0].startswith("GWMCP_GOOGLE_URL")


@pytest.mark.parametrize(
    "url", ["collector:4317", "grpc://c:4317", "https://u:p@c.example", "https://c/?key=1", "http://["]
)
def test_a_collector_is_named_by_a_plain_address(url: str) -> None:
    assert problems(otlp_endpoint=url)[0].startswith("GWMCP_OTLP_ENDPOINT")
    assert "u:p" not in problems(otlp_endpoint=url)[0]


def test_a_collector_in_the_network_may_be_plain_http_under_opentelemetrys_own_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/")
    assert load(None).otlp_endpoint == "http://collector:4318"


@pytest.mark.parametrize("name", ["AWS/Ours", "ours & theirs", "x" * 256, "naïve"])
def test_a_namespace_that_cloudwatch_would_not_take_is_refused(name: str) -> None:
    assert problems(emf_namespace=name)[0].startswith("GWMCP_EMF_NAMESPACE")


@pytest.mark.parametrize("host", ["http://localhost:8000", "http://127.0.0.1:1", "http://[::1]:8000"])
def test_loopback_may_be_plain_http(host: str) -> None:
    assert load(None, google_url=host).google_url == host


def test_an_s3_store_without_keys_stops_the_start() -> None:
    assert "GWMCP_KEYS and GWMCP_SIGNING_KEYS" in problems(store="s3://bucket/prefix")[0]
    assert load(None, store="s3://bucket/prefix", keys=KEY, signing_keys=KEY).store_directory is None


def test_an_s3_store_needs_no_keys_of_its_own_when_kms_or_secrets_give_them() -> None:
    by_kms = load(None, store="s3://bucket/a/b", kms_key="alias/x", signing_keys=KEY)
    assert (by_kms.store_bucket, by_kms.kms_key) == (("bucket", "a/b"), ("alias/x",))
    load(None, store="s3://bucket", keys_secret="prod/keys", signing_keys_secret="prod/signing")
    assert "needs GWMCP_SIGNING_KEYS:" in problems(store="s3://bucket", kms_key="alias/x")[0]


@pytest.mark.parametrize("name", ["google_client_id", "google_client_secret", "keys", "signing_keys"])
def test_a_value_and_the_name_of_its_secret_are_a_mistake_together(name: str) -> None:
    value = KEY if "keys" in name else "x"
    [problem] = problems(**{name: value, f"{name}_secret": "prod/x"})
    assert problem == f"GWMCP_{name.upper()} and GWMCP_{name.upper()}_SECRET are both given: keep one"


@pytest.mark.parametrize("name", ["a b", "a:b:c", "arn:aws:x", ":member", "a\nb"])
def test_a_secret_is_a_name_or_an_arn(name: str) -> None:
    assert problems(keys_secret=name)[0].startswith("GWMCP_KEYS_SECRET must be the name or ARN")


def test_a_malformed_key_is_refused_without_being_shown() -> None:
    [problem] = problems(keys="a:c2hvcnQ=")
    assert problem == "GWMCP_KEYS key a has 5 bytes, 32 are needed"


@pytest.mark.parametrize("origin", ["*", "https://*.example.com", "https://a.example/path", "app.example.com"])
def test_an_origin_is_scheme_and_host_only(origin: str) -> None:
    assert problems(allowed_origins=origin)[0].startswith("GWMCP_ALLOWED_ORIGINS")


@pytest.mark.parametrize("entry", ["*", "10.0.0.0/33", "alb.example"])
def test_forwarded_headers_are_believed_from_named_networks_only(entry: str) -> None:
    assert problems(forwarded_allow_ips=entry)[0].startswith("GWMCP_FORWARDED_ALLOW_IPS")
    assert load(None, forwarded_allow_ips="10.0.1.0/24, 10.0.2.7").forwarded_allow_ips == ("10.0.1.0/24", "10.0.2.7")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(None).port = 1


def test_a_description_masks_secrets_and_says_where_each_value_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("GWMCP_GOOGLE_CLIENT_SECRET=hidden-words\n")
    monkeypatch.setenv("GWMCP_TIER", "core")
    rows = {row.name: row for row in describe(load(env_file), os.environ, env_file)}
    assert rows["GWMCP_GOOGLE_CLIENT_SECRET"].value == "********"
    assert rows["GWMCP_GOOGLE_CLIENT_SECRET"].source == ".env (GWMCP_GOOGLE_CLIENT_SECRET)"
    assert rows["GWMCP_TIER"].source == "environment (GWMCP_TIER)"
    assert rows["GWMCP_PORT"].source == "default"
    assert len(rows) == len(Settings.model_fields)


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    assert "hidden-words" not in repr(load(None, google_client_secret="hidden-words"))
