"""The server's settings (config.json: GET /config of 11.2, with what is at hand here switched on)."""

import copy
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

from matterapi.testing.http.encoding import JsonObject

MASK = "*" * 32
# Sections and settings whose keys a client chooses: they are replaced whole (config.Merge).
_FREE = frozenset(
    {
        "ContentFlaggingSettings.NotificationSettings.EventTargetMapping",
        "ExperimentalAuditSettings.AdvancedLoggingJSON",
        "LogSettings.AdvancedLoggingJSON",
        "PluginSettings.PluginStates",
        "PluginSettings.Plugins",
    }
)
_SECRET = (
    "CacheSettings.RedisPassword",
    "ElasticsearchSettings.Password",
    "EmailSettings.SMTPPassword",
    "FileSettings.AmazonS3SecretAccessKey",
    "FileSettings.PublicLinkSalt",
    "GitLabSettings.Secret",
    "GoogleSettings.Secret",
    "LdapSettings.BindPassword",
    "MessageExportSettings.GlobalRelaySettings.SMTPPassword",
    "Office365Settings.Secret",
    "OpenIdSettings.Secret",
    "ServiceSettings.SplitKey",
    "SqlSettings.AtRestEncryptKey",
    "SqlSettings.DataSource",
)
# What must be more than nothing, with the end of the error's id (model/config.go, isValid).
_POSITIVE = {
    "FileSettings.MaxFileSize": "max_file_size",
    "RateLimitSettings.MaxBurst": "max_burst",
    "RateLimitSettings.MemoryStoreSize": "rate_mem",
    "RateLimitSettings.PerSec": "rate_sec",
    "ServiceSettings.MaximumLoginAttempts": "login_attempts",
    "ServiceSettings.MaximumPayloadSizeBytes": "max_payload_size",
    "ServiceSettings.MaximumURLLength": "max_url_length",
    "ServiceSettings.ReadTimeout": "read_timeout",
    "ServiceSettings.WriteTimeout": "write_timeout",
}


class SettingError(Exception):
    """A setting has a value that the server refuses.

    Attributes:
        error_id: Id of the server's error; empty where the value's type is wrong.
    """

    def __init__(self, name: str, error_id: str = "") -> None:
        super().__init__(f"{name} cannot have that value" + (f" ({error_id})" if error_id else ""))
        self.error_id = error_id


@cache
def _facts() -> bytes:
    return files("matterapi.testing.state").joinpath("config.json").read_bytes()


def default_settings() -> JsonObject:
    """Return the settings of a new server."""
    return cast("JsonObject", orjson.loads(_facts()))


class Config:
    """All settings of one server, by names like `ServiceSettings.EnableCommands`."""

    def __init__(self) -> None:
        self._document = default_settings()
        self._digest = ""

    def get(self, name: str) -> Any:
        """Return a setting; `name` is one of the server's, with its sections before it.

        Raises:
            KeyError: There is no such setting.
        """
        value: Any = self._document
        for part in name.split("."):
            value = value[part]
        return value

    def flag(self, name: str) -> bool:
        """Return a setting that is on or off."""
        return bool(self.get(name))

    def number(self, name: str) -> int:
        """Return a setting that is a number."""
        return int(self.get(name))

    def text(self, name: str) -> str:
        """Return a setting that is text."""
        return str(self.get(name))

    @property
    def digest(self) -> str:
        """64 hexadecimal digits that change with the settings."""
        if not self._digest:
            self._digest = hashlib.sha256(orjson.dumps(self._document)).hexdigest()
        return self._digest

    def merge(self, patch: JsonObject) -> None:
        """Take over settings; those that `patch` does not name, names with null, or does not know, stay.

        Raises:
            SettingError: A value has the wrong type, or one that the server refuses. Nothing is changed.
        """
        merged = copy.deepcopy(self._document)
        _merge(merged, patch, "")
        _check(merged)
        self._document, self._digest = merged, ""

    def replace(self, document: JsonObject) -> None:
        """Take over all settings; those that `document` does not have go back to a new server's.

        Raises:
            SettingError: As `merge`.
        """
        whole = Config()
        whole.merge(_without_masks(document))
        for name in _SECRET:
            if _find(document, name) == MASK:
                _section(whole._document, name)[name.rpartition(".")[2]] = self.get(name)
        self._document, self._digest = whole._document, ""

    def shown(self, *, remove_masked: bool = False, remove_defaults: bool = False) -> JsonObject:
        """Return all settings as they are shown: secrets are masked.

        Args:
            remove_masked: Whether to leave out what is masked.
            remove_defaults: Whether to leave out what is as on a new server.
        """
        document = copy.deepcopy(self._document)
        for name in _SECRET:
            if self.get(name):
                _section(document, name)[name.rpartition(".")[2]] = MASK
        if remove_masked:
            document = _without_masks(document)
        return _different(document, default_settings()) if remove_defaults else document


def check_types(patch: JsonObject) -> None:
    """Refuse settings of the wrong type.

    Raises:
        SettingError: A value has another type than the setting.
    """
    _merge(default_settings(), patch, "")


def unknown_settings(patch: JsonObject) -> list[str]:
    """Return the names in `patch` that are no settings of the server."""
    return list(_unknown(patch, default_settings(), ""))


def _unknown(patch: JsonObject, known: JsonObject, prefix: str) -> Iterator[str]:
    for key, value in patch.items():
        name = prefix + key
        if key not in known:
            yield name
        elif isinstance(value, dict) and isinstance(known[key], dict) and name not in _FREE:
            yield from _unknown(value, known[key], name + ".")


def _merge(document: JsonObject, patch: JsonObject, prefix: str) -> None:
    for key, value in patch.items():
        name = prefix + key
        if key not in document or value is None or value == MASK:
            continue
        if type(value) is not type(document[key]):
            raise SettingError(name)
        if isinstance(value, dict) and name not in _FREE:
            _merge(document[key], value, name + ".")
        else:
            document[key] = value


def _check(document: JsonObject) -> None:
    for name, end in _POSITIVE.items():
        section, _, setting = name.partition(".")
        if document[section][setting] <= 0:
            raise SettingError(name, f"model.config.is_valid.{end}.app_error")
    service = document["ServiceSettings"]
    if service["SiteURL"] and urlsplit(service["SiteURL"]).scheme not in ("http", "https"):
        raise SettingError("ServiceSettings.SiteURL", "model.config.is_valid.site_url.app_error")
    if not service["ListenAddress"]:
        raise SettingError("ServiceSettings.ListenAddress", "model.config.is_valid.listen_address.app_error")


def _section(document: JsonObject, name: str) -> JsonObject:
    for part in name.split(".")[:-1]:
        document = document[part]
    return document


def _find(document: JsonObject, name: str) -> object:
    value: Any = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _without_masks(document: JsonObject) -> JsonObject:
    return {
        key: _without_masks(value) if isinstance(value, dict) else value
        for key, value in document.items()
        if value != MASK
    }


def _different(document: JsonObject, other: JsonObject) -> JsonObject:
    found = dict[str, Any]()
    for key, value in document.items():
        if isinstance(value, dict) and isinstance(other.get(key), dict):
            if inner := _different(value, other[key]):
                found[key] = inner
        elif value != other.get(key):
            found[key] = value
    return found
