# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro>=0.13.1"]     # which takes new-style keys at all
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2071"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2073"]
# kind = "bug"
# api = ["numpyro.infer.Predictive(parallel=)"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = '^Cannot convert_element_type (from int32 )?to (dtype=)?key<fry>$'
# failing = ["numpyro<0.20"]
#
# [tool.case.fix.not_parallel]
# source = "documented"
#
# [tool.case.fix.old_style_key]
# source = "documented"
#
# [tool.case.fix.data_of_the_key]
# source = "upstream"
# ///
"""Predictive cannot predict in parallel with a new-style key, jax.random.key."""

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.infer import Predictive


def model() -> None:
    x = numpyro.sample("x", dist.Normal(0.0, 1.0))
    numpyro.sample("y", dist.Normal(x, 1e-3))


def assert_predicts(key: jax.Array, parallel: bool = True) -> None:
    x = np.array([1.0, 2.0, 3.0])
    y = Predictive(model, {"x": x}, parallel=parallel)(key)["y"]
    assert np.allclose(y, x, atol=0.01), y


def failure(seed: int) -> None:
    """Parallel predictions from a key made by jax.random.key."""
    assert_predicts(jax.random.key(seed))


def fix_not_parallel(seed: int) -> None:
    """Without parallel=True, Predictive takes a new-style key."""
    assert_predicts(jax.random.key(seed), parallel=False)


def fix_old_style_key(seed: int) -> None:
    """A key made by jax.random.PRNGKey works in parallel."""
    assert_predicts(jax.random.PRNGKey(seed))


def fix_data_of_the_key(seed: int) -> None:
    """The data of a new-style key is an old-style key, which works in parallel."""
    assert_predicts(jax.random.key_data(jax.random.key(seed)))


if __name__ == "__main__":
    failure(seed=0)
