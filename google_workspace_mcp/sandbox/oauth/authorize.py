"""The pages of the sign-in: who is it, and what may the app do."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from google_workspace_mcp.sandbox.oauth.book import Consent, OAuthClient, TokenBook
from google_workspace_mcp.sandbox.oauth.endpoints import single_values
from google_workspace_mcp.sandbox.oauth.scopes import IDENTITY, KnownScopes, canonical, joined
from google_workspace_mcp.sandbox.pages import Pages
from google_workspace_mcp.sandbox.service import GoogleError, Person
from google_workspace_mcp.sandbox.wire import Incoming, Outgoing

PATH = "/o/oauth2/v2/auth"
CONSENT_PATH = "/o/oauth2/v2/consent"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A checked authorization request; `query` is the original, which the forms carry along."""

    client: OAuthClient
    redirect_uri: str
    scopes: frozenset[str]
    values: Mapping[str, str]
    query: str

    @property
    def prompts(self) -> set[str]:
        return set(self.values.get("prompt", "").split())

    @property
    def offline(self) -> bool:
        return self.values.get("access_type") == "offline"

    @property
    def merges(self) -> bool:
        return self.values.get("include_granted_scopes") == "true"


@dataclass(frozen=True, slots=True)
class SignIn:
    """The pages and what follows from clicking in them."""

    book: TokenBook
    people: Mapping[str, Person]
    known: KnownScopes
    pages: Pages

    def start(self, incoming: Incoming) -> Outgoing:
        """`/o/oauth2/v2/auth`: the chooser, the consent page, or straight back to the app."""
        try:
            request = self._request(incoming.query)
        except GoogleError as error:
            return self._refused(error)
        person = self._person(request)
        granted = self.book.granted(person.email, request.client.client_id) if person else frozenset[str]()
        settled = bool(person) and request.scopes <= granted and "consent" not in request.prompts
        if person is not None and settled:
            return self._allowed(request, person, request.scopes, asked=False)
        if "none" in request.prompts:
            return self._back(request, {"error": "interaction_required" if person else "login_required"})
        if person is None:
            return self._chooser(request)
        return self._consent(request, person)

    def decide(self, incoming: Incoming) -> Outgoing:
        """The consent form: `decision`, the ticked `scope`s, the person, and the request it answers."""
        try:
            form = _form(incoming.body)
            request = self._request(form.get("request", [""])[0])
            person = self._chosen(form)
        except GoogleError as error:
            return self._refused(error)
        ticked = frozenset(form.get("scope", ())) | IDENTITY
        scopes = request.scopes & ticked
        if form.get("decision") != ["allow"] or not scopes:
            return self._back(request, {"error": "access_denied"})
        return self._allowed(request, person, scopes, asked=True)

    def _request(self, query: str) -> AuthorizationRequest:
        """Raises what Google shows on a page of its own: nothing is sent to an address that has not been checked."""
        values = single_values(query)
        if "client_id" not in values:
            raise GoogleError(400, "invalid_request", "Missing required parameter: client_id")
        client = self.book.client(values["client_id"])
        if client is None:
            raise GoogleError(401, "invalid_client", "The OAuth client was not found.")
        redirect_uri = values.get("redirect_uri", "")
        if redirect_uri not in client.redirect_uris:
            raise GoogleError(
                400,
                "redirect_uri_mismatch",
                f"The redirect URI in the request, {redirect_uri or '(none)'}, is not registered for the app.",
            )
        if values.get("response_type") != "code":
            raise GoogleError(400, "unsupported_response_type", "response_type must be code.")
        if values.get("code_challenge_method", "plain") not in {"plain", "S256"}:
            raise GoogleError(400, "invalid_request", "code_challenge_method must be S256 or plain.")
        scopes = canonical(values.get("scope", "").split())
        if not scopes:
            raise GoogleError(400, "invalid_request", "Missing required parameter: scope")
        if unknown := self.known.unknown(scopes):
            raise GoogleError(400, "invalid_scope", f"Some requested scopes were invalid: {joined(unknown)}")
        return AuthorizationRequest(client, redirect_uri, scopes, values, query)

    def _chosen(self, form: Mapping[str, list[str]]) -> Person:
        person = self.people.get(form.get("person", [""])[0])
        if person is None:
            raise GoogleError(400, "invalid_request", "Nobody was chosen.")
        return person

    def _person(self, request: AuthorizationRequest) -> Person | None:
        """Whoever was clicked in the chooser, or named by a login_hint that is one of them."""
        chosen = request.values.get("chosen", "")
        if chosen in self.people:
            return self.people[chosen]
        hint = request.values.get("login_hint", "")
        if not hint or "select_account" in request.prompts:
            return None
        return next((person for person in self.people.values() if hint in {person.email, person.subject}), None)

    def _chooser(self, request: AuthorizationRequest) -> Outgoing:
        rest = {name: value for name, value in request.values.items() if name != "chosen"}
        links = [(person, f"{PATH}?{urlencode({**rest, 'chosen': person.email})}") for person in self.people.values()]
        return self.pages.page("chooser.html", app=request.client.name, links=links)

    def _consent(self, request: AuthorizationRequest, person: Person) -> Outgoing:
        wanted = [(scope, self.known.describe(scope)) for scope in sorted(request.scopes - IDENTITY)]
        return self.pages.page(
            "consent.html",
            app=request.client.name,
            host=urlsplit(request.redirect_uri).netloc,
            person=person,
            identity=bool(request.scopes & IDENTITY),
            scopes=wanted,
            query=request.query,
            action=CONSENT_PATH,
        )

    def _allowed(
        self, request: AuthorizationRequest, person: Person, scopes: frozenset[str], *, asked: bool
    ) -> Outgoing:
        client_id = request.client.client_id
        before = self.book.granted(person.email, client_id)
        fresh = Consent(person.email, client_id, scopes | (before if request.merges else frozenset()), request.offline)
        refreshable = request.offline and (
            not self.book.offline_before(person.email, client_id) or (asked and "consent" in request.prompts)
        )
        self.book.allow(fresh)
        code = self.book.issue_code(
            fresh,
            request.redirect_uri,
            refreshable=refreshable,
            nonce=request.values.get("nonce", ""),
            pkce=(request.values.get("code_challenge", ""), request.values.get("code_challenge_method", "plain")),
        )
        answer = {
            "code": code,
            "scope": joined(fresh.scopes),
            "authuser": "0",
            "prompt": "consent" if asked else "none",
        }
        return self._back(request, answer | ({"hd": person.domain} if person.domain != "gmail.com" else {}))

    def _back(self, request: AuthorizationRequest, answer: Mapping[str, str]) -> Outgoing:
        """A redirect to the app, with its state (RFC 6749 section 4.1.2); its own query is kept."""
        state = {"state": request.values["state"]} if "state" in request.values else {}
        target = urlsplit(request.redirect_uri)
        query = "&".join(filter(None, (target.query, urlencode({**state, **answer}))))
        return Outgoing(
            302, headers={"Location": urlunsplit(target._replace(query=query)), "Cache-Control": "no-store"}
        )

    def _refused(self, error: GoogleError) -> Outgoing:
        return self.pages.page("error.html", error.status, error=error)


def _form(body: bytes) -> dict[str, list[str]]:
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
