"""The label names that Google Takeout writes, in the account's language, as label ids."""

import re
from collections.abc import Iterable

_NAMES = {
    "INBOX": "inbox|posteingang|boîte de réception|bandeja de entrada|recibidos|posta in arrivo|caixa de entrada|"
    "postvak in|受信トレイ",
    "UNREAD": "unread|ungelesen|non lus|no leídos|non letti|da leggere|não lidas|ongelezen|未読",
    "SENT": "sent|gesendet|messages envoyés|enviados|posta inviata|inviati|enviadas|verzonden|送信済み",
    "DRAFT": "drafts|draft|entwürfe|brouillons|borradores|bozze|rascunhos|concepten|下書き",
    "TRASH": "trash|bin|papierkorb|corbeille|papelera|cestino|lixeira|prullenbak|ゴミ箱",
    "SPAM": "spam|junk|迷惑メール",
    "STARRED": "starred|markiert|suivis|messages suivis|destacados|speciali|com estrela|met ster|スター付き",
    "IMPORTANT": "important|wichtig|importants|importantes|importanti|importante|belangrijk|重要",
    "CHAT": "chat|chats",
    "CATEGORY_PERSONAL": "category personal|kategorie: allgemein",
    "CATEGORY_SOCIAL": "category social|kategorie: soziale netzwerke",
    "CATEGORY_PROMOTIONS": "category promotions|kategorie: werbung",
    "CATEGORY_UPDATES": "category updates|kategorie: benachrichtigungen",
    "CATEGORY_FORUMS": "category forums|kategorie: foren",
    # States that Gmail has no label for: read, and out of the inbox.
    "": "opened|geöffnet|ouvert|abiertos|aperti|aberto|geopend|開封済み|"
    "archived|archiviert|archivés|archivados|archiviati|arquivado|gearchiveerd|アーカイブ済み",
}
_IDS = {name: label for label, names in _NAMES.items() for name in names.split("|")}
_QUOTES = re.compile(r"[\"'„“”«»]")


def gmail_labels(names: Iterable[str]) -> list[str]:
    """Ids of system labels, and the person's own names as they are; an unknown name is taken for one of those."""
    labels: dict[str, None] = {}
    for name in names:
        key = " ".join(_QUOTES.sub("", name).split()).lower()
        label = _IDS.get(key, name.strip())
        if key and label:
            labels[label] = None
    return list(labels)
