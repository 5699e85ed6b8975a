# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1911"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1914"]
# kind = "silent"
# api = ["numpyro.infer.MCMC"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^samples of \[\], where x is right$'
# failing = ["numpyro<0.16"]
#
# [tool.case.fix.vectorized_chains]
# source = "upstream"
# refuted = ["numpyro<0.16"]
# raises = "AssertionError"
# match = '^samples of \[\], where x is right$'
#
# [tool.case.fix.print_summary]
# source = "documented"
# refuted = ["numpyro<0.16"]
# raises = "ValueError"
# match = '^max\(\) (arg|iterable argument) is (an empty sequence|empty)$'
#
# [tool.case.fix.predictive]
# source = "ours"
#
# [tool.case.fix.latent]
# source = "ours"
# ///
"""MCMC returns no samples of a model with deterministic sites only."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.infer import HMC, MCMC, Predictive

VALUE = np.array([1.0, 2.0], np.float32)


def model() -> None:
    numpyro.deterministic("x", VALUE)


def run(model: Callable[[], None], **chains: object) -> MCMC:
    kernel = HMC(model, num_steps=1, adapt_step_size=False, adapt_mass_matrix=False)
    mcmc = MCMC(kernel, num_warmup=0, num_samples=3, progress_bar=False, **chains)
    mcmc.run(jax.random.PRNGKey(0))
    return mcmc


def check(samples: dict[str, jax.Array], number: int = 3) -> None:
    """Assert that there are as many samples of the site x, all of its value."""
    assert "x" in samples, f"samples of {sorted(samples)}, where x is right"
    assert np.array_equal(samples["x"], np.tile(VALUE, (number, 1))), samples["x"]


def failure() -> None:
    """A deterministic site is sampled, whether or not there are other sites."""
    check(run(model).get_samples())


def fix_vectorized_chains() -> None:
    """Chains that run at once sample it, too."""
    check(run(model, num_chains=2, chain_method="vectorized").get_samples(), number=6)


def fix_print_summary() -> None:
    """Where there is nothing to summarise, print_summary prints nothing."""
    run(model).print_summary()


def fix_predictive() -> None:
    """Predictive samples the site."""
    check(Predictive(model, num_samples=3)(jax.random.PRNGKey(0)))


def fix_latent() -> None:
    """The site is sampled if there is any latent site beside it."""

    def with_latent() -> None:
        model()
        numpyro.sample("unused", dist.Normal(0, 1))

    check(run(with_latent).get_samples())


if __name__ == "__main__":
    failure()
