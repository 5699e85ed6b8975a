# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro>=0.14"]    # the first release with AIES and ESS
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1916"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1918"]
# kind = "bug"
# api = ["numpyro.infer.AIES", "numpyro.infer.ESS"]
#
# [tool.case.failure]
# raises = "ValueError"               # before 0.15, it does not even recognise the state
# match = 'split accepts a single key, but was given a key array|Valid value of `init_params` must'
# failing = ["numpyro<0.16.1"]
#
# [tool.case.fix.post_warmup_state]
# source = "documented"
# refuted = ["numpyro<0.16.1"]
# raises = "ValueError"
# match = 'split accepts a single key, but was given a key array|Valid value of `init_params` must'
#
# [tool.case.fix.warm_up_in_run]
# source = "ours"
# ///
"""The ensemble samplers AIES and ESS cannot be run after a warmup."""

from __future__ import annotations

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.infer import AIES, MCMC

KEYS = jax.random.split(jax.random.PRNGKey(0))


def model() -> None:
    numpyro.sample("x", dist.Normal(0.0, 1.0))


def ensemble() -> MCMC:
    """An ensemble of two chains, of one step each after one step of warmup."""
    kernel = AIES(model, moves={AIES.StretchMove(): 1.0})
    chains = {"num_chains": 2, "chain_method": "vectorized", "progress_bar": False}
    return MCMC(kernel, num_warmup=1, num_samples=1, **chains)


def assert_has_samples(mcmc: MCMC) -> None:
    shape = mcmc.get_samples()["x"].shape
    assert shape == (2,), f"samples of the shape {shape}"


def failure() -> None:
    """After a warmup, samples can be drawn."""
    mcmc = ensemble()
    mcmc.warmup(KEYS[0])
    mcmc.run(KEYS[1])
    assert_has_samples(mcmc)


def fix_post_warmup_state() -> None:
    """With post_warmup_state set to the last state, more samples can be drawn."""
    mcmc = ensemble()
    mcmc.run(KEYS[0])
    mcmc.post_warmup_state = mcmc.last_state
    mcmc.run(KEYS[1])
    assert_has_samples(mcmc)


def fix_warm_up_in_run() -> None:
    """A run that warms up itself works."""
    mcmc = ensemble()
    mcmc.run(KEYS[0])
    assert_has_samples(mcmc)


if __name__ == "__main__":
    failure()
