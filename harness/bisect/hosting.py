"""Pages of a hosting service about commits, as far as a repository's address says which service."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>[\w.-]+\.\w+):(?P<path>[^/].*)")
_SERVICES = re.compile(r"(?:^|\.)(?:github|gitlab)(?:\.|$)")
_PULL_REQUESTS = (
    re.compile(r"\(#(\d+)\)\s*$"),
    re.compile(r"^Merge pull request #(\d+)\b"),
)


def is_url(address: str) -> bool:
    """Whether git would reach an address through a transport, and not as a path."""
    return re.match(r"(?:https?|ssh|git|file)://", address) is not None or _SCP.fullmatch(address) is not None


def web_address(address: str, *, is_known: bool = False) -> str:
    """The page of a repository, without credentials; empty where the service is not known to have one.

    `is_known` takes the address for a page whatever its host.
    """
    scp = _SCP.fullmatch(address)
    try:
        parts = urlsplit(f"ssh://{scp['host']}/{scp['path']}" if scp else address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    path = parts.path.strip("/").removesuffix(".git")
    if parts.scheme not in {"https", "http", "ssh", "git"} or not path or not host:
        return ""
    if not is_known and not _SERVICES.search(host):
        return ""
    shown = f":{port}" if port and parts.scheme in {"https", "http"} else ""
    return f"https://{host}{shown}/{path}"


def commit_page(web: str, sha: str, pull_request: int | None) -> str:
    """The page of a commit's pull request, or else its own; empty without a web address."""
    if not web:
        return ""
    if pull_request is None:
        return f"{web}{_infix(web)}/commit/{sha}"
    return f"{web}{_infix(web)}/{'merge_requests' if _infix(web) else 'pull'}/{pull_request}"


def compare_page(web: str, first: str, last: str) -> str:
    """The page of the difference between two revisions; empty without a web address."""
    return f"{web}{_infix(web)}/compare/{first}...{last}" if web else ""


def pull_request_of(subject: str) -> int | None:
    """The number that a squashed or merged pull request leaves in a subject."""
    found = [pattern.search(subject) for pattern in _PULL_REQUESTS]
    return next((int(match[1]) for match in found if match), None)


def _infix(web: str) -> str:
    return "/-" if "gitlab" in (urlsplit(web).hostname or "") else ""
