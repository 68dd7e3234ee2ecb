import pytest

from google_workspace_mcp.drive.exposure import Grant, grants, in_one_line

ME = "me@firm.example"


def grant(kind: str, who: str, role: str = "reader", *, discoverable: bool = False) -> Grant:
    return Grant(who, kind, role, who, discoverable)


OWNER = grant("user", ME, "owner")


GROUP = grant("group", "all@x.example")
COLLEAGUE = grant("user", "b@firm.example")
LINK = grant("anyone", "anyone")
COMPANY = grant("domain", "firm.example", "writer")


@pytest.mark.parametrize(
    ("held", "line"),
    [
        ([], "only you"),
        ([OWNER], "only you"),
        ([OWNER, grant("group", "team@firm.example")], "1 group besides you"),
        ([OWNER, GROUP, COLLEAGUE], "1 person and 1 group besides you; 1 of them outside firm.example"),
        ([grant("anyone", "anyone", discoverable=True)], "anyone on the web can view"),
        ([LINK, COMPANY], "anyone with the link can view; everyone at firm.example with the link can edit"),
    ],
)
def test_how_far_a_file_is_open_is_one_line(held: list[Grant], line: str):
    assert in_one_line(held, ME, {}) == line


def test_with_an_address_that_anybody_can_have_nobody_is_a_stranger():
    held = [grant("user", "me@gmail.com", "owner"), grant("user", "b@firm.example")]
    assert in_one_line(held, "me@gmail.com", {}) == "1 person besides you"


def test_what_reaches_furthest_comes_first_and_closed_accounts_are_left_out():
    held = grants(
        [
            {"id": "1", "type": "user", "role": "owner", "emailAddress": ME},
            {"id": "2", "type": "user", "role": "reader", "deleted": True},
            {"id": "3", "type": "anyone", "role": "reader"},
        ]
    )
    assert [entry.id for entry in held] == ["3", "1"]


def test_what_is_both_inherited_and_given_is_given():
    details = [{"inherited": True, "inheritedFrom": "folder"}, {"inherited": False}]
    [held] = grants([{"id": "1", "type": "user", "role": "reader", "permissionDetails": details}])
    assert not held.inherited
