# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1893"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1894"]
# kind = "bug"
# api = [
#   "numpyro.distributions.TransformedDistribution",
#   "numpyro.distributions.transforms.ComposeTransform",
# ]
#
# [tool.case.failure]
# raises = "ValueError"
# match = 'Base distribution needs to have shape with size at least 3, but got \(3, 3\)'
# failing = ["numpyro<0.16"]
#
# [tool.case.fix.composed]
# source = "documented"
# refuted = ["numpyro<0.16"]
# raises = "AssertionError"
# match = '^the domain has 3 dimensions, not 2$'
#
# [tool.case.fix.batch_of_one]
# source = "ours"
# ///
"""A distribution of matrices cannot be transformed to one of vectors."""

import jax.numpy as jnp
import numpyro.distributions as dist
from numpyro.distributions.transforms import ComposeTransform, CorrCholeskyTransform

TO_VECTOR = CorrCholeskyTransform().inv


def failure() -> None:
    """The inverse of a transform from vectors to matrices can be used."""
    vectors = dist.TransformedDistribution(dist.LKJCholesky(3), TO_VECTOR)
    assert vectors.event_shape == (3,), vectors.event_shape


def fix_composed() -> None:
    """A composition of one transform has the domain of that transform."""
    dimensions = ComposeTransform([TO_VECTOR]).domain.event_dim
    assert dimensions == 2, f"the domain has {dimensions} dimensions, not 2"


def fix_batch_of_one() -> None:
    """With a dimension more, which is taken for part of the matrix, it can be used."""
    matrices = dist.LKJCholesky(3, jnp.ones(1))
    vectors = dist.TransformedDistribution(matrices, TO_VECTOR)
    assert vectors.event_shape == (3,), vectors.event_shape


if __name__ == "__main__":
    failure()
