"""The writing methods on messages, threads and labels."""

from collections.abc import Iterable, Sequence

from google_workspace_mcp.sandbox.gmail.labels import FIXED, Label
from google_workspace_mcp.sandbox.gmail.mailbox import Mailbox, Stored
from google_workspace_mcp.sandbox.gmail.reads import counted
from google_workspace_mcp.sandbox.gmail.render import label_ids
from google_workspace_mcp.sandbox.service import JSON, Call, Reply, bad_request

MAX_BATCH = 1000
MAX_LABELS = 100


def modify_message(mailbox: Mailbox, call: Call) -> JSON:
    message = mailbox.get(call.params["id"])
    add, remove = _changes(mailbox, call)
    mailbox.relabel(message, add, remove)
    return brief(message)


def batch_modify(mailbox: Mailbox, call: Call) -> Reply:
    """Google promises nothing about ids that do not exist, and ignores them."""
    ids: list[str] = list((call.body or {}).get("ids", []))
    if len(ids) > MAX_BATCH:
        raise bad_request(f"Too many ids: at most {MAX_BATCH}")
    if not ids:
        raise bad_request("No message ids specified")
    add, remove = _changes(mailbox, call)
    for message_id in ids:
        message = mailbox.find(message_id)
        if message is not None:
            mailbox.relabel(message, add, remove)
    return Reply()


def trash_message(mailbox: Mailbox, call: Call) -> JSON:
    message = mailbox.get(call.params["id"])
    _trash(mailbox, [message])
    return brief(message)


def untrash_message(mailbox: Mailbox, call: Call) -> JSON:
    """The message does not come back to the inbox by this, on the real service neither."""
    message = mailbox.get(call.params["id"])
    mailbox.relabel(message, (), {"TRASH"})
    return brief(message)


def delete_message(mailbox: Mailbox, call: Call) -> Reply:
    mailbox.remove(mailbox.get(call.params["id"]))
    return Reply()


def modify_thread(mailbox: Mailbox, call: Call) -> JSON:
    messages = mailbox.thread(call.params["id"])
    add, remove = _changes(mailbox, call)
    for message in messages:
        mailbox.relabel(message, add, remove)
    return _thread(messages)


def trash_thread(mailbox: Mailbox, call: Call) -> JSON:
    messages = mailbox.thread(call.params["id"])
    _trash(mailbox, messages)
    return _thread(messages)


def untrash_thread(mailbox: Mailbox, call: Call) -> JSON:
    messages = mailbox.thread(call.params["id"])
    for message in messages:
        mailbox.relabel(message, (), {"TRASH"})
    return _thread(messages)


def create_label(mailbox: Mailbox, call: Call) -> JSON:
    body = call.body or {}
    label = mailbox.labels.create(str(body.get("name", "")))
    _describe(label, body)
    return label.to_json()


def update_label(mailbox: Mailbox, call: Call) -> JSON:
    """Both `update` and `patch`: what the body leaves out stays."""
    body = call.body or {}
    label = mailbox.labels.get(call.params["id"])
    if label.system:
        raise bad_request("Invalid label: system labels cannot be changed")
    mailbox.labels.rename(label, str(body.get("name", label.name)))
    _describe(label, body)
    return counted(mailbox, label)


def delete_label(mailbox: Mailbox, call: Call) -> Reply:
    label_id = call.params["id"]
    mailbox.labels.remove(label_id)
    for message in mailbox:
        mailbox.relabel(message, (), {label_id})
    return Reply()


def brief(message: Stored) -> JSON:
    """What writes answer of a message."""
    return message.reference() | {"labelIds": label_ids(message)}


def _thread(messages: Sequence[Stored]) -> JSON:
    return {"id": messages[0].thread_id, "messages": [brief(message) for message in messages]}


def _trash(mailbox: Mailbox, messages: Iterable[Stored]) -> None:
    for message in messages:
        mailbox.relabel(message, {"TRASH"}, {"INBOX", "SPAM"})


def _changes(mailbox: Mailbox, call: Call) -> tuple[set[str], set[str]]:
    body = call.body or {}
    add, remove = list(body.get("addLabelIds", [])), list(body.get("removeLabelIds", []))
    if not add and not remove:
        raise bad_request("No label add or removes specified")
    if max(len(add), len(remove)) > MAX_LABELS:
        raise bad_request(f"Too many labels: at most {MAX_LABELS}")
    for label in [*add, *remove]:
        if mailbox.labels.known(label) in FIXED:
            raise bad_request(f"Invalid label: {label}")
    if set(add) & set(remove):
        raise bad_request("Cannot both add and remove the same label")
    return set(add), set(remove)


def _describe(label: Label, body: JSON) -> None:
    label.message_list = body.get("messageListVisibility", label.message_list)
    label.label_list = body.get("labelListVisibility", label.label_list)
    label.color = body.get("color", label.color)
