"""Writing: labels, trash, sending between mailboxes, drafts."""

import base64

import pytest

from google_workspace_mcp.sandbox.service import JSON, GoogleError, Media, Person

from .support import ANNA, BERT, World

TO_BERT = (
    b"To: bert@example.com\r\nBcc: carl@example.org\r\nSubject: Plan\r\nMessage-ID: <mine@client>\r\n\r\nHello Bert\r\n"
)


def raw(message: bytes) -> JSON:
    return {"raw": base64.urlsafe_b64encode(message).decode().rstrip("=")}


def headers(world: World, message_id: str, person: Person = ANNA) -> dict[str, str]:
    message = world.call("messages.get", id=message_id, format="metadata", person=person)
    return {pair["name"]: pair["value"] for pair in message["payload"]["headers"]}


def test_labels_are_added_and_removed() -> None:
    world = World()
    message_id = world.add("x", labels=["INBOX", "UNREAD"])
    label = world.call("labels.create", body={"name": "Projects/Blue"})
    body = {"addLabelIds": [label["id"], "STARRED"], "removeLabelIds": ["UNREAD", "INBOX"]}
    changed = world.call("messages.modify", id=message_id, body=body)
    assert changed["labelIds"] == [label["id"], "STARRED"]
    assert world.found("label:projects-blue is:starred is:read") == [message_id]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"addLabelIds": ["Label_7"]},
        {"addLabelIds": ["SENT"]},
        {"removeLabelIds": ["DRAFT"]},
        {"addLabelIds": ["STARRED"], "removeLabelIds": ["STARRED"]},
    ],
)
def test_a_label_change_that_makes_no_sense_is_refused(body: JSON) -> None:
    world = World()
    message_id = world.add("x")
    with pytest.raises(GoogleError) as caught:
        world.call("messages.modify", id=message_id, body=body)
    assert caught.value.status == 400


def test_a_batch_changes_many_and_passes_over_unknown_ids() -> None:
    world = World()
    ids = [world.add("x") for _ in range(3)]
    world.call("messages.batchModify", body={"ids": [*ids, "19ffffffffffffff"], "addLabelIds": ["STARRED"]})
    assert len(world.found("is:starred")) == 3


def test_a_batch_of_more_than_a_thousand_is_refused() -> None:
    with pytest.raises(GoogleError):
        World().call("messages.batchModify", body={"ids": ["19"] * 1001, "addLabelIds": ["STARRED"]})


def test_trash_takes_a_message_out_of_the_inbox_and_untrash_does_not_bring_it_back_there() -> None:
    world = World()
    message_id = world.add("x", labels=["INBOX"])
    assert world.call("messages.trash", id=message_id)["labelIds"] == ["TRASH"]
    assert world.found("x") == []
    assert world.call("messages.untrash", id=message_id)["labelIds"] == []


def test_a_thread_is_changed_as_a_whole() -> None:
    world = World()
    first = world.add("a", subject="Plan", message_id="<1@example.org>")
    world.add("b", subject="Re: Plan", in_reply_to="<1@example.org>")
    thread = world.call("threads.modify", id=first, body={"addLabelIds": ["STARRED"]})
    assert ["STARRED" in message["labelIds"] for message in thread["messages"]] == [True, True]
    world.call("threads.trash", id=first)
    assert world.found("in:inbox") == []
    world.call("threads.untrash", id=first)
    assert len(world.found("is:starred")) == 2


def test_a_sent_message_is_filed_under_sent_with_own_sender_date_and_a_new_message_id() -> None:
    world = World()
    sent = world.call("messages.send", body=raw(TO_BERT))
    assert sent["labelIds"] == ["SENT"]
    seen = headers(world, sent["id"])
    assert seen["From"] == "Anna Ångström <anna@example.com>"
    assert seen["Date"] == "Wed, 25 Nov 2026 12:00:00 +0000"
    assert seen["Message-ID"] != "<mine@client>"
    assert seen["Bcc"] == "carl@example.org"


