"""What can be done to mail by changing its labels: words that people use, as the labels that Gmail keeps them by."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.gmail.labels import Labels

Move = Literal[
    "archive",
    "inbox",
    "read",
    "unread",
    "star",
    "unstar",
    "important",
    "unimportant",
    "spam",
    "not_spam",
    "trash",
    "untrash",
]

# What each adds, and what it takes away. Trash and spam leave the inbox, as in Gmail; to come back is to be in it.
_MEANING: Final[dict[Move, tuple[frozenset[str], frozenset[str]]]] = {
    "archive": (frozenset(), frozenset({"INBOX"})),
    "inbox": (frozenset({"INBOX"}), frozenset()),
    "read": (frozenset(), frozenset({"UNREAD"})),
    "unread": (frozenset({"UNREAD"}), frozenset()),
    "star": (frozenset({"STARRED"}), frozenset()),
    "unstar": (frozenset(), frozenset({"STARRED"})),
    "important": (frozenset({"IMPORTANT"}), frozenset()),
    "unimportant": (frozenset(), frozenset({"IMPORTANT"})),
    "spam": (frozenset({"SPAM"}), frozenset({"INBOX", "TRASH"})),
    "not_spam": (frozenset({"INBOX"}), frozenset({"SPAM"})),
    "trash": (frozenset({"TRASH"}), frozenset({"INBOX", "SPAM"})),
    "untrash": (frozenset({"INBOX"}), frozenset({"TRASH"})),
}
assert set(_MEANING) == set(get_args(Move))
# Gmail sets these by what happened to a message; nobody else can.
_FIXED: Final = frozenset({"SENT", "DRAFT", "CHAT"})


@dataclass(frozen=True, slots=True)
class Change:
    """Labels to add and to remove, by id."""

    add: frozenset[str]
    remove: frozenset[str]

    @property
    def body(self) -> dict[str, list[str]]:
        """As Gmail's modify methods take it."""
        return {"addLabelIds": sorted(self.add), "removeLabelIds": sorted(self.remove)}

    @property
    def needs_hidden(self) -> bool:
        """Whether it is about mail in spam or trash, which a search leaves out unless it is told not to."""
        return bool(self.remove & {"SPAM", "TRASH"} and not self.add & {"SPAM", "TRASH"})

    def done(self, label_ids: frozenset[str]) -> bool:
        """Whether a message with these labels is as the change wants it."""
        return self.add <= label_ids and not self.remove & label_ids


def change_of(labels: Labels, moves: list[Move], add: list[str], remove: list[str]) -> Change:
    """One change from words and label names.

    Raises UserInputError when there is nothing to change or it contradicts itself, NotFoundError and
    AmbiguousNameError for names.
    """
    added = {label for move in moves for label in _MEANING[move][0]} | {labels.id_of(name) for name in add}
    removed = {label for move in moves for label in _MEANING[move][1]} | {labels.id_of(name) for name in remove}
    if not added and not removed:
        raise UserInputError(
            "there is nothing to change", next_step="Give actions, add_labels or remove_labels", reason="no_change"
        )
    if added & removed:
        raise UserInputError(
            "a label is both added and removed", next_step="Leave one of the two out", reason="contradiction"
        )
    if (added | removed) & _FIXED:
        raise UserInputError(
            "sent, draft and chat are set by Gmail alone", next_step="Use another label", reason="fixed_label"
        )
    return Change(frozenset(added), frozenset(removed))
