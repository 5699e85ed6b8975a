"""A package index on this machine, with the dates, yanked files and faults that a test wants."""

from __future__ import annotations

import base64
import hashlib
import html
import http.server
import json
import os
import shutil
import threading
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from packaging.metadata import parse_email
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from toy.wheels import read_metadata

JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True)
class Entry:
    """A file of the index."""

    path: Path
    uploaded: str
    """ISO 8601, to the second, UTC."""
    yanked: bool
    requires_python: str | None


class ToyIndex:
    """Serves a folder of wheels as a simple index. Switch its attributes while it runs to plant faults."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.speaks = "json"
        """`json` (PEP 691 and 700), or `html` (PEP 503, with dates as some mirrors give them)."""
        self.dated = True
        """Whether upload times are told at all."""
        self.broken = False
        """Whether every answer is HTTP 500."""
        self.garbled = False
        """Whether every page is cut off in the middle."""
        self.open = threading.Event()
        """While clear, wheels are asked for and never come."""
        self.open.set()
        self.password: tuple[str, str] | None = None
        """User and password without which every answer is HTTP 401."""
        self.requests: Counter[str] = Counter()
        """How often each path below the index was asked for, such as `toy/` or the name of a wheel."""
        self._entries: dict[str, list[Entry]] = {}
        # A path of its own, so that nothing cached for another index at the same port is taken for ours.
        self._prefix = f"/{uuid.uuid4().hex[:8]}/simple/"
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return self.url_for()

    def url_for(self, credentials: str = "") -> str:
        """The index's address, with `user:password` where given."""
        at = f"{credentials}@" if credentials else ""
        return f"http://{at}127.0.0.1:{self._server.server_port}{self._prefix.rstrip('/')}"

    def __enter__(self) -> ToyIndex:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, wheel: Path, uploaded: str = "2024-01-01", yanked: bool = False) -> None:
        """Publish a wheel or an sdist, in place of one of the same name; a day alone means its noon."""
        is_wheel = wheel.suffix == ".whl"
        name = str((parse_wheel_filename if is_wheel else parse_sdist_filename)(wheel.name)[0])
        path = self.folder / wheel.name
        if path != wheel:
            shutil.copyfile(wheel, path)
        metadata = parse_email(read_metadata(wheel))[0] if is_wheel else {}
        entry = Entry(
            path=path,
            uploaded=uploaded if "T" in uploaded else f"{uploaded}T12:00:00Z",
            yanked=yanked,
            requires_python=metadata.get("requires_python"),
        )
        kept = [other for other in self._entries.get(name, []) if other.path != path]
        self._entries[name] = [*kept, entry]

    def remove(self, name: str) -> None:
        """Take every file of a distribution away."""
        del self._entries[str(canonicalize_name(name))]

    def answer(self, path: str, authorization: str) -> tuple[int, str, bytes]:
        """Status, content type and body of a request."""
        asked = path.removeprefix(self._prefix)
        self.requests[asked] += 1
        if self.broken:
            return 500, "text/plain", b"broken on purpose"
        if self.password is not None:
            pair = base64.b64encode(":".join(self.password).encode()).decode()
            if authorization != f"Basic {pair}":
                return 401, "text/plain", b"who are you?"
        name = asked.rstrip("/")
        if name in self._entries:
            status, content_type, page = self._page(name)
            return status, content_type, page[: len(page) // 2] if self.garbled else page
        wanted = asked.removesuffix(".metadata")
        found = next(
            (e for entries in self._entries.values() for e in entries if e.path.name == wanted), None
        )
        if found is None:
            return 404, "text/plain", b"there is no such thing"
        if asked != wanted:
            return 200, "text/plain", read_metadata(found.path).encode()
        self.open.wait(timeout=60)
        return 200, "application/octet-stream", found.path.read_bytes()

    def _page(self, name: str) -> tuple[int, str, bytes]:
        if self.speaks == "json":
            files = [self._file(entry) for entry in self._entries[name]]
            page = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
            return 200, JSON, json.dumps(page).encode()
        anchors = "".join(f"{self._anchor(entry)}<br>\n" for entry in self._entries[name])
        return 200, "text/html", f"<!DOCTYPE html><html><body>\n{anchors}</body></html>".encode()

    def _file(self, entry: Entry) -> dict[str, Any]:
        file: dict[str, Any] = {
            "filename": entry.path.name,
            "url": f"{self._prefix}{entry.path.name}",
            "hashes": {"sha256": hashlib.sha256(entry.path.read_bytes()).hexdigest()},
            "core-metadata": entry.path.suffix == ".whl",
            "yanked": "it was a mistake" if entry.yanked else False,
        }
        if entry.requires_python:
            file["requires-python"] = entry.requires_python
        if self.dated:
            file["upload-time"] = entry.uploaded
        return file

    def _anchor(self, entry: Entry) -> str:
        file = self._file(entry)
        marks = {
            "data-core-metadata": "true" if file["core-metadata"] else None,
            "data-requires-python": entry.requires_python,
            "data-upload-time": file.get("upload-time"),
        }
        if entry.yanked:
            marks["data-yanked"] = ""
        text = "".join(f' {key}="{html.escape(value)}"' for key, value in marks.items() if value is not None)
        return f'<a href="{file["url"]}#sha256={file["hashes"]["sha256"]}"{text}>{entry.path.name}</a>'


def _handler_of(index: ToyIndex) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, content_type, body = index.answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-cache")
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="toy"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: `requests` counts."""

    return Handler


def forget_user_settings(patch: pytest.MonkeyPatch, uv_cache: Path) -> None:
    """No index settings of the user's, of pip or of uv; no downloads; a cache of the tests' own."""
    for name in list(os.environ):
        if name.startswith(("UV_", "PIP_")):
            patch.delenv(name)
    patch.setenv("PIP_CONFIG_FILE", os.devnull)
    patch.setenv("UV_NO_CONFIG", "1")
    patch.setenv("UV_CACHE_DIR", str(uv_cache))
    patch.setenv("UV_HTTP_RETRIES", "0")
    patch.setenv("UV_LINK_MODE", "copy")
    patch.setenv("UV_PYTHON_DOWNLOADS", "never")