def test_the_recipient_gets_it_unread_and_without_bcc() -> None:
    world = World()
    sent = world.call("messages.send", body=raw(TO_BERT))
    [arrived] = world.found("Hello", person=BERT)
    seen = headers(world, arrived, person=BERT)
    assert "Bcc" not in seen
    assert seen["Message-ID"] == headers(world, sent["id"])["Message-ID"]
    assert "spf=pass" in seen["Authentication-Results"]
    assert world.call("messages.get", id=arrived, person=BERT)["labelIds"] == ["INBOX", "UNREAD"]
    assert world.gmail.sent[0].recipients == ("bert@example.com", "carl@example.org")


def test_somebody_elses_sender_address_is_replaced() -> None:
    world = World()
    sent = world.call("messages.send", body=raw(b"From: Boss <boss@example.com>\r\n" + TO_BERT))
    assert headers(world, sent["id"])["From"].endswith("<anna@example.com>")


def test_mail_to_oneself_is_one_message() -> None:
    world = World()
    sent = world.call("messages.send", body=raw(b"To: anna@example.com\r\nSubject: note\r\n\r\nremember\r\n"))
    assert sent["labelIds"] == ["INBOX", "SENT", "UNREAD"]
    assert world.found("remember") == [sent["id"]]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"Subject: x\r\n\r\ny", "Recipient address required"),
        (b"To: nobody\r\n\r\ny", "Invalid To header"),
        (b"To: " + b", ".join(b"u%d@example.org" % number for number in range(501)) + b"\r\n\r\ny", "Too many"),
    ],
)
def test_a_message_that_nobody_can_get_is_refused(message: bytes, words: str) -> None:
    world = World()
    with pytest.raises(GoogleError, match=words):
        world.call("messages.send", body=raw(message))
    assert world.gmail.sent == []


@pytest.mark.parametrize("body", [{}, {"raw": ""}, {"raw": "*"}])
def test_a_body_without_a_message_is_refused(body: JSON) -> None:
    with pytest.raises(GoogleError) as caught:
        World().call("messages.send", body=body)
    assert caught.value.status == 400


def test_a_recipient_whose_encoded_name_hides_a_comma_is_one_recipient() -> None:
    world = World()
    to = b"To: =?utf-8?q?M=C3=BCller=2C_J=C3=B6rg?= <bert@example.com>\r\nCc: friends:;\r\n\r\nhi"
    world.call("messages.send", body=raw(to))
    assert world.gmail.sent[0].recipients == ("bert@example.com",)


def test_an_uploaded_message_is_sent_byte_for_byte_below_its_header() -> None:
    world = World()
    body = bytes(range(256)) * 3
    media = Media(b"To: bert@example.com\r\n\r\n" + body, "message/rfc822")
    sent = world.call("messages.send", media=media)
    shown = world.call("messages.get", id=sent["id"], format="raw")["raw"]
    assert base64.urlsafe_b64decode(shown).endswith(b"\r\n\r\n" + body)


def test_a_reply_joins_the_thread_only_with_thread_id_reference_and_subject() -> None:
    world = World()
    question = world.add("q", subject="Plan", message_id="<1@example.org>", from_="bert@example.com")
    good = b"To: bert@example.com\r\nSubject: Re: Plan\r\nIn-Reply-To: <1@example.org>\r\n\r\nyes"
    other_subject = good.replace(b"Re: Plan", b"Something else")
    no_reference = b"To: bert@example.com\r\nSubject: Re: Plan\r\n\r\nyes"
    threads = [
        world.call("messages.send", body=raw(message) | {"threadId": question})["threadId"]
        for message in (good, other_subject, no_reference)
    ]
    assert [thread == question for thread in threads] == [True, False, False]
    assert world.call("messages.send", body=raw(good))["threadId"] != question


def test_an_unknown_thread_is_not_found() -> None:
    with pytest.raises(GoogleError) as caught:
        World().call("messages.send", body=raw(TO_BERT) | {"threadId": "19ffffffffffffff"})
    assert caught.value.status == 404


