# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro>=0.14"]     # which brought these samplers
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2189"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2189"]
# kind = "silent"
# api = ["numpyro.infer.AIES", "numpyro.infer.ESS(randomize_split=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^standard deviations of the chains: \[\d\.\d, 0\.0\]$'
# failing = ["numpyro<0.22"]
#
# [tool.case.fix.randomize_split]
# source = "ours"
# ///
"""AIES and ESS propose moves of the second half of the chains from that half itself."""

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.infer import AIES, MCMC


def assert_all_chains_move(seed: int, *, randomize_split: bool = False) -> None:
    """Assert that each of two chains samples a standard normal distribution."""

    def model() -> None:
        numpyro.sample("x", dist.Normal(0.0, 1.0))

    kernel = AIES(model, moves={AIES.StretchMove(): 1.0}, randomize_split=randomize_split)
    mcmc = MCMC(
        kernel,
        num_warmup=0,
        num_samples=2000,
        num_chains=2,
        chain_method="vectorized",
        progress_bar=False,
    )
    mcmc.run(jax.random.PRNGKey(seed))
    deviations = [float(chain.std()) for chain in mcmc.get_samples(group_by_chain=True)["x"]]
    rounded = [round(deviation, 1) for deviation in deviations]
    assert all(0.5 < deviation < 2.0 for deviation in deviations), (
        f"standard deviations of the chains: {rounded}"
    )


def failure(seed: int) -> None:
    """A chain moves along the line through itself and the other one."""
    assert_all_chains_move(seed)


def fix_randomize_split(seed: int) -> None:
    """Where the halves are drawn anew in every step, each chain is in the first one at times."""
    assert_all_chains_move(seed, randomize_split=True)


if __name__ == "__main__":
    failure(seed=0)
