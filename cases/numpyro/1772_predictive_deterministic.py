# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1772"
# introduced-by = ["https://github.com/pyro-ppl/numpyro/pull/1664"]
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1789"]
# kind = "silent"
# api = ["numpyro.infer.Predictive"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^predicted \\[\\[2, 4\\], \\[4, 8\\]\\]$"
# failing = ["numpyro>=0.14,<0.15"]
#
# [tool.case.fix.another_shape]
# source = "documented"
# refuted = ["numpyro>=0.14,<0.15"]
# raises = "ValueError"
# match = "^Incompatible shapes for broadcasting"
#
# [tool.case.fix.drop_it]
# source = "documented"
#
# [tool.case.fix.keep_on_request]
# source = "upstream"
# refuted = ["numpyro<0.15"]
# raises = "TypeError"
# match = "unexpected keyword argument 'exclude_deterministic'$"
# ///
"""Predictive keeps deterministic values of the posterior instead of computing them from new data."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from jax import random
from numpyro.infer import Predictive

POSTERIOR = {"slope": jnp.array([2.0, 4.0]), "line": jnp.array([[2.0, 4.0], [4.0, 8.0]])}


def model(x: np.ndarray, y: np.ndarray | None = None) -> None:
    slope = numpyro.sample("slope", dist.Normal(0.0, 1.0))
    with numpyro.plate("data", len(x)):
        line = numpyro.deterministic("line", slope * x)
        numpyro.sample("y", dist.Normal(line, 1e-6), obs=y)


def predict(x: list[float], posterior: dict[str, jnp.ndarray] = POSTERIOR, **options: bool) -> list:
    predictive = Predictive(model, posterior, **options)
    return np.round(predictive(random.PRNGKey(0), np.array(x))["y"]).astype(int).tolist()


def failure() -> None:
    """Lines of slope 2 and 4, known from data at 1 and 2, are drawn on to 10 and 20."""
    y = predict([10.0, 20.0])
    assert y == [[20, 40], [40, 80]], f"predicted {y}"


def fix_another_shape() -> None:
    """It works for another number of points, too."""
    y = predict([10.0, 20.0, 30.0])
    assert y == [[20, 40, 60], [40, 80, 120]], f"predicted {y}"


def fix_drop_it() -> None:
    """Drop the deterministic values from the posterior samples."""
    y = predict([10.0, 20.0], {"slope": POSTERIOR["slope"]})
    assert y == [[20, 40], [40, 80]], f"predicted {y}"


def fix_keep_on_request() -> None:
    """With exclude_deterministic=False, the values of the posterior are kept."""
    y = predict([10.0, 20.0], exclude_deterministic=False)
    assert y == [[2, 4], [4, 8]], f"predicted {y}"


if __name__ == "__main__":
    failure()
