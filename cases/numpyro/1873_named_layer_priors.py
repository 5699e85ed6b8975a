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
# match = 'latent sites \[\], posterior predictive 0\.000 from the prior predictive'
# failing = ["numpyro"]
#
# [tool.case.fix.slash_paths]
# source = "documented"
# refuted = ["numpyro"]
# raises = "AssertionError"
# match = 'latent sites \[\], posterior predictive 0\.000 from the prior predictive'
#
# [tool.case.fix.regular_expressions]
# source = "documented"
# refuted = ["numpyro"]
# raises = "AssertionError"
# match = 'latent sites \[\], posterior predictive 0\.000 from the prior predictive'
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

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from flax import linen as nn
from numpyro.contrib.module import random_flax_module
from numpyro.infer import HMC, MCMC, Predictive

BIAS, KERNEL = dist.Normal(0, 1), dist.Normal(0, 10)
LATENT = ["nn/Dense1.bias", "nn/Dense1.kernel"]
X = np.array([-1.0, 0.0, 1.0, 2.0])
Y = 3 * X + 1


class Net(nn.Module):
    """A straight line: one layer, with a name."""

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        return nn.Dense(1, name="Dense1")(x[:, None])[:, 0]


def sample(prior: object, seed: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Latent sites, posterior predictive and prior predictive draws, both from the same key."""

    def model(x: np.ndarray, y: np.ndarray | None = None) -> None:
        net = random_flax_module("nn", Net(), prior, input_shape=(1,))
        numpyro.sample("y", dist.Normal(net(x), 0.1), obs=y)

    @jax.jit  # one compilation instead of a hundred
    def run(key: jax.Array) -> tuple[dict, jax.Array, jax.Array]:
        mcmc = MCMC(HMC(model), num_warmup=100, num_samples=50, progress_bar=False)
        mcmc.run(key, X, Y)
        latents = mcmc.get_samples()
        posterior = Predictive(model, latents, num_samples=50)(key, X)
        return latents, posterior["y"], Predictive(model, num_samples=50)(key, X)["y"]

    latents, posterior, before = run(jax.random.PRNGKey(seed))
    return sorted(latents), np.asarray(posterior), np.asarray(before)


def check(prior: object, seed: int) -> np.ndarray:
    """Assert that MCMC samples every parameter and finds the line; return the prior predictive."""
    sites, posterior, before = sample(prior, seed)
    change = np.abs(posterior - before).max()
    message = f"latent sites {sites}, posterior predictive {change:.3f} from the prior predictive"
    assert sites == LATENT, message
    assert np.abs(posterior.mean(0) - Y).max() < 0.5, f"{message}: {posterior.mean(0)}"
    return before


def check_each_prior(prior: object, seed: int) -> None:
    """Assert also that each parameter has its own prior: narrow at x=0 (bias), wide at x=2."""
    spread = check(prior, seed).std(0)
    assert spread[1] < 3, f"prior predictive deviations {spread}"
    assert spread[3] > 6, f"prior predictive deviations {spread}"


def failure() -> None:
    """Bare names apply to the parameters of a named layer."""
    check_each_prior({"bias": BIAS, "kernel": KERNEL}, seed=0)


def fix_slash_paths(seed: int) -> None:
    """Whole paths, joined by slashes, name the parameters."""
    check_each_prior({"Dense1/bias": BIAS, "Dense1/kernel": KERNEL}, seed)


def fix_regular_expressions(seed: int) -> None:
    """Keys are regular expressions."""
    check_each_prior({r".*/bias": BIAS, r".*/kernel": KERNEL}, seed)


def fix_one_distribution(seed: int) -> None:
    """One distribution is the prior of every parameter."""
    spread = check(KERNEL, seed).std(0)
    assert spread.min() > 3, f"prior predictive deviations {spread}"


def fix_unmatched_keys_are_ignored(seed: int) -> None:
    """A key that names no parameter raises no error; its parameter keeps the initial value, zero."""
    sites, posterior, _ = sample({"Dense1.kernel": KERNEL, "bias": BIAS}, seed)
    assert sites == ["nn/Dense1.kernel"], f"latent sites {sites}"
    assert np.abs(posterior[:, 1].mean()) < 0.1, f"at x=0: {posterior[:, 1]}"


def fix_dotted_paths(seed: int) -> None:
    """Whole paths, joined by dots, name the parameters."""
    check_each_prior({"Dense1.bias": BIAS, "Dense1.kernel": KERNEL}, seed)


def fix_callable_prior(seed: int) -> None:
    """A function of name and shape chooses the prior, so that one rule serves every layer."""
    check_each_prior(lambda name, shape: KERNEL if name.endswith(".kernel") else BIAS, seed)


if __name__ == "__main__":
    failure()
