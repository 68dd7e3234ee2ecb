"""Jobs with mail that a person starts by name."""

from collections.abc import Mapping

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.prompts import MATERIAL, NOTHING_DONE, Argument, PromptDefinition


def prompts() -> tuple[PromptDefinition, ...]:
    """Triage of the inbox, and catching up on a conversation."""
    return (
        PromptDefinition(
            name="triage_inbox",
            title="Go through my inbox",
            description="Sort unread mail into what needs me, what to know and what can go, then tidy up as I say.",
            tool="gmail_search",
            arguments=(Argument("since", "A day such as 2026-03-30; unread mail of any age if left out"),),
            words=_triage,
        ),
        PromptDefinition(
            name="catch_up_on_thread",
            title="Catch me up on a conversation",
            description="What a conversation is about, where it stands, and what is asked of me.",
            tool="gmail_read_thread",
            arguments=(
                Argument("thread_id", "The conversation's id"),
                Argument("search", "Words to find it by, where the id is not known"),
            ),
            words=_catch_up,
        ),
    )


def _triage(given: Mapping[str, str], usable: frozenset[str]) -> str:
    since = f", after `{given['since']}`" if given["since"] else ""
    tidy = (
        "4. Ask me what to do with the third group. Only then use gmail_modify, first with dry_run, to archive, label "
        "or mark as read, and tell me what it did."
        if "gmail_modify" in usable
        else "4. Tell me which of them I could archive. You cannot do it for me here."
    )
    draft = (
        "5. Where I want to answer, write a draft with gmail_create_draft and show it to me."
        if "gmail_create_draft" in usable
        else "5. Where I want to answer, propose the words."
    )
    return "\n".join(
        (
            "Go through my inbox with me.",
            "",
            f"1. Find unread mail with gmail_search: label INBOX, unread true, kind threads{since}. Follow the cursor "
            "until it is complete, or stop at 100 and say so.",
            "2. Read with gmail_read_thread what the row alone does not settle, at most five at a time.",
            "3. Give me three groups: what needs something from me, with what and until when; what I should know; what "
            "can go. One line each, with sender and date. Name mail whose sender check failed.",
            tidy,
            draft,
            "",
            MATERIAL,
            NOTHING_DONE,
        )
    )


def _catch_up(given: Mapping[str, str], usable: frozenset[str]) -> str:
    thread_id, search = given["thread_id"], given["search"]
    if not thread_id and not search:
        raise UserInputError(
            "Neither a conversation nor words to find it by were given",
            next_step="Give thread_id or search",
            reason="arguments",
        )
    if thread_id:
        first = f"1. Read the conversation {checked_id(thread_id, 'thread')} with gmail_read_thread."
    else:
        first = (
            f"1. Find the conversation with gmail_search, kind threads, query: {search}\n"
            "   If several fit, show me the rows and ask which one is meant. Then read it with gmail_read_thread."
        )
    draft = (
        "4. If an answer is due, offer to write a draft with gmail_create_draft, reply_to_message the last message."
        if "gmail_create_draft" in usable
        else "4. If an answer is due, propose the words."
    )
    return "\n".join(
        (
            "Catch me up on a conversation.",
            "",
            first,
            "2. If a message is cut off, go on with gmail_read of its id and the offset it names, until you have all.",
            "3. Tell me what it is about, who wants what, what was decided and when, what is open, and what is asked "
            "of me. Say from which message each point comes.",
            draft,
            "",
            MATERIAL,
            NOTHING_DONE,
        )
    )
