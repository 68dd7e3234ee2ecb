"""What `make check` leaves to `make test`: tests that start servers or processes, or look long for counter-examples."""

import functools
from collections.abc import Iterator
from pathlib import Path

import httpcore2
import pytest

from tests.support.aws import ENVIRONMENT, Aws, moto_server

_HERE = Path(__file__).parent
_SLOW = (
    "across",
    "auth/test_account_pages.py",
    "auth/test_account_tools.py",
    "auth/test_audit.py",
    "auth/test_connect_links.py",
    "auth/test_connection_api.py",
    "auth/test_key_sets.py",
    "auth/test_operator_clients.py",
    "auth/test_outage.py",
    "auth/test_registration.py",
    "auth/test_service_tokens.py",
    "auth/test_sign_in.py",
    "auth/test_two_tasks.py",
    "auth/test_who_may_sign_in.py",
    "browser",
    "calendar_tools",
    "calendar_writing",
    "clients",
    "core/files/test_uploads.py",
    "core/content/documents/test_hostile.py",
    "core/content/documents/test_pool.py",
    "core/http/test_egress.py",
    "core/google/test_transfers.py",
    "core/http/test_proxy.py",
    "core/http/test_server.py",
    "core/storage/test_kms.py",
    "core/storage/test_object_store.py",
    "core/storage/test_s3.py",
    "core/test_secrets.py",
    "core/test_keys.py",
    "demo",
    "docs",
    "drive",
    "e2e",
    "faults",
    "files",
    "gmail",
    "image/test_image.py",
    "image/test_runtime.py",
    "infra/test_restore.py",
    "lifecycle",
    "outputs",
    "sandbox/calendar",
    "sandbox/drive",
    "sandbox/gmail",
    "sandbox/test_google_client.py",
    "sandbox/test_server.py",
    "security/test_protocol_versions.py",
    "security/test_fetching.py",
    "security/test_google_paths.py",
    "sources",
    "test_cli.py",
    "test_cli_aws.py",
    "test_doctor.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(_HERE).as_posix()
        if any(place == slow or place.startswith(f"{slow}/") for slow in _SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def certificates() -> Iterator[None]:
    """The trusted certificates are read once: every HTTP client would take 20 ms to read them again."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(httpcore2, "default_ssl_context", functools.cache(httpcore2.default_ssl_context))
        yield


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """AWS, emulated: one process for all tests of a worker, which keep apart by fresh names."""
    with pytest.MonkeyPatch.context() as environment, moto_server(tmp_path_factory.mktemp("moto") / "log") as emulator:
        for name, value in ENVIRONMENT.items():
            environment.setenv(name, value)
        yield emulator
