"""Service tokens: every algorithm and kind of key, and everything that must not pass for one."""

import hashlib
import hmac
import json
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastmcp.server.auth import AccessToken
from joserfc import jwt

from google_workspace_mcp.auth.agents import ServiceTokens, caller_of
from google_workspace_mcp.core.http.egress import Egress
from google_workspace_mcp.core.issuers import LiveIssuers, parse_issuers
from google_workspace_mcp.core.principal import Limits, Principal
from tests.support.agents import AUDIENCE, ISSUER, Agent, compact, new_key, public_pem, setting
from tests.support.clock import FakeClock

OFFER = ("gmail.read", "gmail.send", "drive.read", "calendar.write")
KINDS = ("RSA", "EC", "OKP", "oct")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def agent(clock: FakeClock) -> Agent:
    return Agent(clock=clock)


def verifier(clock: FakeClock, *agents: Agent) -> ServiceTokens:
    issuers = parse_issuers(setting(*agents), AUDIENCE)
    return ServiceTokens(LiveIssuers(issuers), Egress(httpx2.AsyncClient(), local=False), clock, OFFER)


async def verified(agent: Agent, token: str) -> AccessToken | None:
    assert isinstance(agent.clock, FakeClock)
    return await verifier(agent.clock, agent).verify(token)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_good_token_names_its_issuer_and_user_whatever_the_kind_of_key(kind: str, clock: FakeClock) -> None:
    agent = Agent(clock=clock, key=new_key(kind))
    token = await verified(agent, agent.token("user-7"))
    assert token is not None
    caller = caller_of(token)
    assert caller.principal == Principal(ISSUER, "user-7")
    assert (caller.capabilities, caller.limits) == (frozenset(OFFER), Limits())


async def test_ed25519_is_known_by_its_old_name_too(clock: FakeClock) -> None:
    agent = Agent(clock=clock, key=new_key("OKP"))
    private = agent.key.private_key
    assert isinstance(private, Ed25519PrivateKey)
    assert await verified(agent, compact({"alg": "EdDSA"}, agent.claims("user-1"), private.sign))


async def test_without_issuers_nothing_is_a_service_token(clock: FakeClock, agent: Agent) -> None:
    assert await verifier(clock).verify(agent.token()) is None


async def test_any_of_several_keys_may_have_signed_so_that_keys_can_be_changed(clock: FakeClock) -> None:
    old, new = Agent(clock=clock), Agent(clock=clock)
    old.extra = {"pem": public_pem(new.key) + public_pem(old.key)}
    assert await verified(old, old.token())
    assert await verified(old, new.token())


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
async def test_the_types_of_a_plain_and_an_access_token_are_known(agent: Agent, kind: str) -> None:
    assert await verified(agent, agent.token(header={"typ": kind}))


async def test_an_audience_may_be_a_list_of_just_this_service(agent: Agent) -> None:
    assert await verified(agent, agent.token(aud=[AUDIENCE]))


# -- claims that are refused


@pytest.mark.security("O-15")
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"iss": [ISSUER]},
        {"aud": None},
        {"aud": "https://tools.example.com"},
        {"aud": "https://tools.example.com/sibling"},
        {"aud": f"{AUDIENCE}/mcp"},
        {"aud": [AUDIENCE, "https://sibling.example"]},
        {"aud": []},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "u" * 256},
        {"sub": "a\nb"},
        {"jti": None},
        {"jti": ""},
        {"jti": "j" * 256},
        {"iat": None},
        {"iat": "now"},
        {"exp": None},
        {"exp": True},
        {"exp": 10**30},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": "soon"},
        {"tools": "gmail_search"},
        {"tools": [1]},
        {"services": {"gmail": True}},
        {"readonly": "yes"},
        {"readonly": 0},
    ],
    ids=repr,
)
async def test_a_claim_that_is_missing_or_wrong_is_refused(agent: Agent, changes: dict[str, Any]) -> None:
    assert await verified(agent, agent.token(**changes)) is None


