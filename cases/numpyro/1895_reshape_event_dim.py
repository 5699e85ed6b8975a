# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro>=0.15"]     # the transform came with it
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1895"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1895"]
# kind = "silent"
# api = ["numpyro.distributions.transforms.ReshapeTransform"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^batch shape \\(2,\\), event shape \\(3,\\)$"
# failing = ["numpyro<0.16"]
#
# [tool.case.fix.flatten]
# source = "upstream"
# refuted = ["numpyro<0.16"]
# raises = "AssertionError"
# match = "^$"                    # an assertion of the library, without message
#
# [tool.case.fix.to_event]
# source = "ours"
# ///
"""ReshapeTransform counts all but the last dimension of a reshaped event as batch dimensions."""

import jax.numpy as jnp
import numpyro.distributions as dist
from numpyro.distributions.transforms import ReshapeTransform

SIX = dist.Normal(jnp.zeros(6), 1.0).to_event(1)


def assert_shapes(matrix: dist.Distribution) -> None:
    assert matrix.shape() == (2, 3)
    shapes = f"batch shape {matrix.batch_shape}, event shape {matrix.event_shape}"
    assert shapes == "batch shape (), event shape (2, 3)", shapes
    log_density = matrix.log_prob(jnp.zeros((2, 3)))
    assert log_density.shape == (), log_density.shape


def failure() -> None:
    """A vector of size 6 becomes one matrix, not two vectors."""
    assert_shapes(dist.TransformedDistribution(SIX, ReshapeTransform((2, 3), (6,))))


def fix_flatten() -> None:
    """A matrix can be made a vector."""
    matrix = dist.Normal(jnp.zeros((2, 3)), 1.0).to_event(2)
    vector = dist.TransformedDistribution(matrix, ReshapeTransform((6,), (2, 3)))
    assert vector.event_shape == (6,), vector.event_shape


def fix_to_event() -> None:
    """Declare whatever batch dimensions there are with to_event(), without a number."""
    assert_shapes(dist.TransformedDistribution(SIX, ReshapeTransform((2, 3), (6,))).to_event())


if __name__ == "__main__":
    failure()
