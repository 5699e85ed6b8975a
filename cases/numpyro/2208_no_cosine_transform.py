# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2208"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2208"]
# kind = "feature"
# api = [
#   "numpyro.distributions.transforms.DiscreteCosineTransform",
#   "numpyro.distributions.transforms.HaarTransform",
# ]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "has no attribute 'DiscreteCosineTransform'"
# failing = ["numpyro<0.22"]
#
# [tool.case.fix.haar]
# source = "upstream"
# refuted = ["numpyro<0.22"]
# raises = "AttributeError"
# match = "has no attribute 'HaarTransform'"
#
# [tool.case.fix.own_transform]
# source = "ours"
# ///
"""Other than Pyro, NumPyro has no discrete cosine transform and no Haar transform."""

import jax
import jax.numpy as jnp
import numpyro.distributions as dist
from jax.scipy.fft import dct, idct
from numpyro.distributions import constraints, transforms

WHITE = dist.Normal(0.0, 1.0).expand([4]).to_event(1)


class Cosine(transforms.Transform):
    domain = codomain = constraints.real_vector

    def __call__(self, x: jax.Array) -> jax.Array:
        return dct(x, norm="ortho")

    def _inverse(self, y: jax.Array) -> jax.Array:
        return idct(y, norm="ortho")

    def log_abs_det_jacobian(self, x: jax.Array, *_: object) -> jax.Array:
        return jnp.zeros(x.shape[:-1])

    def tree_flatten(self) -> tuple:
        return (), ((), {})


def assert_gathers_a_constant(transform: transforms.Transform) -> None:
    """Assert that a constant is in the first coefficient, and that it keeps its density."""
    smooth = dist.TransformedDistribution(WHITE, transform.inv)
    constant = jnp.ones(4)
    assert jnp.allclose(transform(constant), jnp.array([2.0, 0.0, 0.0, 0.0]), atol=1e-5)
    assert jnp.allclose(smooth.log_prob(constant), WHITE.log_prob(constant))


def failure() -> None:
    """There is a discrete cosine transform."""
    assert_gathers_a_constant(transforms.DiscreteCosineTransform())


def fix_haar() -> None:
    """There is a Haar transform."""
    assert_gathers_a_constant(transforms.HaarTransform())


def fix_own_transform() -> None:
    """A subclass of Transform can use the cosine transform of JAX."""
    assert_gathers_a_constant(Cosine())


if __name__ == "__main__":
    failure()
