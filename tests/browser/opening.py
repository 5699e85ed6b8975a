"""Opens sites in a browser, and keeps what they say and ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_REPORT = """\
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) => {
  console.error(`policy: ${effectiveDirective} ${blockedURI} ${sample}`);
});
"""
"""A violation of the page's policy, told as an error of the page."""
_HERE = ("data:", "about:")
"""What is no request to anywhere."""
_VISIT = """\
(hash) => new Promise((done) => {
  const wait = () => (document.documentElement.dataset.ready === "true" ? done() : setTimeout(wait, 5));
  if (location.hash === hash) return wait();
  addEventListener("hashchange", wait, { once: true });
  location.hash = hash;
})
"""


@dataclass(kw_only=True)
class Openings:
    """The pages of one test, each with a profile of its own, without a network."""

    browser: Any
    patience: int
    problems: list[str] = field(default_factory=list)
    """Errors, dialogs, violations of the policy, requests and downloads, but for those that were expected."""
    contexts: list[Any] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)

    def open(self, path: Path, hash_: str = "", *, expecting: Sequence[str] = (), **options: Any) -> Any:
        """A page once it is drawn. `expecting` are patterns of problems, each of which must occur."""
        self._expected += expecting
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        self.contexts.append(context)
        context.set_offline(True)
        context.add_init_script(_REPORT)
        page = context.new_page()
        page.set_default_timeout(self.patience)
        address = path.as_uri()
        self._listen(page, address)
        page.goto(address + hash_)
        page.wait_for_selector("html[data-ready=true]", state="attached")
        return page

    def _listen(self, page: Any, address: str) -> None:
        page.on("console", lambda message: message.type == "error" and self.problems.append(message.text))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("popup", lambda opened: self.problems.append(f"window: {opened.url}"))
        page.on("download", lambda download: self.problems.append(f"download: {download.url}"))
        page.on("dialog", self._refuse)
        page.on("requestfinished", lambda request: self._asked(request, address))
        page.on("requestfailed", lambda request: self._asked(request, address))

    def _refuse(self, dialog: Any) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, request: Any, address: str) -> None:
        if request.url.partition("#")[0] != address and not request.url.startswith(_HERE):
            self.problems.append(f"request: {request.url} {request.failure or 'answered'}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        for pattern in self._expected:
            found = [problem for problem in self.problems if re.search(pattern, problem)]
            assert found, f"nothing like {pattern!r} in {self.problems}"
            self.problems = [problem for problem in self.problems if problem not in found]


def visit(page: Any, hash_: str) -> None:
    """Change the address of the page, as a link does, and wait until it is drawn."""
    page.evaluate(_VISIT, hash_)


def address_of(page: Any) -> str:
    """What stands in the address after the file's name."""
    return str(page.evaluate("location.hash"))


def params_of(page: Any) -> dict[str, list[str]]:
    """The state in the address: each parameter with its values."""
    pairs = page.evaluate("[...new URLSearchParams(location.hash.split('?')[1] ?? '')]")
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
