# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1671"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1675"]
# kind = "bug"
# api = ["numpyro.distributions.Kumaraswamy"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "log_prob\\(\\) takes 2 positional arguments but 3 were given$"
# failing = ["numpyro<0.14"]
#
# [tool.case.fix.beta]
# source = "documented"
#
# [tool.case.fix.transformed_uniform]
# source = "ours"
# ///
"""A guide cannot sample from a Kumaraswamy distribution."""

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.distributions.transforms import AffineTransform, PowerTransform
from numpyro.infer import Trace_ELBO


def assert_no_loss(uniform: dist.Distribution) -> None:
    """Model and guide are the same distribution, so the loss is zero."""

    def model() -> None:
        numpyro.sample("x", dist.Uniform(0.0, 1.0))

    def guide() -> None:
        numpyro.sample("x", uniform)

    loss = Trace_ELBO().loss(jax.random.PRNGKey(0), {}, model, guide)
    assert abs(loss) < 1e-5, f"loss {loss}, not 0"


def failure() -> None:
    """The loss of a guide that is uniform, written as a Kumaraswamy distribution."""
    assert_no_loss(dist.Kumaraswamy(1.0, 1.0))


def fix_beta() -> None:
    """The guide samples from a Beta distribution instead."""
    assert_no_loss(dist.Beta(1.0, 1.0))


def fix_transformed_uniform() -> None:
    """The guide transforms a uniform distribution to the Kumaraswamy distribution by hand."""
    unit = dist.constraints.unit_interval
    flip = AffineTransform(1.0, -1.0, domain=unit)
    transforms = [PowerTransform(1.0), flip, PowerTransform(1.0)]
    assert_no_loss(dist.TransformedDistribution(dist.Uniform(0.0, 1.0), transforms))


if __name__ == "__main__":
    failure()
