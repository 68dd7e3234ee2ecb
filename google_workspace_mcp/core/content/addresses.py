"""Addresses that something is sent to or shared with, checked strictly."""


def checked_address(address: str) -> str:
    """The address with its domain in ASCII; "" for anything that is not exactly one that can be sent to."""
    # 24 ms that only who writes to somebody has to wait for.
    from email_validator import EmailNotValidError, validate_email

    try:
        parsed = validate_email(
            address, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False, strict=False
        )
    except EmailNotValidError:
        return ""
    return f"{parsed.ascii_local_part}@{parsed.ascii_domain}" if parsed.ascii_local_part else ""
