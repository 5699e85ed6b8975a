# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro>=0.15"]    # the first release with this entropy
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1852"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1852"]
# kind = "silent"
# api = ["numpyro.distributions.GeometricLogits().entropy"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^entropy 0, not 21$'
# failing = ["numpyro<0.15.3"]
#
# [tool.case.fix.probs]
# source = "ours"
# ///
"""The entropy of a Geometric distribution is zero for small probabilities."""

import jax.numpy as jnp
import numpyro.distributions as dist


def assert_entropy(distribution: dist.Distribution) -> None:
    """Assert that it is about one more than the negative logarithm of the probability."""
    entropy = float(distribution.entropy())
    assert abs(entropy - 21) < 0.01, f"entropy {entropy:.0f}, not 21"


def failure() -> None:
    """The entropy grows with the negative logits."""
    assert_entropy(dist.GeometricLogits(jnp.array(-20.0)))


def fix_probs() -> None:
    """The entropy is right where the distribution is made from the probability."""
    assert_entropy(dist.GeometricProbs(jnp.exp(-20.0)))


if __name__ == "__main__":
    failure()
