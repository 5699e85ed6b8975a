"""What the index holds: releases, upload dates, yanked ones, Pythons. Reads PEP 691 JSON and PEP 503 HTML."""

from __future__ import annotations

import html.parser
import http.client
import json
import netrc
import os
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from harness.environment.indexes import index_urls
from harness.errors import NoEvidence

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"


@dataclass(frozen=True, kw_only=True)
class Release:
    """A version of a distribution: when its first file came, and whether it may still be used."""

    version: Version
    uploaded: datetime | None
    """None where the index gives no dates."""
    yanked: bool
    requires_python: str | None

    def admits(self, python: str) -> bool:
        """Whether a major and minor Python version satisfies the release's own declaration."""
        try:
            return SpecifierSet(self.requires_python or "").contains(f"{python}.99")
        except InvalidSpecifier:
            return True


def read_releases(distribution: str, uploaded: Mapping[tuple[str, Version], datetime]) -> list[Release]:
    """Every release on the user's index, oldest first.

    Args:
        distribution: its name.
        uploaded: true dates of files that the index dates wrongly.

    Raises:
        NoEvidence: no index can be reached, or none knows the distribution.
    """
    name = canonicalize_name(distribution)
    files = [file for index in index_urls() for file in _read_project(index, name)]
    if not files:
        message = f"no index knows {name!r}; check the index configuration of uv or pip."
        raise NoEvidence(message)
    by_version: dict[Version, list[_File]] = {}
    for file in files:
        by_version.setdefault(file.version, []).append(file)
    releases = [_release(version, group) for version, group in by_version.items()]
    corrected = [replace(r, uploaded=uploaded.get((name, r.version), r.uploaded)) for r in releases]
    return sorted(corrected, key=lambda release: release.version)


def final_releases(releases: Iterable[Release]) -> list[Release]:
    """Those that are neither prereleases nor yanked."""
    return [r for r in releases if not r.version.is_prerelease and not r.yanked]


@dataclass(frozen=True, kw_only=True)
class _File:
    version: Version
    uploaded: datetime | None
    yanked: bool
    requires_python: str | None


def _release(version: Version, files: list[_File]) -> Release:
    dates = [file.uploaded for file in files if file.uploaded is not None]
    return Release(
        version=version,
        uploaded=min(dates, default=None),
        yanked=all(file.yanked for file in files),
        requires_python=next((file.requires_python for file in files if file.requires_python), None),
    )


def _read_project(index: str, name: str) -> list[_File]:
    url = f"{index.rstrip('/')}/{name}/"
    page, content_type = _fetch(url)
    if page is None:
        return []
    try:
        entries = json.loads(page)["files"] if "json" in content_type else _anchors(page.decode())
        return [file for entry in entries if (file := _file(entry)) is not None]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NoEvidence(_unreachable(url, "its answer is no page of an index")) from None


def _fetch(url: str) -> tuple[bytes | None, str]:
    """Content and content type of a page; no content where the index does not have it."""
    request = _request(url)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read(), answer.headers.get("Content-Type", "")
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in {403, 404}:
            return None, ""
        raise NoEvidence(_unreachable(url, f"HTTP {error.code}")) from None
    except (OSError, http.client.HTTPException) as error:
        if url.startswith("file:"):
            return None, ""
        raise NoEvidence(_unreachable(url, str(getattr(error, "reason", error)))) from None


def _request(url: str) -> urllib.request.Request:
    parts = urllib.parse.urlsplit(url)
    user, password = parts.username, parts.password
    if user is None and parts.scheme.startswith("http"):
        user, password = _from_netrc(parts.hostname or "")
    netloc = parts.netloc.rpartition("@")[2]
    page = "index.html" if parts.scheme == "file" else ""
    bare = parts._replace(netloc=netloc).geturl() + page
    request = urllib.request.Request(bare, headers={"Accept": _ACCEPT})
    if user is not None:
        pair = f"{urllib.parse.unquote(user)}:{urllib.parse.unquote(password or '')}"
        request.add_unredirected_header("Authorization", "Basic " + b64encode(pair.encode()).decode())
    return request


def _from_netrc(host: str) -> tuple[str | None, str | None]:
    try:
        found = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except (OSError, netrc.NetrcParseError):
        return None, None
    return (found[0], found[2]) if found else (None, None)


def _unreachable(url: str, reason: str) -> str:
    host = urllib.parse.urlsplit(url).hostname or url
    return f"the index at {host} cannot be read ({reason}); check the network and the index configuration."


def _file(entry: Mapping[str, Any]) -> _File | None:
    filename = entry["filename"]
    try:
        if filename.endswith(".whl"):
            version = parse_wheel_filename(filename)[1]
        else:
            version = parse_sdist_filename(filename)[1]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    stamp = entry.get("upload-time")
    return _File(
        version=version,
        uploaded=datetime.fromisoformat(stamp).astimezone(UTC) if stamp else None,
        yanked=entry.get("yanked") not in (None, False),
        requires_python=entry.get("requires-python"),
    )


class _AnchorParser(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.entries: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "a":
            return
        data = dict(attrs)
        path = urllib.parse.urlsplit(data.get("href") or "").path
        marks = {key[5:]: value or "" for key, value in data.items() if key.startswith("data-")}
        self.entries.append({**marks, "filename": urllib.parse.unquote(path.rpartition("/")[2])})


def _anchors(text: str) -> list[dict[str, Any]]:
    parser = _AnchorParser()
    parser.feed(text)
    return parser.entries