@pytest.mark.parametrize(
    ("issued", "expires", "begins", "good"),
    [
        (0, 600, 0, True),
        (0, 601, 0, False),
        (0, 0, 0, False),
        (0, -1, 0, False),
        (60, 300, 0, True),
        (61, 300, 0, False),
        (-300, -59, 0, True),
        (-300, -60, 0, False),
        (0, 300, 60, True),
        (0, 300, 61, False),
        (-0.5, 299.5, 0, True),
    ],
)
async def test_a_token_lives_ten_minutes_at_most_and_a_minute_is_forgiven(
    issued: float, expires: float, begins: float, good: bool
) -> None:
    clock = FakeClock()
    clock.advance(-clock.now().timestamp() % 1)
    agent = Agent(clock=clock)
    now = int(clock.now().timestamp())
    token = agent.token(iat=now + issued, exp=now + expires, nbf=now + begins)
    assert (await verified(agent, token) is not None) is good


# -- signatures, algorithms and headers that are refused


@pytest.mark.security("O-15")
@pytest.mark.parametrize("kind", KINDS)
async def test_no_algorithm_is_no_signature(kind: str, clock: FakeClock) -> None:
    agent = Agent(clock=clock, key=new_key(kind))
    for name in ("none", "None", "NONE", ""):
        assert await verified(agent, compact({"alg": name, "typ": "JWT"}, agent.claims("user-1"))) is None


@pytest.mark.security("O-15")
@pytest.mark.parametrize("kind", ["RSA", "EC", "OKP"])
async def test_a_public_key_is_no_shared_secret(kind: str, clock: FakeClock) -> None:
    agent = Agent(clock=clock, key=new_key(kind))
    pem = public_pem(agent.key)
    for secret in (pem, pem.strip()):
        token = compact(
            {"alg": "HS256", "typ": "JWT"},
            agent.claims("user-1"),
            lambda data, secret=secret: hmac.digest(secret.encode(), data, hashlib.sha256),
        )
        assert await verified(agent, token) is None


@pytest.mark.security("O-15")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
async def test_a_key_of_another_signs_nothing(kind: str, other: str, clock: FakeClock) -> None:
    trusted, stranger = Agent(clock=clock, key=new_key(kind)), Agent(clock=clock, key=new_key(other))
    assert await verified(trusted, stranger.token()) is None


async def test_another_algorithm_of_the_same_kind_of_key_is_refused(clock: FakeClock) -> None:
    for kind, algorithms in {"RSA": ("RS384", "RS512", "PS256"), "oct": ("HS384", "HS512")}.items():
        agent = Agent(clock=clock, key=new_key(kind))
        for algorithm in algorithms:
            token = jwt.encode({"alg": algorithm}, agent.claims("user-1"), agent.key, algorithms=[algorithm])
            assert await verified(agent, token) is None


async def test_one_issuer_cannot_sign_for_another(clock: FakeClock) -> None:
    first, second = Agent(clock=clock), Agent(clock=clock, issuer="https://second.example")
    both = verifier(clock, first, second)
    assert await both.verify(first.token())
    assert await both.verify(first.token(iss=second.issuer)) is None


@pytest.mark.security("O-15")
@pytest.mark.parametrize(
    "header",
    [
        {"typ": "account+jwt"},
        {"typ": "logout+jwt"},
        {"typ": "dpop+jwt"},
        {"typ": 1},
        {"crit": ["exp"], "exp": 1},
        {"b64": False},
        {"kid": 7},
        {"unknown": 1},
    ],
    ids=repr,
)
async def test_a_header_of_another_purpose_is_refused_however_well_signed(
    clock: FakeClock, header: dict[str, Any]
) -> None:
    agent = Agent(clock=clock, key=new_key("oct"))
    secret = agent.entry()["secret"].encode()

    def token(**more: Any) -> str:
        return compact(
            {"alg": "HS256", **more}, agent.claims("user-1"), lambda data: hmac.digest(secret, data, hashlib.sha256)
        )

    assert await verified(agent, token())
    assert await verified(agent, token(**header)) is None


