# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1903"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1905"]
# kind = "feature"
# api = ["numpyro.infer.MCMC.run(extra_fields=)", "numpyro.infer.MCMC.warmup(extra_fields=)"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "'dict' object has no attribute 'x'"
# failing = ["numpyro<0.16"]
#
# [tool.case.fix.whole_field]
# source = "documented"
# refuted = ["numpyro"]
# raises = "KeyError"
# match = "^'z'$"
#
# [tool.case.fix.last_state]
# source = "documented"
#
# [tool.case.fix.unconstrain_fn]
# source = "ours"
# ///
"""MCMC collects no unconstrained samples of a site, which its state holds."""

from __future__ import annotations

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.infer import HMC, MCMC
from numpyro.infer.util import unconstrain_fn


def model() -> None:
    numpyro.sample("x", dist.Gamma(2.0))


def run(seed: int, **fields: tuple[str, ...]) -> MCMC:
    kernel = HMC(model, num_steps=1, adapt_step_size=False, adapt_mass_matrix=False)
    mcmc = MCMC(kernel, num_warmup=0, num_samples=5, progress_bar=False)
    mcmc.run(jax.random.PRNGKey(seed), **fields)
    return mcmc


def check(unconstrained: jax.Array, constrained: jax.Array) -> None:
    """Assert that the one is the logarithm of the other."""
    assert unconstrained.shape == constrained.shape, f"{unconstrained.shape}, {constrained.shape}"
    assert np.allclose(np.exp(unconstrained), constrained, rtol=1e-4), f"{unconstrained}, {constrained}"


def failure(seed: int) -> None:
    """The unconstrained samples of a site can be named as an extra field, such as z.x."""
    mcmc = run(seed, extra_fields=("z.x",))
    check(mcmc.get_extra_fields()["z.x"], mcmc.get_samples()["x"])


def fix_whole_field(seed: int) -> None:
    """The field z of the state can be collected, which holds unconstrained samples."""
    mcmc = run(seed, extra_fields=("z",))
    check(mcmc.get_extra_fields()["z"]["x"], mcmc.get_samples()["x"])


def fix_last_state(seed: int) -> None:
    """In the last state, the field z holds the unconstrained values."""
    mcmc = run(seed)
    check(mcmc.last_state.z["x"], mcmc.get_samples()["x"][-1])


def fix_unconstrain_fn(seed: int) -> None:
    """The samples can be transformed back by unconstrain_fn."""
    samples = run(seed).get_samples()
    back = jax.vmap(lambda values: unconstrain_fn(model, (), {}, values))(samples)
    check(back["x"], samples["x"])


if __name__ == "__main__":
    failure(seed=0)
