"""What `make check` leaves to `make test`: tests that start servers or processes, or look long for counter-examples."""

from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_SLOW = (
    "auth/test_account_pages.py",
    "auth/test_sign_in.py",
    "browser",
    "calendar_tools/test_calendar_list_events.py",
    "clients",
    "core/google/test_transfers.py",
    "core/http/test_proxy.py",
    "core/http/test_server.py",
    "core/storage/test_object_store.py",
    "core/test_keys.py",
    "demo",
    "drive/test_drive_read.py",
    "drive/test_drive_search.py",
    "e2e",
    "faults",
    "gmail",
    "sandbox/calendar/test_recurrence.py",
    "sandbox/test_google_client.py",
    "sandbox/test_server.py",
    "security/test_google_paths.py",
    "test_cli.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(_HERE).as_posix()
        if any(place == slow or place.startswith(f"{slow}/") for slow in _SLOW):
            item.add_marker(pytest.mark.slow)
