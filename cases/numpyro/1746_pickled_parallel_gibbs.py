# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1746"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1746"]
# kind = "bug"
# api = ["numpyro.infer.HMCGibbs"]
# devices = ["cpu:2"]
#
# [tool.case.failure]
# raises = "ConcretizationTypeError"
# match = "attempt to serialize/pickle a traced value"
# failing = ["numpyro<0.14"]
#
# [tool.case.fix.sequential]
# source = "ours"
#
# [tool.case.fix.samples_alone]
# source = "ours"
# ///
"""An MCMC object with HMCGibbs cannot be pickled after its chains ran in parallel."""

from __future__ import annotations

import pickle

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.infer import HMC, MCMC, HMCGibbs


def model() -> None:
    x = numpyro.sample("x", dist.Normal(0.0, 1.0))
    numpyro.sample("y", dist.Normal(x, 1.0))


def draw_y(rng_key: jax.Array, gibbs_sites: dict, hmc_sites: dict) -> dict[str, jax.Array]:
    return {"y": hmc_sites["x"] + jax.random.normal(rng_key)}


def sampled(chain_method: str) -> MCMC:
    kernel = HMCGibbs(HMC(model, trajectory_length=1.0), gibbs_fn=draw_y, gibbs_sites=["y"])
    chains = {"num_chains": 2, "chain_method": chain_method}
    mcmc = MCMC(kernel, num_warmup=2, num_samples=3, progress_bar=False, **chains)
    mcmc.run(jax.random.PRNGKey(0))
    return mcmc


def failure() -> None:
    """What was pickled has the samples of both chains."""
    again = pickle.loads(pickle.dumps(sampled("parallel")))
    assert again.get_samples()["y"].shape == (6,)


def fix_sequential() -> None:
    """Chains that run one after the other leave nothing behind that cannot be pickled."""
    again = pickle.loads(pickle.dumps(sampled("sequential")))
    assert again.get_samples()["y"].shape == (6,)


def fix_samples_alone() -> None:
    """The samples can be pickled without the object."""
    again = pickle.loads(pickle.dumps(sampled("parallel").get_samples()))
    assert again["y"].shape == (6,)


if __name__ == "__main__":
    numpyro.set_host_device_count(2)
    failure()
