"""The Gmail tools, in the order that clients see them."""

from collections.abc import Callable, Mapping

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.http.egress import Egress
from google_workspace_mcp.core.tools.kinds import ToolDefinition
from google_workspace_mcp.gmail.attaching import Fetch
from google_workspace_mcp.gmail.changing import Changing
from google_workspace_mcp.gmail.filters import Filters
from google_workspace_mcp.gmail.label_making import LabelMaking
from google_workspace_mcp.gmail.labels import LabelBook
from google_workspace_mcp.gmail.mailing import Mailing
from google_workspace_mcp.gmail.service import GmailService
from google_workspace_mcp.gmail.tools import (
    filters,
    gmail_create_draft,
    gmail_delete_draft,
    gmail_delete_forever,
    gmail_forward,
    gmail_get_attachment,
    gmail_list_drafts,
    gmail_modify,
    gmail_read,
    gmail_read_thread,
    gmail_reply,
    gmail_search,
    gmail_send,
    gmail_send_draft,
    gmail_unsubscribe,
    gmail_update_draft,
    labels,
    settings,
)
from google_workspace_mcp.gmail.unsubscribing import Unsubscribing


def tools(
    clock: Clock,
    randomness: Callable[[int], bytes],
    egress: Egress,
    documents: Documents,
    *,
    sources: Mapping[str, Fetch] | None = None,
    labels_of: LabelBook | None = None,
) -> tuple[ToolDefinition, ...]:
    """All Gmail tools on shared services, which keep names of labels and identities per connection.

    `sources` fetch attachments from elsewhere, by the argument's name; `randomness` is for boundaries and marks,
    `egress` for what lies outside of Google, `documents` makes text of attachments.
    `labels_of` shares the names of labels with whoever else needs them.
    """
    book = labels_of or LabelBook(clock)
    service, mailing = GmailService(book), Mailing(clock, sources or {}, randomness)
    changing = Changing(book)
    list_labels, *changing_labels = labels.definitions(LabelMaking(book))
    list_filters, *changing_filters = filters.definitions(Filters(book, changing))
    get_settings, set_vacation = settings.definitions()
    return (
        *(module.definition(service) for module in (gmail_search, gmail_read, gmail_read_thread)),
        gmail_get_attachment.definition(documents),
        list_labels,
        gmail_list_drafts.definition(service),
        list_filters,
        get_settings,
        *(module.definition(mailing) for module in (gmail_create_draft, gmail_update_draft)),
        gmail_delete_draft.definition(),
        *(module.definition(mailing) for module in (gmail_send_draft, gmail_send, gmail_reply, gmail_forward)),
        *(module.definition(changing) for module in (gmail_modify, gmail_delete_forever)),
        *changing_labels,
        *changing_filters,
        set_vacation,
        gmail_unsubscribe.definition(Unsubscribing(egress)),
    )
