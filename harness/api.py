"""Names of what user code calls, as a case's header gives them and as a reading of source finds them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.errors import UsageError

_PART = r"[A-Za-z_]\w*(?:\(\))?"
_NAME = re.compile(rf"(?P<path>{_PART}(?:\.{_PART})*)(?:\((?P<keyword>[A-Za-z_]\w*)=\))?")


@dataclass(frozen=True, kw_only=True)
class Api:
    """What a case is about: `numpyro` (its import), `numpyro.infer.SVI`, `numpyro.sample(obs_mask=)`.

    `pyro.get_param_store().load` is a method of what a function returns.
    """

    text: str
    """As written."""
    name: str
    """The dotted path without any `()`."""
    keyword: str | None = None
    """Only calls with this keyword argument meet the case."""

    @property
    def root(self) -> str:
        """The top-level module."""
        return self.name.partition(".")[0]


def parse_api(text: str) -> Api:
    """Read one name of a header.

    Raises:
        UsageError: it is none; the sentence says how one looks.
    """
    found = _NAME.fullmatch(text)
    if found is None:
        message = (
            f"{text!r} is no name that code can call; write numpyro.infer.SVI, numpyro.sample(obs_mask=) "
            "or pyro.get_param_store().load."
        )
        raise UsageError(message)
    return Api(text=text, name=found["path"].replace("()", ""), keyword=found["keyword"])
