"""The reading methods: profile, messages, threads, labels, drafts, history, send-as."""

from collections.abc import Mapping, Sequence

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.gmail.attachments import AttachmentIds
from google_workspace_mcp.sandbox.gmail.history import KINDS
from google_workspace_mcp.sandbox.gmail.labels import HIDDEN_BY_DEFAULT, Label
from google_workspace_mcp.sandbox.gmail.mailbox import Mailbox, Stored
from google_workspace_mcp.sandbox.gmail.pages import ESTIMATE_CAP, Position, page
from google_workspace_mcp.sandbox.gmail.query import QueryError, parse
from google_workspace_mcp.sandbox.gmail.render import encoded, render
from google_workspace_mcp.sandbox.gmail.search import Viewpoint, compile_query, matching, reaches_spam_or_trash
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, bad_request, not_found

MAX_RESULTS = 500
_SCOPE = "https://www.googleapis.com/auth/gmail."
_MAY_READ = frozenset({f"{_SCOPE}readonly", f"{_SCOPE}modify", "https://mail.google.com/"})


class Reads:
    """Answers from one mailbox, given with each call."""

    def __init__(self, clock: Clock, attachment_ids: AttachmentIds) -> None:
        self._clock = clock
        self._ids = attachment_ids

    def profile(self, mailbox: Mailbox, _call: Call) -> JSON:
        return {
            "emailAddress": mailbox.person.email,
            "messagesTotal": len(mailbox),
            "threadsTotal": len(mailbox.threads),
            "historyId": str(mailbox.history.latest),
        }

    def list_messages(self, mailbox: Mailbox, call: Call) -> JSON:
        rows = [(message.position, message.reference()) for message in self.found(mailbox, call)]
        return _listed("messages", rows, call)

    def get_message(self, mailbox: Mailbox, call: Call) -> JSON:
        return self._rendered(mailbox.get(call.params["id"]), call)

    def get_attachment(self, mailbox: Mailbox, call: Call) -> JSON:
        message = mailbox.get(call.params["messageId"])
        part_id = self._ids.open(call.params["id"], message.id)
        for part in message.content.root.walk():
            if part.part_id == part_id:
                return {"size": len(part.content), "data": encoded(part.content)}
        raise not_found()

    def list_threads(self, mailbox: Mailbox, call: Call) -> JSON:
        """A thread is found when one of its messages is, and stands where its newest message puts it."""
        ids = dict.fromkeys(message.thread_id for message in self.found(mailbox, call))
        threads = sorted((mailbox.threads[one] for one in ids), key=lambda thread: thread[-1].position, reverse=True)
        return _listed("threads", [(thread[-1].position, _thread_row(thread)) for thread in threads], call)

    def get_thread(self, mailbox: Mailbox, call: Call) -> JSON:
        messages = mailbox.thread(call.params["id"])
        return {
            "id": messages[0].thread_id,
            "historyId": str(max(message.history_id for message in messages)),
            "messages": [self._rendered(message, call) for message in messages],
        }

    def list_labels(self, mailbox: Mailbox, _call: Call) -> JSON:
        return {"labels": [label.to_json() for label in mailbox.labels.all()]}

    def get_label(self, mailbox: Mailbox, call: Call) -> JSON:
        return counted(mailbox, mailbox.labels.get(call.params["id"]))

    def list_drafts(self, mailbox: Mailbox, call: Call) -> JSON:
        drafts = [message for message in self.found(mailbox, call) if "DRAFT" in message.labels]
        rows: list[tuple[Position, JSON]] = [
            (message.position, {"id": mailbox.draft_id(message), "message": message.reference()}) for message in drafts
        ]
        return _listed("drafts", rows, call)

    def get_draft(self, mailbox: Mailbox, call: Call) -> JSON:
        return {"id": call.params["id"], "message": self._rendered(mailbox.draft(call.params["id"]), call)}

    def list_history(self, mailbox: Mailbox, call: Call) -> JSON:
        """Changes after `startHistoryId`; 404 when that is older than what is kept: the caller must start over."""
        start = str(call.params.get("startHistoryId") or "")
        if not start.isdecimal():
            raise bad_request("Missing or invalid startHistoryId", location="startHistoryId")
        if not mailbox.history.oldest <= int(start):
            raise not_found()
        rows = [
            # Pages go by descending position, history by rising id.
            ((-number, 0), record)
            for number, record in mailbox.history.since(int(start))
            if _wanted(record, call)
        ]
        records, token = page(
            rows,
            size=_size(call),
            token=call.params.get("pageToken") or "",
            request=[call.person.email, "history", start],
        )
        answer: JSON = {"historyId": str(mailbox.history.latest)}
        if records:
            answer["history"] = records
        return answer | ({"nextPageToken": token} if token else {})

    def list_send_as(self, mailbox: Mailbox, _call: Call) -> JSON:
        return {"sendAs": send_as(mailbox)}

    def get_send_as(self, mailbox: Mailbox, call: Call) -> JSON:
        wanted = str(call.params["sendAsEmail"]).lower()
        found = next((one for one in send_as(mailbox) if str(one["sendAsEmail"]).lower() == wanted), None)
        if found is None:
            raise not_found()
        return found

    def found(self, mailbox: Mailbox, call: Call) -> list[Stored]:
        """The messages that `q`, `labelIds` and `includeSpamTrash` leave, newest first.

        Spam and trash stay out unless asked for: by the flag, by label, or in the query.
        """
        query, labels = str(call.params.get("q") or ""), list(call.params.get("labelIds") or [])
        if query and _metadata_only(call):
            raise GoogleError(403, "forbidden", "Metadata scope does not support 'q' parameter")
        wanted = {mailbox.labels.known(label) for label in labels}
        view = Viewpoint(mailbox.person.email, mailbox.labels, self._clock.now())
        try:
            tree = parse(query)
            test = compile_query(tree, view)
        except QueryError as error:
            raise bad_request(f"Invalid query: {error}", location="q") from None
        hidden = HIDDEN_BY_DEFAULT - wanted - reaches_spam_or_trash(tree)
        if call.params.get("includeSpamTrash"):
            hidden = frozenset[str]()
        shown = (message for message in mailbox if wanted <= message.labels and not hidden & message.labels)
        return matching(shown, test)

    def _rendered(self, message: Stored, call: Call) -> JSON:
        form = str(call.params.get("format") or "full")
        if _metadata_only(call) and form.lower() in ("full", "raw"):
            raise GoogleError(403, "forbidden", f"Metadata scope doesn't allow format {form.upper()}")
        return render(message, form, list(call.params.get("metadataHeaders") or []), self._ids)


