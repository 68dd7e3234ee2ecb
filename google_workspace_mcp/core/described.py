"""The settings as a person reads them: what each means, what it is, and where its value came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from google_workspace_mcp.core.settings import Settings


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One line of the settings page: the name in the environment, what it means, what it is, and where from."""

    name: str
    aliases: tuple[str, ...]
    description: str
    default: str
    value: str
    source: str
    secret: bool


def describe(settings: Settings, environ: Mapping[str, str], env_file: Path | None = None) -> list[SettingRow]:
    """One row per setting in the order of the class, secrets masked."""
    from_file = dotenv_values(env_file) if env_file and env_file.exists() else {}
    return [_row(settings, name, field, environ, from_file) for name, field in Settings.model_fields.items()]


def _row(
    settings: Settings, name: str, field: FieldInfo, environ: Mapping[str, str], from_file: Mapping[str, str | None]
) -> SettingRow:
    choices = field.validation_alias
    spellings = [str(c) for c in choices.choices] if isinstance(choices, AliasChoices) else []
    secret = field.annotation is SecretStr
    value = getattr(settings, name)
    return SettingRow(
        name=spellings[0],
        aliases=tuple(spellings[1:]),
        description=field.description or "",
        default=_shown(field.default, secret=secret),
        value=_shown(value, secret=secret),
        source=_source(spellings, value == field.default, environ, from_file),
        secret=secret,
    )


def _shown(value: Any, *, secret: bool) -> str:
    if secret:
        return "********" if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _source(
    spellings: list[str], is_default: bool, environ: Mapping[str, str], from_file: Mapping[str, str | None]
) -> str:
    lowered = {key.lower(): key for key in environ}
    for spelling in spellings:
        if spelling.lower() in lowered:
            return f"environment ({lowered[spelling.lower()]})"
        if spelling in from_file:
            return f".env ({spelling})"
    return "default" if is_default else "derived"