@pytest.mark.security("O-15")
@pytest.mark.parametrize("key_id", ["../../../dev/null", "/dev/null", "' OR 1=1", "x" * 200])
async def test_a_key_id_leads_nowhere(agent: Agent, key_id: str) -> None:
    empty = compact(
        {"alg": "HS256", "kid": key_id}, agent.claims("user-1"), lambda data: hmac.digest(b"", data, hashlib.sha256)
    )
    assert await verified(agent, empty) is None


async def test_a_key_that_the_token_brings_along_is_not_used(agent: Agent, clock: FakeClock) -> None:
    stranger = Agent(clock=clock)
    bringing = {"jwk": stranger.key.as_dict(private=False), "jku": "https://evil.example/keys", "x5u": "https://evil"}
    for name, value in bringing.items():
        assert await verified(agent, stranger.token(header={name: value})) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "....",
        "é.é.é",
        compact([], {}),
        compact({"alg": "ES256"}, []),
        compact({"alg": "ES256"}, {"iss": ISSUER}) + "." * 2,
        compact({"alg": "ES256"}, {"iss": ISSUER, "pad": "x" * 9000}),
        "e30." + "W1tb" * 1500 + ".x",
        json.dumps({"payload": "", "signatures": []}),
    ],
    ids=range(12),
)
async def test_what_is_no_token_at_all_is_refused_without_a_stumble(agent: Agent, token: str) -> None:
    assert await verified(agent, token) is None


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_token_with_one_letter_changed_is_refused(agent: Agent, place: int) -> None:
    parts = agent.token().split(".")
    middle = len(parts[place]) // 2
    flipped = "A" if parts[place][middle] != "A" else "B"
    parts[place] = parts[place][:middle] + flipped + parts[place][middle + 1 :]
    assert await verified(agent, ".".join(parts)) is None


# -- what is left to a token


@pytest.mark.parametrize(
    ("entry", "claims", "left"),
    [
        ({}, {}, Limits()),
        ({"services": ["gmail", "drive"]}, {}, Limits(services=frozenset({"gmail", "drive"}))),
        ({"services": ["gmail"]}, {"services": ["gmail", "drive"]}, Limits(services=frozenset({"gmail"}))),
        ({"services": ["gmail"]}, {"services": ["drive"]}, Limits(services=frozenset())),
        ({"tools": ["a", "b"]}, {"tools": ["b", "c"]}, Limits(tools=frozenset({"b"}))),
        ({}, {"tools": []}, Limits(tools=frozenset())),
        ({"readonly": True}, {"readonly": False}, Limits(read_only=True)),
        ({}, {"readonly": True}, Limits(read_only=True)),
    ],
)
async def test_entry_and_token_only_take_away(
    clock: FakeClock, entry: dict[str, Any], claims: dict[str, Any], left: Limits
) -> None:
    agent = Agent(clock=clock, extra=entry)
    token = await verified(agent, agent.token(**claims))
    assert token is not None
    assert caller_of(token).limits == left


async def test_capabilities_are_those_offered_for_the_services_that_are_left(clock: FakeClock, agent: Agent) -> None:
    token = await verified(agent, agent.token(services=["gmail", "sheets"]))
    assert token is not None
    assert caller_of(token).capabilities == {"gmail.read", "gmail.send"}


async def test_the_limits_survive_a_token_being_passed_on_as_plain_data(agent: Agent) -> None:
    token = await verified(agent, agent.token(tools=["gmail_search"], readonly=True))
    assert token is not None
    copied = AccessToken.model_validate_json(token.model_dump_json())
    assert caller_of(copied) == caller_of(token)
