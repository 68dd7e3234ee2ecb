"""The settings of one mailbox: filters, out-of-office, forwarding, language, IMAP and POP."""

from collections.abc import Callable
from dataclasses import dataclass, field

from google_workspace_mcp.sandbox.gmail.labels import FIXED
from google_workspace_mcp.sandbox.gmail.mailbox import Mailbox
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Reply, bad_request, not_found

MOST_FILTERS = 1000
_CRITERIA = ("from", "to", "subject", "query", "negatedQuery", "hasAttachment", "size")
# What a filter may not put on a message, and what it may not take off.
_NEVER_ADDED = FIXED | {"INBOX", "UNREAD", "SPAM"}
_MOST_OWN_LABELS = 1


@dataclass(slots=True)
class Settings:
    """What a person has set; changed by the API only, but for forwarding addresses, which they confirm in Gmail."""

    filters: dict[str, JSON] = field(default_factory=dict[str, JSON])
    made: int = 0
    vacation: JSON = field(default_factory=lambda: {"enableAutoReply": False})
    language: str = "en"
    forwarding: JSON = field(default_factory=lambda: {"enabled": False})
    forwarding_addresses: list[JSON] = field(default_factory=list[JSON])
    imap: JSON = field(default_factory=lambda: {"enabled": True, "autoExpunge": True, "expungeBehavior": "archive"})
    pop: JSON = field(default_factory=lambda: {"accessWindow": "disabled", "disposition": "leaveInInbox"})


class SettingsBook:
    """The settings of every mailbox, by its owner's address."""

    def __init__(self) -> None:
        self._by_person: dict[str, Settings] = {}

    def of(self, mailbox: Mailbox) -> Settings:
        return self._by_person.setdefault(mailbox.person.email.lower(), Settings())

    def handlers(self) -> dict[str, Callable[[Mailbox, Call], JSON | Reply]]:
        """Handlers by the method's name below `gmail.users`."""
        return {
            "settings.filters.list": self._list_filters,
            "settings.filters.get": self._get_filter,
            "settings.filters.create": self._create_filter,
            "settings.filters.delete": self._delete_filter,
            "settings.getVacation": lambda mailbox, _call: self.of(mailbox).vacation,
            "settings.updateVacation": self._update_vacation,
            "settings.getLanguage": lambda mailbox, _call: {"displayLanguage": self.of(mailbox).language},
            "settings.getAutoForwarding": lambda mailbox, _call: self.of(mailbox).forwarding,
            "settings.forwardingAddresses.list": self._list_forwarding_addresses,
            "settings.getImap": lambda mailbox, _call: self.of(mailbox).imap,
            "settings.getPop": lambda mailbox, _call: self.of(mailbox).pop,
        }

    def _list_filters(self, mailbox: Mailbox, _call: Call) -> JSON:
        """Without any, the real answer is empty too."""
        filters = list(self.of(mailbox).filters.values())
        return {"filter": filters} if filters else {}

    def _get_filter(self, mailbox: Mailbox, call: Call) -> JSON:
        found = self.of(mailbox).filters.get(call.params["id"])
        if found is None:
            raise not_found()
        return found

    def _create_filter(self, mailbox: Mailbox, call: Call) -> JSON:
        body = call.body or {}
        settings = self.of(mailbox)
        criteria, action = _checked_criteria(body.get("criteria") or {}), self._checked_action(mailbox, body)
        if any(one["criteria"] == criteria and one["action"] == action for one in settings.filters.values()):
            raise GoogleError(400, "failedPrecondition", "Filter already exists")
        if len(settings.filters) >= MOST_FILTERS:
            raise GoogleError(400, "failedPrecondition", "Too many filters")
        settings.made += 1
        made: JSON = {"id": f"ANe1Bmj{settings.made:020d}", "criteria": criteria, "action": action}
        settings.filters[made["id"]] = made
        return made

    def _delete_filter(self, mailbox: Mailbox, call: Call) -> Reply:
        if self.of(mailbox).filters.pop(call.params["id"], None) is None:
            raise not_found()
        return Reply()

    def _update_vacation(self, mailbox: Mailbox, call: Call) -> JSON:
        """Takes the place of what was set before."""
        body = dict(call.body or {})
        replies = body.get("responseSubject") or body.get("responseBodyPlainText") or body.get("responseBodyHtml")
        if body.get("enableAutoReply") and not replies:
            raise bad_request("Either the response subject or the response body must be nonempty")
        start, end = int(body.get("startTime") or 0), int(body.get("endTime") or 0)
        if start and end and start >= end:
            raise bad_request("startTime must precede endTime")
        self.of(mailbox).vacation = {"enableAutoReply": False} | body
        return self.of(mailbox).vacation

    def _list_forwarding_addresses(self, mailbox: Mailbox, _call: Call) -> JSON:
        addresses = self.of(mailbox).forwarding_addresses
        return {"forwardingAddresses": addresses} if addresses else {}

    def _checked_action(self, mailbox: Mailbox, body: JSON) -> JSON:
        action: JSON = body.get("action") or {}
        add, remove = list(action.get("addLabelIds") or []), list(action.get("removeLabelIds") or [])
        forward = action.get("forward")
        if not add and not remove and not forward:
            raise bad_request("Filter action is missing")
        for label in [*add, *remove]:
            mailbox.labels.known(label)
        if set(add) & _NEVER_ADDED:
            raise bad_request("Invalid label for filter action")
        if sum(label.startswith("Label_") for label in add) > _MOST_OWN_LABELS:
            raise bad_request("Invalid label: a filter can add one user label")
        confirmed = {
            one["forwardingEmail"]
            for one in self.of(mailbox).forwarding_addresses
            if one["verificationStatus"] == "accepted"
        }
        if forward and forward not in confirmed:
            raise GoogleError(400, "failedPrecondition", "Unrecognized forwarding address")
        return action


def _checked_criteria(criteria: JSON) -> JSON:
    if not any(criteria.get(name) for name in _CRITERIA):
        raise bad_request("Filter criteria is missing")
    if bool(criteria.get("size")) != bool(criteria.get("sizeComparison")):
        raise bad_request("size and sizeComparison go together")
    return criteria
