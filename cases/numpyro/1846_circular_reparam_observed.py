# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1846"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1856"]
# kind = "limitation"
# api = ["numpyro.infer.reparam.CircularReparam"]
#
# [tool.case.failure]
# raises = "NotImplementedError"
# match = "^$"                    # the exception carries no message
# failing = ["numpyro"]          # the pull request refuses a given value, Predictive gives none
#
# [tool.case.fix.leave_observed_alone_prior]
# source = "documented"
#
# [tool.case.fix.leave_observed_alone_posterior]
# source = "documented"
#
# [tool.case.fix.latent_instead_mcmc]
# source = "documented"
#
# [tool.case.fix.latent_instead_posterior]
# source = "documented"
#
# [tool.case.fix.latent_instead_prior]
# source = "documented"
# refuted = ["numpyro"]
# raises = "NotImplementedError"
# match = "^$"
#
# [tool.case.fix.predict_from_plain_model]
# source = "ours"
#
# [tool.case.fix.observed_value_is_refused]
# source = "upstream"
# refuted = ["numpyro<0.15.3"]
# raises = "AssertionError"
# match = "^accepted, and the log density differs by 0\\.000$"
# ///
"""Predictive cannot sample a site for which CircularReparam is configured."""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from jax import random
from numpyro.handlers import reparam
from numpyro.infer import MCMC, BarkerMH, Predictive
from numpyro.infer.reparam import CircularReparam
from numpyro.infer.util import log_density

PRIOR, ANGLE = 3.0, -2.5  # two angles on either side of the seam at pi
UNWRAPPED, WRAPPED = 4.0, 4.0 - 2 * math.pi  # one angle, as CircularReparam and MCMC report it


def model(angle: float | None = None) -> None:
    mu = numpyro.sample("mu", dist.VonMises(PRIOR, 4.0))
    numpyro.sample("obs", dist.VonMises(mu, 2.0), obs=angle)


observed_reparam = reparam(model, config={"obs": CircularReparam()})
latent_reparam = reparam(model, config={"mu": CircularReparam()})


def check_angles(angles: np.ndarray, centre: float, within: float) -> None:
    """The angles lie on the circle and their mean direction is `centre`."""
    assert np.all(np.abs(angles) < math.pi + 1e-5), f"not on the circle: {angles}"
    mean = math.atan2(np.sin(angles).mean(), np.cos(angles).mean())
    error = math.remainder(mean - centre, 2 * math.pi)
    assert abs(error) < within, f"mean direction {mean:.3f}, not {centre:.3f}"


def check_prior(predicted: Callable[..., None], seed: int) -> None:
    samples = Predictive(predicted, num_samples=100)(random.PRNGKey(seed))
    assert samples["mu"].shape == samples["obs"].shape == (100,)
    check_angles(np.asarray(samples["mu"]), PRIOR, within=0.5)
    check_angles(np.asarray(samples["obs"]), PRIOR, within=0.8)


def check_posterior(predicted: Callable[..., None], seed: int, **posterior: float) -> None:
    posterior_samples = {name: np.full(100, value, np.float32) for name, value in posterior.items()}
    samples = Predictive(predicted, posterior_samples)(random.PRNGKey(seed))
    assert samples["obs"].shape == (100,)
    check_angles(np.asarray(samples["obs"]), posterior["mu"], within=0.5)


def failure() -> None:
    """Posterior predictive samples of an observed site that is reparametrised."""
    check_posterior(observed_reparam, 0, mu=WRAPPED)


def fix_leave_observed_alone_prior(seed: int) -> None:
    """The prior predictive works when no site is reparametrised."""
    check_prior(model, seed)


def fix_leave_observed_alone_posterior(seed: int) -> None:
    """The posterior predictive works when no site is reparametrised."""
    check_posterior(model, seed, mu=WRAPPED)


def fix_latent_instead_mcmc(seed: int) -> None:
    """With the latent angle reparametrised, MCMC finds the exact posterior, across the seam."""
    kernel = BarkerMH(latent_reparam, step_size=0.5, adapt_step_size=False)
    mcmc = MCMC(kernel, num_warmup=50, num_samples=300, progress_bar=False)

    @jax.jit  # one compilation instead of one for every operation of the initialisation
    def posterior(key: jax.Array) -> dict[str, jax.Array]:
        mcmc.run(key, ANGLE)
        return mcmc.get_samples()

    mu = np.asarray(posterior(random.PRNGKey(seed))["mu"])
    # Von Mises is conjugate to itself: the vectors of prior and data add up.
    y = 4.0 * math.sin(PRIOR) + 2.0 * math.sin(ANGLE)
    x = 4.0 * math.cos(PRIOR) + 2.0 * math.cos(ANGLE)
    check_angles(mu, math.atan2(y, x), within=0.4)
    assert mu.max() > 2.0, "no angle before the seam at pi"
    assert mu.min() < -2.0, "no angle after the seam at pi"


def fix_latent_instead_posterior(seed: int) -> None:
    """With the latent angle reparametrised, Predictive works on the samples that MCMC returns."""
    check_posterior(latent_reparam, seed, mu=WRAPPED, mu_unwrapped=UNWRAPPED)


def fix_latent_instead_prior(seed: int) -> None:
    """With the latent angle reparametrised, Predictive works without posterior samples."""
    check_prior(latent_reparam, seed)


def fix_predict_from_plain_model(seed: int) -> None:
    """The plain model predicts from what MCMC returns for the reparametrised one."""
    check_posterior(model, seed, mu=WRAPPED, mu_unwrapped=UNWRAPPED)


def fix_observed_value_is_refused() -> None:
    """A value for a reparametrised observed site is refused with a clear error."""
    plain, _ = log_density(model, (ANGLE,), {}, {"mu": PRIOR})
    try:
        reparametrised, _ = log_density(observed_reparam, (ANGLE,), {}, {"mu": PRIOR})
    except AssertionError as error:
        answer = str(error)
    else:
        difference = abs(float(reparametrised - plain))
        answer = f"accepted, and the log density differs by {difference:.3f}"
    assert answer == "CircularReparam does not support observe statements", answer


if __name__ == "__main__":
    failure()
