"""The shapes of text that gives orders to a machine, in the languages that such mail is written in.

All patterns are for folded, lower-case text. Each is linear: gaps are bounded, and what they repeat cannot be read in
two ways.
"""

import re
from dataclasses import dataclass

SET_ASIDE = "asks to set instructions aside"
POSES = "poses as the system"
TEMPLATE = "chat-template tokens"
TOOLS = "tool calls or tool names"
ADDRESSES = "speaks to an AI"

_GAP = r"(?:\W{1,5}+\w{1,20}+){0,4}?\W{1,5}+"
_SHORT_GAP = r"(?:\W{1,5}+\w{1,20}+)?\W{1,5}+"


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern, and words of which at least one of each group is in every text that has it: most text has none."""

    words: str
    needles: tuple[tuple[str, ...], ...]
    pattern: re.Pattern[str]


def _shape(words: str, pattern: str, *needles: tuple[str, ...]) -> Shape:
    return Shape(words, needles, re.compile(pattern, re.MULTILINE))


def _order(verbs: str, which: str, nouns: str) -> Shape:
    """A verb, then a word for "all" or "former", then a noun, each given as stems with a bar between."""
    needles = (tuple(verbs.split("|")), tuple(nouns.split("|")))
    return _shape(SET_ASIDE, rf"\b(?:{verbs})\w{{0,6}}{_GAP}(?:{which})\w{{0,6}}{_SHORT_GAP}(?:{nouns})", *needles)


def _order_after(verbs: str, nouns: str, which: str) -> Shape:
    """As `_order`, for languages that put the adjective behind its noun."""
    needles = (tuple(verbs.split("|")), tuple(nouns.split("|")))
    return _shape(SET_ASIDE, rf"\b(?:{verbs})\w{{0,4}}{_GAP}(?:{nouns})\W{{1,4}}(?:{which})", *needles)


SHAPES = (
    _order(
        "ignore|disregard|forget|override|bypass",
        "all|any|previous|prior|above|earlier|preceding|your|system|foregoing|former|original",
        "instruction|prompt|rules|guideline|directive|command|orders|programming",
    ),
    _order(
        "ignorier|vergiss|vergessen|missachte",
        "vorherig|bisherig|obig|vorig|alle|deine|ihre|früher",
        "anweisung|instruktion|regeln|vorgabe|befehl",
    ),
    _order("negeer|vergeet", "vorige|eerdere|alle|bovenstaande|voorgaande", "instructies|opdrachten|regels"),
    _order("zignoruj|ignoruj|zapomnij", "poprzedni|wszystki|wcześniejsz", "instrukcj|polece"),
    _order("игнорируй|проигнорируй|забудь", "предыдущ|все|прежн|вышеуказанн", "инструкци|указани|команд|правил"),
    _order_after(
        "ignore|oublie",
        "instructions|consignes|directives|règles",
        "précédentes|antérieures|ci-dessus|initiales|données",
    ),
    _order_after(
        "ignora|ignore|olvid|descarte|desconsidere|esqueça",
        "instrucciones|instruções|órdenes|ordens|indicaciones|reglas|regras",
        "anteriores|previas|prévias|acima|recibidas",
    ),
    _order_after("ignora|ignori|dimentica", "istruzioni|regole|direttive", "precedenti|ricevute|iniziali"),
    _shape(
        SET_ASIDE,
        rf"\b(?:önceki|yukar\w{0, 2}daki|tüm){_GAP}(?:talimat|komut)\w{{0,8}}\W{{1,4}}(?:yok say|görmezden|unut)",
        ("talimat", "komut"),
    ),
    _shape(
        SET_ASIDE,
        r"(?:忽略|无视|無視|忘记|忘記|不要理会)[^。\n]{0,12}(?:之前|以上|先前|前面|所有|上述|全部|此前)[^。\n]{0,8}"
        r"(?:指令|指示|提示|说明|规则|規則|命令)",
        ("忽略", "无视", "無視", "忘记", "忘記", "不要理会"),
    ),
    _shape(
        SET_ASIDE,
        r"(?:これまで|以前|上記|前述|すべて|全て|先ほど)[^。\n]{0,10}(?:指示|命令|指令|プロンプト|ルール)[^。\n]{0,6}"
        r"(?:無視|忘れ)",
        ("無視", "忘れ"),
    ),
    _shape(
        SET_ASIDE,
        r"(?:이전|위의|모든|앞의|지금까지)[^.\n]{0,12}(?:지시|명령|지침|프롬프트)[^.\n]{0,8}(?:무시|잊)",
        ("무시", "잊"),
    ),
    _shape(SET_ASIDE, r"(?:تجاهل|انس)[^.\n]{0,20}(?:التعليمات|الأوامر)", ("التعليمات", "الأوامر")),
    _shape(SET_ASIDE, r"(?:पिछले|सभी|उपरोक्त)[^।\n]{0,20}निर्देश[^।\n]{0,16}(?:अनदेखा|भूल)", ("निर्देश",)),
    _shape(
        POSES,
        r"^[^\w\n]{0,6}+(?:system|assistant|developer)\s?:\s{0,3}+(?:you|ignore|disregard|forget|new|from now|always|"
        r"never|do not|don't|the (?:user|assistant)|call|use|send|forward|search)\b",
        ("system", "assistant", "developer"),
    ),
    _shape(POSES, r"^[^\w\n]{0,6}+system\s(?:prompt|message|instructions?|override|notice)\W{0,3}:", ("system ",)),
    _shape(POSES, r"</?(?:system|assistant|system[_-]prompt|system-reminder|instructions?)>", ("<",)),
    _shape(
        POSES,
        r"\byou are now(?:\W{1,4}+\w{1,20}+){0,4}?\W{1,4}+(?:mode|unrestricted|assistant|ai|agent|dan|"
        r"administrator|root)\b",
        ("you are now",),
    ),
    _shape(POSES, r"\bnew (?:system )?(?:instructions?|prompt)\s?:", ("new ",), ("instruction", "prompt")),
    _shape(
        POSES,
        r"\bend of (?:the )?(?:untrusted|user|e-?mail|document|context|external)\W{1,3}(?:input|content|data|text)\b",
        ("end of ",),
    ),
    _shape(TEMPLATE, r"<\|[^\s<>|]{2,40}\|>", ("<|",)),
    _shape(
        TEMPLATE,
        r"\[/?(?:inst|system_prompt|available_tools|tool_calls|tool_results)\]",
        ("[",),
        ("inst]", "system_", "_tool", "tool_"),
    ),
    _shape(TEMPLATE, r"<</?sys>>|<(?:start|end)_of_turn>", ("sys>>", "_of_turn>")),
    _shape(TEMPLATE, r"\"role\"\s{0,4}+:\s{0,4}+\"(?:system|assistant|tool|developer)\"", ('"role"',)),
    _shape(
        TEMPLATE, r"^(?:human|assistant):[^\n]{0,500}+\n{1,3}(?=(?:human|assistant):)", ("human:",), ("assistant:",)
    ),
    _shape(
        TOOLS,
        r"</?(?:antml:)?(?:tool_(?:call|result|use|response|code)|function_(?:calls?|results?|response)|invoke)\b",
        ("tool_", "function_", "invoke"),
    ),
    _shape(TOOLS, r"\"(?:tool_calls?|function_call|tool_use)\"\s{0,4}+:", ('"tool_', '"function_')),
    _shape(
        TOOLS,
        r"\b(?:gmail|drive|calendar|accounts)_[a-z]{3,16}(?:_[a-z]{2,16}){0,3}\b",
        ("gmail_", "drive_", "calendar_", "accounts_"),
    ),
    _shape(
        ADDRESSES,
        rf"\b(?:do not|don't|never|without){_GAP}(?:tell|inform|mention|alert|notify|ask|reveal)\w{{0,5}}"
        r"(?:\W{1,5}+\w{1,20}+){0,3}?\W{1,5}+the (?:user|human|account owner|mailbox owner)\b",
        ("the user", "the human", "owner"),
    ),
    _shape(
        ADDRESSES,
        r"\b(?:attention|note (?:to|for)|instructions? (?:to|for)|message (?:to|for)|if you are)\W{1,3}"
        r"(?:an? |the |any |all )?(?:llms?|large language models?|language models?|chatgpt|claude|gemini|copilot|"
        r"ai(?: (?:assistants?|agents?|models?|systems?))?)\b",
        ("attention", "note ", "instruction", "message ", "if you are"),
        ("llm", "language model", "chatgpt", "claude", "gemini", "copilot", "ai"),
    ),
    _shape(
        ADDRESSES,
        r"\b(?:ai|automated|email|e-mail) (?:assistants?|agents?)\W{1,3}(?:must|should|are instructed to|"
        r"is instructed to|have to|need to)\b",
        ("assistant", "agent"),
    ),
)
