"""Gmail's search language, parsed: words, "phrases", operators, OR, {either or}, (groups) and -negation.

`OR` binds tighter than the unspoken "and" between terms, as in Gmail: `a b OR c` is a and (b or c). An operator's value
may be a group, `from:(amy OR bob)`, in which it applies to every word. What this simulator does not know is refused by
name and never ignored: an ignored term finds too much.
"""

import re
from dataclasses import dataclass

DEEPEST = 50
# What search.py has a meaning for. Gmail knows a few more (`has:yellow-star` and the like), refused there by value.
OPERATORS = frozenset(
    {"from", "to", "cc", "bcc", "subject", "label", "in", "is", "has", "filename", "list", "deliveredto", "category"}
    | {"after", "before", "older", "newer", "newer_than", "older_than", "larger", "smaller", "size", "rfc822msgid"}
)
_SPACE = re.compile(r"\s*")
_OPERATOR = re.compile(r"([A-Za-z][A-Za-z0-9_]*):(?!//)")
_BARE = re.compile(r'[^\s"(){}]+')
_PHRASE = re.compile(r'"([^"]*)"?')
_CLOSING = {"(": ")", "{": "}"}


class QueryError(ValueError):
    """The query cannot be answered; the text says which part."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `operator` is "" for a plain word or phrase."""

    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class Both:
    """All of them; an empty one holds for everything."""

    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of them."""

    nodes: "tuple[Node, ...]"


type Node = Term | Not | Both | Either


def parse(text: str) -> Node:
    """The query as a tree; an empty one is `Both(())`, which holds for everything, and one of mere punctuation nothing.

    Raises QueryError for unknown operators, operators without a value, `AROUND`, and nesting deeper than 50.
    """
    if not text.strip():
        return Both(())
    return _Parser(text).sequence("", "", 0) or Either(())


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def sequence(self, closing: str, scope: str, depth: int) -> Node | None:
        """Terms up to the closing bracket or the end. `{}` means at least one, everything else all of them."""
        if depth > DEEPEST:
            raise QueryError(f"The query is nested deeper than {DEEPEST} groups.")
        groups: list[list[Node]] = []  # those of one inner list are joined by OR
        joined = False
        while self.more(closing):
            word = self.connective()
            if word:
                joined = word == "OR" and bool(groups)
                continue
            node = self.factor(scope, depth)
            if node is not None and joined:
                groups[-1].append(node)
            elif node is not None:
                groups.append([node])
            joined = joined and node is None
        nodes = tuple(group[0] if len(group) == 1 else Either(tuple(group)) for group in groups)
        if len(nodes) < 2:
            return nodes[0] if nodes else None
        return Either(nodes) if closing == "}" else Both(nodes)

    def more(self, closing: str) -> bool:
        """Whether there is another term in this group; steps over its closing bracket. Stray brackets are skipped."""
        while True:
            match = _SPACE.match(self.text, self.position)
            self.position = match.end() if match else self.position
            here = self.text[self.position : self.position + 1]
            if not here:
                return False
            if here not in ")}":
                return True
            self.position += 1
            if here == closing:
                return False

    def connective(self) -> str:
        """`OR` or `AND` standing here as a connective, consumed; "" otherwise."""
        match = _BARE.match(self.text, self.position)
        word = match[0] if match else ""
        if word == "AROUND":
            raise QueryError("The operator AROUND is not supported.")
        if word not in ("OR", "AND", "|"):
            return ""
        self.position += len(word)
        return "OR" if word == "|" else word

    def factor(self, scope: str, depth: int) -> Node | None:
        negated = False
        while self.text[self.position : self.position + 1] == "-":
            negated = not negated
            self.position += 1
        node = self.primary(scope, depth)
        return Not(node) if negated and node is not None else node

    def primary(self, scope: str, depth: int) -> Node | None:
        here = self.text[self.position : self.position + 1]
        if here in _CLOSING:
            self.position += 1
            return self.sequence(_CLOSING[here], scope, depth + 1)
        operator = _OPERATOR.match(self.text, self.position)
        if operator:
            return self.operated(operator, depth)
        return self.term(scope)

    def operated(self, match: re.Match[str], depth: int) -> Node:
        name = match[1].lower()
        if name not in OPERATORS:
            raise QueryError(f"The operator {name}: is not supported.")
        self.position = match.end()
        space = _SPACE.match(self.text, self.position)
        self.position = space.end() if space else self.position
        here = self.text[self.position : self.position + 1]
        if here in _CLOSING:
            self.position += 1
            node = self.sequence(_CLOSING[here], name, depth + 1)
        else:
            node = None if _OPERATOR.match(self.text, self.position) else self.term(name)
        if node is None:
            raise QueryError(f"The operator {name}: has no value.")
        return node

    def term(self, scope: str) -> Node | None:
        match = _PHRASE.match(self.text, self.position)
        if match:
            self.position = match.end()
            return Term(scope, match[1]) if match[1].strip() else None
        match = _BARE.match(self.text, self.position)
        if not match:
            return None
        self.position = match.end()
        # A leading plus asks for the exact word, which is all that is compared here anyway.
        value = match[0].removeprefix("+")
        return Term(scope, value) if any(letter.isalnum() or ord(letter) > 127 for letter in value) else None
