"""Node.js, and a service to try the clients on."""

from collections.abc import Generator

import pytest

from tests.clients.deployment import Deployment, deployed, sample_google
from tests.clients.node import Node, NodeMissingError, install_packages
from tests.support.clock import FakeClock


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Node.js with the packages of this folder, installed when they are missing or older than the lock file."""
    try:
        install_packages()
    except NodeMissingError as error:
        pytest.skip(str(error))
    return Node(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def deployment(clock: FakeClock, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    """The service below the prefix `/ws` behind a proxy, and on its internal address."""
    with (
        sample_google(clock) as google,
        deployed(google, tmp_path_factory.mktemp("service"), "/ws", clock=clock) as deployment,
    ):
        yield deployment
