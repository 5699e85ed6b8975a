# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3080"
# kind = "silent"
# api = ["pyro.infer.infer_discrete"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^\d+ of 20 samples are 1$'
# failing = ["pyro-ppl"]         # open: pull request 3238 is in no release
#
# [tool.case.fix.most_likely]
# source = "ours"
# refuted = ["pyro-ppl"]
# raises = "AssertionError"
# match = '^\d+ of 20 samples are 1$'
#
# [tool.case.fix.parallel]
# source = "documented"
# ///
"""infer_discrete samples sequentially enumerated sites from their prior, not their posterior."""

import pyro
import pyro.distributions as dist
import torch
from pyro.infer import infer_discrete


def assert_posterior(enumerate: str, seed: int, temperature: int = 1) -> None:
    """The prior of y is even, its posterior as good as certain: x is 10, and 10 * y +- 1."""

    def model() -> torch.Tensor:
        y = pyro.sample("y", dist.Bernoulli(0.5), infer={"enumerate": enumerate})
        pyro.sample("x", dist.Normal(10 * y, 1.0), obs=torch.tensor(10.0))
        return y

    pyro.set_rng_seed(seed)
    posterior = infer_discrete(model, first_available_dim=-1, temperature=temperature)
    ones = sum(int(posterior()) for _ in range(20))
    assert ones == 20, f"{ones} of 20 samples are 1"


def failure(seed: int) -> None:
    """Sequential enumeration, which infer_discrete recommends in a warning, is right."""
    assert_posterior("sequential", seed)


def fix_most_likely(seed: int) -> None:
    """At temperature 0 infer_discrete finds the most likely value."""
    assert_posterior("sequential", seed, temperature=0)


def fix_parallel(seed: int) -> None:
    """With parallel enumeration the samples are from the posterior."""
    assert_posterior("parallel", seed)


if __name__ == "__main__":
    failure(0)
