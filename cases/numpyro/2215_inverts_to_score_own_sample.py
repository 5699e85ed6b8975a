# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2215"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2215"]
# kind = "limitation"
# api = ["numpyro.distributions.TransformedDistribution().to_event"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^the transform was inverted 1 times$'
# failing = ["numpyro<0.22"]
#
# [tool.case.fix.expand]
# source = "upstream"
# refuted = ["numpyro<0.22"]
# raises = "AssertionError"
# match = '^the transform was inverted 1 times$'
#
# [tool.case.fix.event_of_the_base]
# source = "ours"
# ///
"""With to_event, a transformed distribution inverts its transform to score its own sample."""

import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.distributions.transforms import ExpTransform
from numpyro.handlers import seed
from numpyro.infer.util import log_density


class CountingExp(ExpTransform):
    inversions = 0

    def _inverse(self, y: jnp.ndarray) -> jnp.ndarray:
        CountingExp.inversions += 1
        return super()._inverse(y)


def assert_not_inverted(guide_distribution: dist.Distribution) -> None:
    """Assert that drawing a sample and its density, as a guide does, needs no inverse."""

    def guide() -> None:
        numpyro.sample("x", guide_distribution)

    log_density(seed(guide, rng_seed=0), (), {}, {})
    assert CountingExp.inversions == 0, f"the transform was inverted {CountingExp.inversions} times"


def failure() -> None:
    """The sample before its transform is kept through to_event, and scored."""
    normal = dist.Normal(jnp.zeros(2), 1.0)
    assert_not_inverted(dist.TransformedDistribution(normal, CountingExp()).to_event(1))


def fix_expand() -> None:
    """The sample before its transform is kept through expand, and scored."""
    normal = dist.Normal(0.0, 1.0)
    assert_not_inverted(dist.TransformedDistribution(normal, CountingExp()).expand([2]))


def fix_event_of_the_base() -> None:
    """With to_event on what is transformed, the sample before its transform is scored."""
    normal = dist.Normal(jnp.zeros(2), 1.0).to_event(1)
    assert_not_inverted(dist.TransformedDistribution(normal, CountingExp()))


if __name__ == "__main__":
    failure()
