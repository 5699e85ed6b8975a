# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1617"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1617"]
# kind = "bug"
# api = ["numpyro.distributions.MixtureSameFamily", "numpyro.distributions.Mixture"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^the message says .*correspond to the mixture_size=\\{mixture_size\\}!'$"
# failing = ["numpyro<0.13"]
#
# [tool.case.fix.last_batch_dimension]
# source = "documented"
# ///
"""The error about a mixture's size shows the name of a variable instead of the size."""

import math

import jax.numpy as jnp
import numpyro.distributions as dist

WEIGHTS = dist.Categorical(jnp.array([0.5, 0.25, 0.25]))


def failure() -> None:
    """Two components for three weights: the message tells how many are needed."""
    message = "nothing"
    try:
        dist.MixtureSameFamily(WEIGHTS, dist.Normal(jnp.zeros(2), 1.0))
    except AssertionError as error:
        message = str(error)
    assert message.endswith("mixture_size=3!"), f"the message says {message!r}"


def fix_last_batch_dimension() -> None:
    """The last batch dimension of the components equals the number of weights."""
    mixture = dist.MixtureSameFamily(WEIGHTS, dist.Normal(jnp.zeros((4, 3)), 1.0))
    assert mixture.batch_shape == (4,)
    log_probs = mixture.log_prob(0.0)
    assert jnp.allclose(log_probs, -0.5 * math.log(2 * math.pi)), log_probs


if __name__ == "__main__":
    failure()
