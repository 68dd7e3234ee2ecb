"""Comments and replies."""

from typing import Any

import pytest

from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.service import JSON, GoogleError
from tests.sandbox.drive.client import Client
from tests.sandbox.drive.conftest import Office

EVERY = "*"


def comment(client: Client, file: str, content: str = "Which year?", **more: Any) -> JSON:
    return client.call("comments.create", {"content": content} | more, fileId=file, fields=EVERY)


def refusal(client: Client, method: str, body: JSON | None = None, **params: Any) -> tuple[int, str]:
    with pytest.raises(GoogleError) as caught:
        client.reply(method, body, **params)
    return caught.value.status, caught.value.reason


def test_a_comment_is_listed_with_its_author_and_what_it_quotes(office: Office):
    file = office.add("plan.txt")
    office.drive.share(file, email=BEN.email, role="commenter")
    made = comment(office.ben, file, "Which <year>?", quotedFileContent={"value": "in May"})

    [shown] = office.alice.call("comments.list", fileId=file, fields=EVERY)["comments"]

    assert shown["id"] == made["id"]
    assert shown["author"] == {"kind": "drive#user", "displayName": BEN.name, "me": False}
    assert (shown["content"], shown["htmlContent"]) == ("Which <year>?", "Which &lt;year&gt;?")
    assert shown["quotedFileContent"]["value"] == "in May"
    assert (shown["resolved"], shown["replies"]) == (False, [])


def test_a_reply_resolves_a_comment_and_another_one_reopens_it(office: Office):
    file = office.add("plan.txt")
    made = comment(office.alice, file)
    place: JSON = {"fileId": file, "commentId": made["id"], "fields": EVERY}

    office.alice.call("replies.create", {"content": "2026", "action": "resolve"}, **place)
    assert office.alice.call("comments.get", **place)["resolved"] is True
    office.alice.call("replies.create", {"action": "reopen"}, **place)

    shown = office.alice.call("comments.get", **place)
    assert shown["resolved"] is False
    assert [reply["action"] for reply in shown["replies"]] == ["resolve", "reopen"]


def test_readers_comment_on_nothing_and_commenters_resolve_only_their_own(office: Office):
    file = office.add("plan.txt")
    office.drive.share(file, email=BEN.email)
    office.drive.share(file, email=CHIARA.email, role="commenter")
    made = comment(office.alice, file)

    assert refusal(office.ben, "comments.create", {"content": "x"}, fileId=file, fields=EVERY)[0] == 403
    place: JSON = {"fileId": file, "commentId": made["id"], "fields": EVERY}
    assert refusal(office.chiara, "replies.create", {"action": "resolve"}, **place)[0] == 403
    own = comment(office.chiara, file)
    office.chiara.call("replies.create", {"action": "resolve"}, **(place | {"commentId": own["id"]}))


def test_words_are_changed_and_taken_back_by_their_author_alone(office: Office):
    file = office.add("plan.txt")
    office.drive.share(file, email=BEN.email, role="writer")
    made = comment(office.alice, file)
    place: JSON = {"fileId": file, "commentId": made["id"]}

    assert refusal(office.ben, "comments.update", {"content": "x"}, **place, fields=EVERY)[0] == 403
    office.alice.call("comments.update", {"content": "Which month?"}, **place, fields=EVERY)
    assert office.ben.call("comments.get", **place, fields=EVERY)["content"] == "Which month?"
    office.alice.reply("comments.delete", **place)

    assert office.ben.call("comments.list", fileId=file, fields=EVERY)["comments"] == []
    [gone] = office.ben.call("comments.list", fileId=file, fields=EVERY, includeDeleted=True)["comments"]
    assert gone["deleted"] is True
    assert "content" not in gone
    assert refusal(office.ben, "comments.get", **place, fields=EVERY) == (404, "notFound")


def test_what_changed_last_comes_first_page_by_page(office: Office):
    file = office.add("plan.txt")
    ids: list[str] = []
    for number in range(3):
        office.clock.advance(minutes=1)
        ids.append(comment(office.alice, file, f"{number}")["id"])
    office.clock.advance(minutes=1)
    office.alice.call("replies.create", {"content": "yes"}, fileId=file, commentId=ids[0], fields=EVERY)

    first = office.alice.call("comments.list", fileId=file, fields=EVERY, pageSize=2)
    rest = office.alice.call("comments.list", fileId=file, fields=EVERY, pageSize=2, pageToken=first["nextPageToken"])

    assert [c["id"] for c in first["comments"] + rest["comments"]] == [ids[0], ids[2], ids[1]]
    assert "nextPageToken" not in rest


def test_a_time_leaves_out_what_did_not_change_since(office: Office):
    file = office.add("plan.txt")
    comment(office.alice, file, "old")
    office.clock.advance(hours=1)
    comment(office.alice, file, "new")

    since = office.clock.now().isoformat()
    shown = office.alice.call("comments.list", fileId=file, fields=EVERY, startModifiedTime=since)["comments"]

    assert [c["content"] for c in shown] == ["new"]


def test_comments_have_no_default_mask_and_reach_shared_drives_without_a_flag(office: Office):
    launch = office.drive.add_shared_drive("Launch", {ALICE.email: "organizer"})
    file = office.drive.add_file(ALICE.email, "a.txt", b"x", "text/plain", parent=launch)

    assert refusal(office.alice, "comments.list", fileId=file) == (400, "required")
    assert comment(office.alice, file)["content"] == "Which year?"


@pytest.mark.parametrize("body", [{}, {"content": " "}])
def test_a_comment_without_words_is_refused(office: Office, body: JSON):
    assert refusal(office.alice, "comments.create", body, fileId=office.add("a"), fields=EVERY) == (400, "required")


def test_what_is_not_there_is_not_found(office: Office):
    file = office.add("a.txt")
    made = comment(office.alice, file)

    assert refusal(office.alice, "comments.get", fileId=file, commentId="AAA", fields=EVERY)[0] == 404
    assert refusal(office.ben, "comments.list", fileId=file, fields=EVERY)[0] == 404
    place: JSON = {"fileId": file, "commentId": made["id"], "fields": EVERY}
    assert refusal(office.alice, "replies.get", **place, replyId="AAA")[0] == 404
    assert refusal(office.alice, "replies.create", {"action": "burn"}, **place)[0] == 400


def test_replies_are_listed_in_order_and_changed_by_their_author(office: Office):
    file = office.add("a.txt")
    place: JSON = {"fileId": file, "commentId": comment(office.alice, file)["id"], "fields": EVERY}
    one, two = (office.alice.call("replies.create", {"content": word}, **place)["id"] for word in ("one", "two"))

    office.alice.call("replies.update", {"content": "three"}, **place, replyId=two)
    shown = office.alice.call("replies.list", **place)["replies"]
    assert [reply["content"] for reply in shown] == ["one", "three"]
    office.alice.reply("replies.delete", fileId=file, commentId=place["commentId"], replyId=one)

    assert [reply["id"] for reply in office.alice.call("replies.list", **place)["replies"]] == [two]