def counted(mailbox: Mailbox, label: Label) -> JSON:
    """The label with how many messages and threads carry it."""
    messages = [message for message in mailbox if label.id in message.labels]
    unread = [message for message in messages if "UNREAD" in message.labels]
    return label.to_json() | {
        "messagesTotal": len(messages),
        "messagesUnread": len(unread),
        "threadsTotal": len({message.thread_id for message in messages}),
        "threadsUnread": len({message.thread_id for message in unread}),
    }


def send_as(mailbox: Mailbox) -> list[JSON]:
    """The account's own address and its aliases; the own one is the default unless an alias is."""
    person = mailbox.person
    own: JSON = {
        "sendAsEmail": person.email,
        "displayName": person.name,
        "replyToAddress": "",
        "signature": f"<div>{person.name}</div>",
        "isPrimary": True,
        "isDefault": not any(alias.get("isDefault") for alias in mailbox.aliases),
    }
    return [own, *mailbox.aliases]


def _listed(name: str, rows: Sequence[tuple[Position, JSON]], call: Call) -> JSON:
    params: Mapping[str, object] = call.params
    request = [
        call.person.email,
        name,
        params.get("q") or "",
        params.get("labelIds") or [],
        bool(params.get("includeSpamTrash")),
    ]
    shown, token = page(rows, size=_size(call), token=str(params.get("pageToken") or ""), request=request)
    answer: JSON = {"resultSizeEstimate": min(len(rows), ESTIMATE_CAP)}
    if shown:
        answer[name] = shown
    return answer | ({"nextPageToken": token} if token else {})


def _size(call: Call) -> int:
    """Google takes more than 500 for 500, and none for the default."""
    asked = call.params.get("maxResults")
    return min(int(asked) if asked else 100, MAX_RESULTS)


def _thread_row(thread: list[Stored]) -> JSON:
    newest = thread[-1]
    history_id = str(max(message.history_id for message in thread))
    return {"id": newest.thread_id, "snippet": newest.content.snippet, "historyId": history_id}


def _wanted(record: JSON, call: Call) -> bool:
    kinds = [KINDS[kind] for kind in call.params.get("historyTypes") or KINDS if kind in KINDS]
    changes = [change for kind in kinds for change in record.get(kind, [])]
    label = call.params.get("labelId")
    return any(
        not label or label in [*change["message"].get("labelIds", []), *change.get("labelIds", [])]
        for change in changes
    )


def _metadata_only(call: Call) -> bool:
    return f"{_SCOPE}metadata" in call.scopes and not call.scopes & _MAY_READ
