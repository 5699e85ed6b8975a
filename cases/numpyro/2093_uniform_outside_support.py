# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2093"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2201"]     # not 2095, which closed the issue
# kind = "silent"
# api = ["numpyro.distributions.Uniform"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^log density at 7 is -1\.609$'
# failing = ["numpyro<0.22"]
#
# [tool.case.fix.enable_validation]
# source = "documented"
#
# [tool.case.fix.validate_args]
# source = "documented"
#
# [tool.case.fix.validation_ends_with_its_context]
# source = "documented"
# refuted = ["numpyro>=0.20,<0.22"]
# raises = "AssertionError"
# match = '^-1\.609 before the context, -inf after it$'
#
# [tool.case.fix.mask_by_the_support]
# source = "ours"
# ///
"""Uniform gives values outside of its support the density of those inside."""

import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist


def log_density_outside(**options: bool) -> float:
    return float(dist.Uniform(0.0, 5.0, **options).log_prob(7.0))


def assert_impossible(log_density: float) -> None:
    assert log_density == -jnp.inf, f"log density at 7 is {log_density:.3f}"


def failure() -> None:
    """By default, the density outside of the support is zero."""
    assert_impossible(log_density_outside())


def fix_enable_validation() -> None:
    """After enable_validation(), the density outside of the support is zero."""
    numpyro.enable_validation()
    assert_impossible(log_density_outside())


def fix_validate_args() -> None:
    """With validate_args=True, the density outside of the support is zero."""
    assert_impossible(log_density_outside(validate_args=True))


def fix_validation_ends_with_its_context() -> None:
    """In validation_enabled() the density is zero, and after it all is as before."""
    before = log_density_outside()
    with numpyro.validation_enabled():
        assert_impossible(log_density_outside())
    after = log_density_outside()
    assert before == after, f"{before:.3f} before the context, {after:.3f} after it"


def fix_mask_by_the_support() -> None:
    """The support of the distribution tells which densities are zero."""
    uniform, x = dist.Uniform(0.0, 5.0), jnp.array([7.0])
    log_density = jnp.where(uniform.support(x), uniform.log_prob(x), -jnp.inf)
    assert_impossible(float(log_density[0]))


if __name__ == "__main__":
    failure()
