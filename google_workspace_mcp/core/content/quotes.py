"""What a message adds to its conversation: quoted history and signatures folded away, and counted.

One pass over the lines, each looked at by its first characters only: nothing a sender writes makes it slow.
"""

import re
from dataclasses import dataclass

_LOOK_AT = 400  # characters of a line that patterns see
_KEPT_BETWEEN = 4  # a short quote that is answered below it is context, and stays
_SIGNATURE_LINES = 20

_WROTE = re.compile(
    r"(?:wrote|writes|(?:schrieb|schreef|skrev)\b.{0,200}|geschrieben|a écrit|ha scritto|escribió|escreveu|"
    r"napisał\(?a?\)?|kirjoitti|"
    r"писал\(?а?\)?|написал\(?а?\)?|yazdı|さんは書きました|のメッセージ|写道|寫道|작성)\s*[:：]?\s*(?:[\w.+-]+@[\w.-]+)?\s*[:：]$",  # noqa: RUF001
    re.IGNORECASE,
)
# "2026年3月3日(火) 9:00 Name <name@example.jp>:" is how Japanese and Chinese Gmail quote.
_DATED_ADDRESS = re.compile(r"^\d{4}[年/.-]\s?\d{1,2}[月/.-]\s?\d{1,2}.*[<@].*[:：]$")  # noqa: RUF001
_ORIGINAL = re.compile(
    r"^[-_=\s]{2,40}(?:original message|ursprüngliche nachricht|message d'origine|message original|messaggio originale|"
    r"mensaje original|mensagem original|oorspronkelijk bericht|originalmeddelande|originalnachricht|"
    r"元のメッセージ|原始邮件|원본 메시지|исходное сообщение)[-_=\s]{2,40}$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"^(?:[-_=\s]{2,40}(?:forwarded (?:message|by)|weitergeleitete nachricht|message transféré|messaggio inoltrato|"
    r"mensaje reenviado|mensagem encaminhada|doorgestuurd bericht|転送されたメッセージ|转发|переслан)|"
    r"begin forwarded message|anfang der weitergeleiteten|début du message (?:transféré|réexpédié)|"
    r"inizio messaggio inoltrato|inicio del mensaje reenviado)",
    re.IGNORECASE,
)
_COLON = r"\*{0,2}\s?[:：]"  # noqa: RUF001
_FROM = re.compile(
    r"^\*{0,2}(?:from|von|de|da|van|från|fra|od|от|差出人|发件人|寄件者|보낸 사람)" + _COLON, re.IGNORECASE
)
_OTHER_HEADER = re.compile(
    r"^\*{0,2}(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|date|à|objet|inviato|data|a|oggetto|enviado|"
    r"fecha|para|asunto|assunto|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne|wysłano|do|temat|"
    r"отправлено|дата|кому|тема|送信日時|日時|宛先|件名|发送时间|收件人|主题)" + _COLON,
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"^[_-]{5,}$")
_MOBILE = re.compile(
    r"^(?:sent from my |get outlook for |von meinem .{1,30}gesendet|envoyé (?:de|depuis) mon |inviato da(?:l mio)? |"
    r"enviado (?:desde|do) m[ie]u? |(?:iphone|ipad)から送信)",
    re.IGNORECASE,
)
_LIST_FOOTER = re.compile(r"^_{20,}$")


@dataclass(frozen=True, slots=True)
class Folded:
    """What is left, and how many lines of quotes and signature were taken away."""

    text: str
    quoted_lines: int
    signature_lines: int


def fold_quotes(text: str, *, forward: bool = False) -> Folded:
    """The text without the quoted history and the signature.

    Quotes answered line by line keep their last lines. What a forward passes on is content and stays whole; `forward`
    says that the subject announces one. A message that is nothing but quotes stays as it is.
    """
    lines = text.split("\n")
    heads = [line[:_LOOK_AT].strip() for line in lines]
    end, passed_on = _history(heads, forward=forward)
    at_end = passed_on == len(lines)
    # Once before the quotes go, so that a signature below a quote is no answer to it, and once for one above the quote.
    own, below = _without_signature(lines[:end], at_end=at_end)
    own, quoted = _without_marked(own, heads)
    own, above = _without_signature(own, at_end=at_end)
    between = [""] if own and passed_on < len(lines) else []
    kept = "\n".join([*own, *between, *lines[passed_on:]]).strip("\n")
    if not kept.strip():
        return Folded(text, 0, 0)
    return Folded(kept, quoted + (passed_on - end), below + above)


def _history(heads: list[str], *, forward: bool) -> tuple[int, int]:
    """Lines `[start, end)` of history that runs on without quote marks; `end` is where a forward begins, or the end."""
    for index, head in enumerate(heads):
        if _FORWARD.match(head):
            return index, index
        if forward and (_is_header_block(heads, index) or _ORIGINAL.match(head)):
            return index, index
        if _ORIGINAL.match(head) or _is_header_block(heads, index) or _opens_unmarked(heads, index):
            start = index
            while start and (not heads[start - 1] or _SEPARATOR.match(heads[start - 1])):
                start -= 1
            return start, len(heads)
    return len(heads), len(heads)


def _is_header_block(heads: list[str], index: int) -> bool:
    """`From:` with two more of a message's headers in the next lines, as Outlook puts above what it quotes."""
    if not _FROM.match(heads[index]):
        return False
    return sum(1 for head in heads[index + 1 : index + 7] if _OTHER_HEADER.match(head)) >= 2


def _attribution(heads: list[str], index: int) -> int:
    """How many lines (0 to 3) an "On … wrote:" takes that begins at this line."""
    if not heads[index] or heads[index].startswith(">"):
        return 0
    joined = ""
    for length in range(1, 4):
        if index + length > len(heads) or not heads[index + length - 1]:
            return 0
        joined = f"{joined} {heads[index + length - 1]}".strip()[: 2 * _LOOK_AT]
        if joined.endswith((":", "：")):  # noqa: RUF001
            dated = any(character.isdigit() for character in joined) or "@" in joined
            return length if dated and (_WROTE.search(joined) or _DATED_ADDRESS.match(joined)) else 0
    return 0


def _opens_unmarked(heads: list[str], index: int) -> bool:
    """An attribution after a blank line, with text below that bears no quote marks: all of it is history."""
    if index and heads[index - 1]:
        return False
    length = _attribution(heads, index)
    if not length or index == 0:
        return False
    below = next((head for head in heads[index + length : index + length + 4] if head), "")
    return bool(below) and not below.startswith((">", "|"))


def _without_marked(lines: list[str], heads: list[str]) -> tuple[list[str], int]:
    """The lines without blocks of `>`; how many were taken away."""
    own: list[str] = []
    quoted = index = 0
    last_own = max((at for at in range(len(lines)) if heads[at] and not heads[at].startswith(">")), default=-1)
    while index < len(lines):
        length = _attribution(heads, index)
        after = index + length
        while length and after < len(lines) and not heads[after]:
            after += 1
        start = after if length and after < len(lines) and heads[after].startswith(">") else index
        end = start
        while end < len(lines) and heads[end].startswith(">"):
            end += 1
        if end == start:
            own.append(lines[index])
            index += 1
            continue
        kept = lines[max(start, end - _KEPT_BETWEEN) : end] if end <= last_own else []
        quoted += end - index - len(kept)
        own += kept
        index = end
    return own, quoted


def _without_signature(lines: list[str], *, at_end: bool) -> tuple[list[str], int]:
    """The lines without what stands below `-- `, a list's footer, and "Sent from my …"."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    lines = lines[:end]
    first = max(0, end - _SIGNATURE_LINES)
    for index in range(first, len(lines)):
        head = lines[index][:_LOOK_AT].strip()
        marked = head == "--" or (at_end and _LIST_FOOTER.match(head)) or _MOBILE.match(head)
        quote_below = any(line.lstrip().startswith(">") for line in lines[index:])
        if marked and not quote_below and any(line.strip() for line in lines[:index]):
            return lines[:index], len(lines) - index
    return lines, 0
