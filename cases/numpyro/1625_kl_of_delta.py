# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1625"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1625"]
# kind = "silent"
# api = ["numpyro.distributions.kl_divergence", "numpyro.infer.TraceMeanField_ELBO"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^0\\.9189, not 10\\.9189$"
# failing = ["numpyro<0.13"]
#
# [tool.case.fix.expanded]
# source = "upstream"
# refuted = ["numpyro<0.13"]
# raises = "AssertionError"
# match = "^\\[0\\.9189\\d* 0\\.9189\\d*\\], not 10\\.9189$"
#
# [tool.case.fix.mean_field_elbo]
# source = "upstream"
# refuted = ["numpyro<0.13"]
# raises = "AssertionError"
# match = "^0\\.9189, not 10\\.9189$"
#
# [tool.case.fix.trace_elbo]
# source = "ours"
# ///
"""The KL divergence of a Delta leaves out the Delta's log density."""

import math

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.infer import ELBO, Trace_ELBO, TraceMeanField_ELBO

POINT = dist.Delta(0.0, log_density=10.0)
EXPECTED = 10.0 + 0.5 * math.log(2 * math.pi)  # log q(0) - log p(0)


def assert_loss(elbo: ELBO) -> None:
    def model() -> None:
        numpyro.sample("x", dist.Normal(0.0, 1.0))

    def guide() -> None:
        numpyro.sample("x", POINT)

    loss = float(elbo.loss(jax.random.PRNGKey(0), {}, model, guide))
    assert math.isclose(loss, EXPECTED, rel_tol=1e-5), f"{loss:.4f}, not {EXPECTED:.4f}"


def failure() -> None:
    """The divergence is log q - log p at the point."""
    actual = float(dist.kl_divergence(POINT, dist.Normal(0.0, 1.0)))
    assert math.isclose(actual, EXPECTED, rel_tol=1e-5), f"{actual:.4f}, not {EXPECTED:.4f}"


def fix_expanded() -> None:
    """The same holds for an expanded second distribution."""
    actual = dist.kl_divergence(POINT, dist.Normal(0.0, 1.0).expand([2]))
    assert actual.shape == (2,)
    assert abs(actual - EXPECTED).max() < 1e-4, f"{actual}, not {EXPECTED:.4f}"


def fix_mean_field_elbo() -> None:
    """TraceMeanField_ELBO counts the log density of a Delta in the guide."""
    assert_loss(TraceMeanField_ELBO())


def fix_trace_elbo() -> None:
    """Trace_ELBO, which uses no KL divergence, counts it."""
    assert_loss(Trace_ELBO())


if __name__ == "__main__":
    failure()
