# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1847"
# kind = "limitation"
# api = ["numpyro.sample(obs_mask=)"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = 'Incompatible shapes for broadcasting: shapes=\[\(2,\), \(2,\), \(4,\)\]'
# failing = ["numpyro"]
#
# [tool.case.fix.keep_the_shape]
# source = "documented"
#
# [tool.case.fix.keep_the_shape_for_new_inputs]
# source = "documented"
# refuted = ["numpyro"]
# raises = "AssertionError"
# match = 'y is 8\.0 at x=8, where 16 is right'
#
# [tool.case.fix.mask_handler]
# source = "documented"
#
# [tool.case.fix.mask_handler_without_mask]
# source = "documented"
# refuted = ["numpyro"]
# raises = "ValueError"
# match = "`mask` should be a bool array"
#
# [tool.case.fix.mask_handler_true_by_default]
# source = "ours"
#
# [tool.case.fix.subclass_with_get_posterior]
# source = "documented"
# refuted = ["numpyro"]
# raises = "TypeError"
# match = "Can't instantiate abstract class Guide .*_get_posterior"
#
# [tool.case.fix.concrete_subclass_with_get_posterior]
# source = "ours"
# refuted = ["numpyro"]
# raises = "ValueError"
# match = 'Incompatible shapes for broadcasting: shapes=\[\(2,\), \(2,\), \(4,\)\]'
#
# [tool.case.fix.guide_imputes_at_any_shape]
# source = "ours"
#
# [tool.case.fix.predict_without_obs_mask]
# source = "ours"
#
# [tool.case.fix.drop_the_imputed_values]
# source = "ours"
# ///
"""With obs_mask, Predictive cannot predict at another number of points than SVI was fitted to."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.infer import SVI, Predictive, Trace_ELBO
from numpyro.infer.autoguide import AutoContinuous, AutoDelta, AutoDiagonalNormal

X = np.array([1.0, 2.0, 3.0, 4.0])
Y = np.array([2.0, 4.0, 6.0, 99.0])  # 2 x, but for the masked outlier
MASK = np.array([True, True, True, False])
LAST_TWO = {"x": X[2:], "y": Y[2:], "obs_mask": MASK[2:]}
NEW_X = np.array([7.0, 8.0])


def model(x: np.ndarray, y: np.ndarray | None = None, obs_mask: np.ndarray | None = None) -> None:
    """A line through the origin; obs_mask makes a latent site, y_unobserved, of all points."""
    slope = numpyro.sample("slope", dist.Normal(0, 10))
    numpyro.sample("y", dist.Normal(slope * x, 0.1), obs=y, obs_mask=obs_mask)


def masked_model(x: np.ndarray, y: np.ndarray | None = None, mask: object = None) -> None:
    """The same line, with the handler instead of obs_mask."""
    slope = numpyro.sample("slope", dist.Normal(0, 10))
    with handlers.mask(mask=mask):
        numpyro.sample("y", dist.Normal(slope * x, 0.1), obs=y)


def check(
    model: Callable,
    guide: Callable,
    train: dict[str, np.ndarray],
    test: dict[str, np.ndarray],
    seed: int,
    drop: str = "",
) -> None:
    """Assert that the fit to X and Y predicts y = 2 x for the arguments `test`."""

    @jax.jit  # one compilation instead of a hundred
    def predict(key: jax.Array) -> jax.Array:
        svi = SVI(model, guide, numpyro.optim.Adam(0.1), Trace_ELBO())
        params = svi.run(key, 1000, X, Y, progress_bar=False, **train).params
        if not drop:
            return Predictive(model, guide=guide, params=params, num_samples=100)(key, **test)["y"]
        latents = Predictive(guide, params=params, num_samples=100)(key, **test)
        del latents[drop]
        return Predictive(model, latents)(key, **test)["y"]

    x, y = test["x"], np.asarray(predict(jax.random.PRNGKey(seed)))
    assert y.shape == (100, len(x)), f"y has the shape {y.shape} for {len(x)} points"
    mean = y.mean(0)
    wrong = f"y is {mean[-1]:.1f} at x={x[-1]:g}, where {2 * x[-1]:g} is right"
    assert np.abs(mean - 2 * x).max() < 0.1, wrong


def failure() -> None:
    """Predict the last two of four points."""
    check(model, AutoDelta(model), {"obs_mask": MASK}, LAST_TWO, seed=0)


def fix_keep_the_shape(seed: int) -> None:
    """Predict at the inputs of the training: the masked point is imputed."""
    same = {"x": X, "y": Y, "obs_mask": MASK}
    check(model, AutoDelta(model), {"obs_mask": MASK}, same, seed)


def fix_keep_the_shape_for_new_inputs(seed: int) -> None:
    """Predict at as many new points as in the training, none of them observed."""
    new = {"x": X + 4, "obs_mask": np.zeros(4, dtype=bool)}
    check(model, AutoDelta(model), {"obs_mask": MASK}, new, seed)


def fix_mask_handler(seed: int) -> None:
    """Mask with the handler, by a boolean mask of the shape of each call."""
    test = {"x": NEW_X, "mask": np.array([True, False])}
    check(masked_model, AutoDelta(masked_model), {"mask": MASK}, test, seed)


def fix_mask_handler_without_mask(seed: int) -> None:
    """Mask with the handler, whose mask=None by default in the model means no mask."""
    check(masked_model, AutoDelta(masked_model), {"mask": MASK}, {"x": NEW_X}, seed)


def fix_mask_handler_true_by_default(seed: int) -> None:
    """Mask with the handler; mask=True by default in the model means no mask."""

    def model(x: np.ndarray, y: np.ndarray | None = None, mask: object = True) -> None:
        masked_model(x, y, mask)

    check(model, AutoDelta(model), {"mask": MASK}, {"x": NEW_X}, seed)


def fix_subclass_with_get_posterior(seed: int) -> None:
    """Subclass AutoContinuous and override get_posterior."""

    class Guide(AutoContinuous):
        def get_posterior(self, params: dict[str, jax.Array]) -> dist.Distribution:
            return dist.Normal(params["auto_loc"][:1], 0.01).to_event(1)

    check(model, Guide(model), {"obs_mask": MASK}, LAST_TWO, seed)


def fix_concrete_subclass_with_get_posterior(seed: int) -> None:
    """Override get_posterior where the guide is complete: Predictive does not ask for it."""

    class Guide(AutoDiagonalNormal):
        def get_posterior(self, params: dict[str, jax.Array]) -> dist.Distribution:
            return dist.Normal(params["auto_loc"][:1], 0.01).to_event(1)

    check(model, Guide(model), {"obs_mask": MASK}, LAST_TWO, seed)


def fix_guide_imputes_at_any_shape(seed: int) -> None:
    """A guide that draws y_unobserved as the model does has no parameter of the shape of x."""

    def guide(x: np.ndarray, y: np.ndarray, obs_mask: np.ndarray) -> None:
        slope = numpyro.sample("slope", dist.Delta(numpyro.param("slope_loc", 0.0)))
        with handlers.mask(mask=~obs_mask):
            numpyro.sample("y_unobserved", dist.Normal(slope * x, 0.1))

    check(model, guide, {"obs_mask": MASK}, LAST_TWO, seed)


def fix_predict_without_obs_mask(seed: int) -> None:
    """Without obs_mask and y, the model has no y_unobserved and draws y at any points."""
    check(model, AutoDelta(model), {"obs_mask": MASK}, {"x": NEW_X}, seed)


def fix_drop_the_imputed_values(seed: int) -> None:
    """Predictive draws y_unobserved anew where the posterior samples lack it."""
    check(model, AutoDelta(model), {"obs_mask": MASK}, LAST_TWO, seed, drop="y_unobserved")


if __name__ == "__main__":
    failure()
