# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1664"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1664"]
# kind = "silent"
# api = ["numpyro.handlers.substitute", "numpyro.deterministic"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^1\\.0, not 2\\.0$"
# failing = ["numpyro<0.14"]
#
# [tool.case.fix.substitute_fn]
# source = "upstream"
# refuted = ["numpyro<0.14"]
# raises = "AssertionError"
# match = "^1\\.0, not 2\\.0$"
#
# [tool.case.fix.in_cond]
# source = "upstream"
# refuted = ["numpyro<0.14"]
# raises = "AssertionError"
# match = "^1\\.0, not 2\\.0$"
#
# [tool.case.fix.in_scan]
# source = "ours"
# refuted = ["numpyro"]           # still ignored there, without a word
# raises = "AssertionError"
# match = "^\\[1\\. 1\\.\\], not \\[2\\. 3\\.\\]$"
#
# [tool.case.fix.delta]
# source = "ours"
# ///
"""substitute ignores the value that it is given for a deterministic site."""

from __future__ import annotations

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.contrib.control_flow import cond, scan


def model() -> float:
    return numpyro.deterministic("x", 1.0)


def failure() -> None:
    """The model continues with the value that was substituted."""
    x = handlers.substitute(model, data={"x": 2.0})()
    assert x == 2.0, f"{x}, not 2.0"


def fix_substitute_fn() -> None:
    """A function can give the value, too."""
    x = handlers.substitute(model, substitute_fn=lambda site: 2.0)()
    assert x == 2.0, f"{x}, not 2.0"


def fix_in_cond() -> None:
    """It reaches a deterministic site in a branch of cond."""

    def branches() -> jax.Array:
        return cond(True, lambda _: model(), lambda _: model(), None)

    x = handlers.substitute(handlers.seed(branches, 0), data={"x": 2.0})()
    assert x == 2.0, f"{x}, not 2.0"


def fix_in_scan() -> None:
    """It reaches a deterministic site in the steps of scan."""

    def steps() -> jax.Array:
        return scan(lambda carry, _: (carry, model()), None, None, length=2)[1]

    x = handlers.substitute(handlers.seed(steps, 0), data={"x": np.array([2.0, 3.0])})()
    assert x.tolist() == [2.0, 3.0], f"{x}, not [2. 3.]"


def fix_delta() -> None:
    """Sample the value from a Delta instead: the value of a sample site can be substituted."""

    def with_delta() -> float:
        return numpyro.sample("x", dist.Delta(1.0))

    x = handlers.substitute(with_delta, data={"x": 2.0})()
    assert x == 2.0, f"{x}, not 2.0"


if __name__ == "__main__":
    failure()
