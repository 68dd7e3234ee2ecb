from google_workspace_mcp.core.google.endpoints import GoogleEndpoints


def test_without_a_base_the_addresses_are_googles():
    google = GoogleEndpoints.of("")

    assert google.authorize == "https://accounts.google.com/o/oauth2/v2/auth"
    assert google.token == "https://oauth2.googleapis.com/token"
    assert google.revoke == "https://oauth2.googleapis.com/revoke"
    assert google.certs == "https://www.googleapis.com/oauth2/v3/certs"
    assert google.tokeninfo == "https://oauth2.googleapis.com/tokeninfo"
    assert google.userinfo == "https://openidconnect.googleapis.com/v1/userinfo"
    assert google.api_root("gmail") == "https://gmail.googleapis.com/"
    assert google.api_root("drive") == google.api_root("calendar") == "https://www.googleapis.com/"


def test_with_a_base_every_address_lies_under_it_with_googles_own_path():
    google = GoogleEndpoints.of("http://127.0.0.1:9000/")

    assert google.authorize == "http://127.0.0.1:9000/o/oauth2/v2/auth"
    assert google.token == "http://127.0.0.1:9000/token"
    assert google.revoke == "http://127.0.0.1:9000/revoke"
    assert google.certs == "http://127.0.0.1:9000/oauth2/v3/certs"
    assert google.tokeninfo == "http://127.0.0.1:9000/tokeninfo"
    assert google.userinfo == "http://127.0.0.1:9000/v1/userinfo"
    assert {google.api_root("gmail"), google.api_root("drive"), google.api_root("calendar")} == {
        "http://127.0.0.1:9000/"
    }


def test_the_issuer_is_google_also_for_a_simulator():
    assert GoogleEndpoints.of("http://127.0.0.1:9000").issuer == GoogleEndpoints.of("").issuer


def test_exports_beside_the_api_lie_on_google_s_host_for_documents():
    assert GoogleEndpoints.of("").documents_root == "https://docs.google.com/"
    assert GoogleEndpoints.of("http://127.0.0.1:9000/").documents_root == "http://127.0.0.1:9000/"
