# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1846"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1856"]
# kind = "limitation"
# api = [
#   "numpyro.infer.reparam.CircularReparam",
#   "numpyro.infer.Predictive",
#   "numpyro.handlers.reparam",
#   "numpyro.distributions.VonMises",
# ]
#
# [tool.case.failure]
# raises = "NotImplementedError"
# match = "^$"
# failing = ["numpyro"]
#
# [tool.case.fix.leave_observed_site_alone]
# source = "documented"
#
# [tool.case.fix.reparametrise_latent_for_mcmc]
# source = "documented"
#
# [tool.case.fix.reparametrise_latent_for_posterior_predictive]
# source = "documented"
#
# [tool.case.fix.reparametrise_latent_for_prior_predictive]
# source = "documented"
# refuted = ["numpyro"]
# raises = "NotImplementedError"
# match = "^$"
#
# [tool.case.fix.reparametrise_for_mcmc_only]
# source = "ours"
#
# [tool.case.fix.observed_value_is_refused]
# source = "upstream"
# refuted = ["numpyro<0.15.3"]
# raises = "AssertionError"
# match = "^accepted, and changes the log density by 0\\.000$"
# ///
"""Predictive cannot sample a site that CircularReparam was configured for, observed or latent."""

import math
from typing import Optional

import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from jax import Array, random
from numpyro.handlers import reparam
from numpyro.infer import HMC, MCMC, Predictive
from numpyro.infer.reparam import CircularReparam
from numpyro.infer.util import log_density

LOC = 3.0  # close to the seam at pi, so that angles of both signs occur
ANGLES = jnp.array([2.9, 3.1, -3.1, -2.9])


def model(angles: Optional[Array] = None) -> None:
    mu = numpyro.sample("mu", dist.VonMises(LOC, 4.0))
    with numpyro.plate("data", len(ANGLES)):
        numpyro.sample("obs", dist.VonMises(mu, 2.0), obs=angles)


observed_reparam = reparam(model, config={"obs": CircularReparam()})
latent_reparam = reparam(model, config={"mu": CircularReparam()})


def check_angles(angles: Array, shape: tuple, centre: float, within: float) -> None:
    """Angles have the given shape, lie on the circle, and their mean direction is `centre`."""
    assert angles.shape == shape, angles.shape
    assert jnp.all(jnp.abs(angles) <= math.pi + 1e-5), angles
    mean = jnp.arctan2(jnp.sin(angles).mean(), jnp.cos(angles).mean())
    distance = abs(math.remainder(float(mean) - centre, 2 * math.pi))
    assert distance < within, f"mean direction {mean}, not {centre}"


def check_prior_predictive(any_model, seed: int) -> None:
    samples = Predictive(any_model, num_samples=50)(random.PRNGKey(seed))
    check_angles(samples["mu"], (50,), LOC, within=0.5)
    check_angles(samples["obs"], (50, len(ANGLES)), LOC, within=0.6)


def check_posterior_predictive(any_model, seed: int, **posterior: float) -> None:
    posterior_samples = {name: jnp.full(50, value) for name, value in posterior.items()}
    samples = Predictive(any_model, posterior_samples)(random.PRNGKey(seed))
    check_angles(samples["obs"], (50, len(ANGLES)), posterior["mu"], within=0.5)


def failure() -> None:
    """The posterior predictive of a model whose observed site is reparametrised."""
    check_posterior_predictive(observed_reparam, 0, mu=1.0)


def fix_leave_observed_site_alone(seed: int) -> None:
    """Without a reparametrised site, prior and posterior predictive work."""
    check_prior_predictive(model, seed)
    check_posterior_predictive(model, seed, mu=1.0)


def fix_reparametrise_latent_for_mcmc(seed: int) -> None:
    """MCMC samples the exact posterior of a reparametrised latent angle, across the seam."""
    kernel = HMC(
        latent_reparam, step_size=0.15, num_steps=3, adapt_step_size=False, adapt_mass_matrix=False
    )
    mcmc = MCMC(kernel, num_warmup=50, num_samples=200, progress_bar=False)
    mcmc.run(random.PRNGKey(seed), ANGLES)
    mu = mcmc.get_samples()["mu"]
    # A von Mises prior is conjugate: the posterior direction is that of the weighted sum.
    y = 4.0 * math.sin(LOC) + 2.0 * float(jnp.sin(ANGLES).sum())
    x = 4.0 * math.cos(LOC) + 2.0 * float(jnp.cos(ANGLES).sum())
    check_angles(mu, (200,), math.atan2(y, x), within=0.2)
    assert jnp.any(mu > 0) and jnp.any(mu < 0), "the seam at pi was never crossed"


def fix_reparametrise_latent_for_posterior_predictive(seed: int) -> None:
    """Predictive works with the samples that MCMC returns for a reparametrised latent angle."""
    mu = 4.0 - 2.0 * math.pi
    check_posterior_predictive(latent_reparam, seed, mu=mu, mu_unwrapped=4.0)


def fix_reparametrise_latent_for_prior_predictive(seed: int) -> None:
    """Predictive works for a reparametrised latent angle without posterior samples, too."""
    check_prior_predictive(latent_reparam, seed)


def fix_reparametrise_for_mcmc_only(seed: int) -> None:
    """With MCMC samples of the reparametrised model, predictions come from the plain one."""
    check_posterior_predictive(model, seed, mu=4.0 - 2.0 * math.pi, mu_unwrapped=4.0)
    check_prior_predictive(model, seed)


def fix_observed_value_is_refused() -> None:
    """Giving the value of a reparametrised observed site is refused with a clear error."""
    plain, _ = log_density(model, (ANGLES,), {}, {"mu": 0.0})
    try:
        reparametrised, _ = log_density(observed_reparam, (ANGLES,), {}, {"mu": 0.0})
    except AssertionError as error:
        assert "CircularReparam does not support observe statements" in str(error), error
    else:
        difference = abs(float(reparametrised - plain))
        raise AssertionError(f"accepted, and changes the log density by {difference:.3f}")


if __name__ == "__main__":
    failure()