def test_an_answer_arrives_in_the_thread_of_the_first_message_on_both_sides() -> None:
    world = World()
    sent = world.call("messages.send", body=raw(TO_BERT))
    [arrived] = world.found("Hello", person=BERT)
    message_id = headers(world, sent["id"])["Message-ID"]
    reply = f"To: anna@example.com\r\nSubject: Re: Plan\r\nReferences: {message_id}\r\n\r\nfine".encode()
    world.call("messages.send", person=BERT, body=raw(reply) | {"threadId": arrived})
    assert len(world.call("threads.get", id=sent["threadId"])["messages"]) == 2
    assert len(world.call("threads.get", id=arrived, person=BERT)["messages"]) == 2


def test_a_draft_is_kept_changed_listed_and_thrown_away() -> None:
    world = World()
    draft = world.call("drafts.create", body={"message": raw(b"Subject: one\r\n\r\nfirst")})
    changed = world.call("drafts.update", id=draft["id"], body={"message": raw(b"Subject: two\r\n\r\nsecond")})
    assert changed["id"] == draft["id"]
    assert changed["message"]["id"] != draft["message"]["id"]
    listed = world.call("drafts.list", q="second")["drafts"]
    assert [row["id"] for row in listed] == [draft["id"]]
    assert world.call("drafts.get", id=draft["id"])["message"]["snippet"] == "second"
    assert world.found("in:drafts") == [changed["message"]["id"]]
    world.call("drafts.delete", id=draft["id"])
    assert "drafts" not in world.call("drafts.list")
    assert world.found("in:anywhere") == []


def test_a_sent_draft_is_gone_and_the_sent_message_has_another_id() -> None:
    world = World()
    draft = world.call("drafts.create", body={"message": raw(TO_BERT)})
    sent = world.call("drafts.send", body={"id": draft["id"]})
    assert sent["labelIds"] == ["SENT"]
    assert sent["id"] != draft["message"]["id"]
    assert len(world.found("Hello", person=BERT)) == 1
    with pytest.raises(GoogleError) as caught:
        world.call("drafts.send", body={"id": draft["id"]})
    assert caught.value.status == 404
    assert len(world.gmail.sent) == 1


def test_a_draft_that_cannot_go_out_stays() -> None:
    world = World()
    draft = world.call("drafts.create", body={"message": raw(b"Subject: x\r\n\r\nto nobody yet")})
    with pytest.raises(GoogleError, match="Recipient"):
        world.call("drafts.send", body={"id": draft["id"]})
    assert world.call("drafts.get", id=draft["id"])["id"] == draft["id"]


def test_a_drafted_reply_is_sent_into_its_thread() -> None:
    world = World()
    question = world.add("q", subject="Plan", message_id="<1@example.org>")
    reply = b"To: bert@example.com\r\nSubject: Re: Plan\r\nIn-Reply-To: <1@example.org>\r\n\r\nyes"
    draft = world.call("drafts.create", body={"message": raw(reply) | {"threadId": question}})
    assert world.call("drafts.send", body={"id": draft["id"]})["threadId"] == question


def test_a_label_is_renamed_and_deleted_and_its_name_stays_unique() -> None:
    world = World()
    label = world.call("labels.create", body={"name": "One"})
    message_id = world.add("x", labels=["INBOX", label["id"]])
    with pytest.raises(GoogleError) as taken:
        world.call("labels.create", body={"name": "one"})
    assert taken.value.status == 409
    assert world.call("labels.patch", id=label["id"], body={"name": "Two"})["name"] == "Two"
    world.call("labels.delete", id=label["id"])
    assert world.call("messages.get", id=message_id)["labelIds"] == ["INBOX"]


def test_system_labels_stay() -> None:
    world = World()
    for method in ("labels.delete", "labels.patch"):
        with pytest.raises(GoogleError) as caught:
            world.call(method, id="INBOX", body={"name": "x"})
        assert caught.value.status == 400


def test_the_sending_address_is_the_accounts_own() -> None:
    [address] = World().call("settings.sendAs.list")["sendAs"]
    assert (address["sendAsEmail"], address["isPrimary"]) == (ANNA.email, True)
