# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro", "flax"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1873"
# kind = "silent"
# api = ["numpyro.contrib.module.random_flax_module"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = 'sampled \[\], moved 0\.000 from the prior predictive'
# failing = ["numpyro"]
#
# [tool.case.fix.slash_paths]
# source = "documented"
# refuted = ["numpyro"]
# raises = "AssertionError"
# match = 'sampled \[\], moved 0\.000 from the prior predictive'
#
# [tool.case.fix.regular_expressions]
# source = "documented"
# refuted = ["numpyro"]
# raises = "AssertionError"
# match = 'sampled \[\], moved 0\.000 from the prior predictive'
#
# [tool.case.fix.one_distribution]
# source = "documented"
#
# [tool.case.fix.unmatched_keys_are_ignored]
# source = "documented"
#
# [tool.case.fix.dotted_paths]
# source = "upstream"
#
# [tool.case.fix.callable_prior]
# source = "upstream"
# ///
"""random_flax_module ignores priors whose keys do not name a parameter by its whole path."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from flax import linen as nn
from numpyro.contrib.module import random_flax_module
from numpyro.infer import HMC, MCMC, Predictive

TIGHT, WIDE = dist.Normal(0, 0.01), dist.Normal(0, 10)
BIAS, KERNEL = "nn/Dense1.bias", "nn/Dense1.kernel"
X = np.array([-1.0, 0.0, 1.0, 2.0])
Y = 3 * X + 1
SLOPE_WITHOUT_BIAS = X @ Y / (X @ X)  # 3.33: least squares through the origin


class Net(nn.Module):
    """A straight line: one layer, with a name."""

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        return nn.Dense(1, name="Dense1")(x[:, None])[:, 0]


def check(prior: object, expected: dict[str, float], seed: int) -> None:
    """Assert that MCMC samples just the `expected` sites, around these values."""

    def model(x: np.ndarray, y: np.ndarray | None = None) -> None:
        net = random_flax_module("nn", Net(), prior, input_shape=(1,))
        numpyro.sample("y", dist.Normal(net(x), 0.1), obs=y)

    def sample(key: jax.Array) -> dict[str, jax.Array]:
        mcmc = MCMC(HMC(model), num_warmup=100, num_samples=50, progress_bar=False)
        mcmc.run(key, X, Y)
        return mcmc.get_samples()

    key = jax.random.PRNGKey(seed)
    latents = jax.jit(sample)(key)  # one compilation instead of a hundred
    assert sorted(latents) == sorted(expected), what_was_learned(model, latents, key)
    means = {name: float(value.mean()) for name, value in latents.items()}
    assert all(abs(means[name] - expected[name]) < 0.15 for name in expected), f"{means}"


def what_was_learned(model: Callable, latents: dict[str, jax.Array], key: jax.Array) -> str:
    """How far the posterior predictive is from the prior predictive of the same key."""

    def distance(key: jax.Array) -> jax.Array:
        posterior = Predictive(model, latents, num_samples=50)(key, X)["y"]
        return abs(posterior - Predictive(model, num_samples=50)(key, X)["y"]).max()

    sites = sorted(latents)
    return f"sampled {sites}, moved {jax.jit(distance)(key):.3f} from the prior predictive"


def failure() -> None:
    """Bare names apply to the parameters of a named layer."""
    prior = {"bias": TIGHT, "kernel": WIDE}
    check(prior, {BIAS: 0, KERNEL: SLOPE_WITHOUT_BIAS}, seed=0)


def fix_slash_paths(seed: int) -> None:
    """Whole paths, joined by slashes, name the parameters."""
    prior = {"Dense1/bias": TIGHT, "Dense1/kernel": WIDE}
    check(prior, {BIAS: 0, KERNEL: SLOPE_WITHOUT_BIAS}, seed)


def fix_regular_expressions(seed: int) -> None:
    """Keys are regular expressions."""
    prior = {r".*/bias": TIGHT, r".*/kernel": WIDE}
    check(prior, {BIAS: 0, KERNEL: SLOPE_WITHOUT_BIAS}, seed)


def fix_one_distribution(seed: int) -> None:
    """One distribution is the prior of every parameter."""
    check(WIDE, {BIAS: 1, KERNEL: 3}, seed)


def fix_unmatched_keys_are_ignored(seed: int) -> None:
    """A key that names nothing raises no error: the bias stays at its initial value, zero."""
    check({"bias": WIDE, "Dense1.kernel": WIDE}, {KERNEL: SLOPE_WITHOUT_BIAS}, seed)


def fix_dotted_paths(seed: int) -> None:
    """Whole paths, joined by dots, name the parameters."""
    prior = {"Dense1.bias": TIGHT, "Dense1.kernel": WIDE}
    check(prior, {BIAS: 0, KERNEL: SLOPE_WITHOUT_BIAS}, seed)


def fix_callable_prior(seed: int) -> None:
    """A function of name and shape chooses the prior, so that one rule serves every layer."""

    def prior(name: str, shape: tuple[int, ...]) -> dist.Distribution:
        return TIGHT if name.endswith(".bias") else WIDE

    check(prior, {BIAS: 0, KERNEL: SLOPE_WITHOUT_BIAS}, seed)


if __name__ == "__main__":
    failure()
