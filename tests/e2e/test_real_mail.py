"""Mail that no one here wrote: every message gives a result, in bounded time. `make reading` prints the figures."""

import pytest

from tests.bench.reading import alarms, measured, newsletters, slowest
from tests.support.real_mail import corpus, real_mail

# The reading of a message is bounded to about a second; the rest is for a busy machine.
_SECONDS = 5.0
# Of messages written before there were such attacks.
_FALSE_ALARMS = 0.01


@pytest.mark.proof
@pytest.mark.timeout(600)
async def test_every_real_message_gives_a_result_in_bounded_time(capsys: pytest.CaptureFixture[str]):
    folder = corpus()
    if folder is None:
        pytest.skip("no corpus: name a folder of messages in MAIL_CORPUS")
    found = await measured(real_mail(folder))
    with capsys.disabled():
        print("", *slowest(found), "", *newsletters(found), "", *alarms(found), sep="\n")  # noqa: T201
    assert len(found) >= 350
    assert [each.name for each in found if each.seconds > _SECONDS] == []
    assert [each.name for each in found if len(each.result) > 90_000] == []
    assert sum(1 for each in found if each.signs) <= _FALSE_ALARMS * len(found)
