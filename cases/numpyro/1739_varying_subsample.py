# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1739"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1972"]
# kind = "bug"
# api = [
#   "numpyro.infer.autoguide.AutoNormal",
#   "numpyro.infer.autoguide.AutoDelta",
#   "numpyro.infer.autoguide.AutoGuideList",
# ]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^Model and guide shapes disagree at site: 'x': \\(4,\\) vs \\(2,\\)$"
# failing = ["numpyro<0.17"]
#
# [tool.case.fix.auto_delta_instead]
# source = "documented"
# refuted = ["numpyro<0.17"]
# raises = "ValueError"
# match = "^Model and guide shapes disagree at site: 'x': \\(4,\\) vs \\(2,\\)$"
#
# [tool.case.fix.auto_guide_list_instead]
# source = "documented"
# refuted = ["numpyro<0.17"]      # AutoGuideList came with 0.14
# raises = ["ValueError", "ImportError"]
# match = "^Model and guide shapes disagree at site: 'x': \\(4,\\) vs \\(2,\\)$|'AutoGuideList'"
#
# [tool.case.fix.auto_diagonal_normal_instead]
# source = "documented"
#
# [tool.case.fix.create_plates]
# source = "documented"
#
# [tool.case.fix.create_plates_auto_delta]
# source = "documented"
#
# [tool.case.fix.create_plates_on_guide_list]
# source = "documented"
# refuted = ["numpyro<0.17"]
# raises = ["ValueError", "ImportError"]
# match = "^Model and guide shapes disagree at site: 'x': \\(4,\\) vs \\(2,\\)$|'AutoGuideList'"
#
# [tool.case.fix.create_plates_on_list_parts]
# source = "ours"
# refuted = ["numpyro<0.14"]
# raises = "ImportError"
# match = "'AutoGuideList'"
#
# [tool.case.fix.create_plates_replayed]
# source = "documented"
# refuted = ["numpyro"]           # it even brings the failure back where replaying works without it
# raises = "ValueError"
# match = "^Model and guide shapes disagree at site: 'x': \\(4,\\) vs \\(2,\\)$"
#
# [tool.case.fix.replay_without_plates]
# source = "ours"
#
# [tool.case.fix.upgrade_with_latent_in_plate]
# source = "upstream"
# refuted = ["numpyro"]           # the fix covers plates that hold observed sites only
# raises = "AssertionError"
# match = "^subsample of size 4, not 2$"
#
# [tool.case.fix.create_plates_with_latent_in_plate]
# source = "upstream"
# ///
"""AutoNormal, AutoDelta and AutoGuideList keep the subsample size of their first call."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from jax import random
from numpyro import handlers
from numpyro.infer import SVI, Trace_ELBO, init_to_value
from numpyro.infer.autoguide import AutoDelta, AutoDiagonalNormal, AutoGuide, AutoNormal
from numpyro.infer.util import log_density

X = np.array([10.0, 20.0, 30.0, 40.0])
FULL, HALF = (4, X), (4, X[:2], 2)  # the arguments of two evaluations
INIT = {"init_loc_fn": init_to_value(values={"mu": 0.0, "z": X})}
NORMAL = {**INIT, "init_scale": 0.01}


def model(n: int, x: np.ndarray | None = None, subsample_size: int | None = None) -> None:
    mu = numpyro.sample("mu", dist.Normal(0.0, 1.0))
    with numpyro.plate("n", n, subsample_size=subsample_size):
        numpyro.sample("x", dist.Normal(mu, 1.0), obs=x)


def model_with_latent(n: int, x: np.ndarray, subsample_size: int | None = None) -> None:
    with numpyro.plate("n", n, subsample_size=subsample_size):
        z = numpyro.sample("z", dist.Normal(0.0, 10.0))
        numpyro.sample("x", dist.Normal(z, 1.0), obs=numpyro.subsample(x, event_dim=0))


def create_plates(n: int, x: np.ndarray, subsample_size: int | None = None) -> numpyro.plate:
    return numpyro.plate("n", n, subsample_size=subsample_size)


def log_normal(x: np.ndarray | float, loc: np.ndarray | float, scale: float = 1.0) -> float:
    return float(np.sum(-0.5 * ((x - loc) / scale) ** 2 - np.log(scale * np.sqrt(2 * np.pi))))


def check_svi(guide: AutoGuide, seed: int) -> None:
    """After the start on all data, the loss on half of it counts each of its data twice."""
    svi = SVI(model, guide, numpyro.optim.Adam(0.1), Trace_ELBO())

    @jax.jit
    def loss_of_half(key: jax.Array) -> jax.Array:
        return svi.evaluate(svi.init(key, *FULL), *HALF)

    loss = float(loss_of_half(random.PRNGKey(seed)))
    expected = -log_normal(0.0, 0.0) - 2 * log_normal(X[:2], 0.0)
    assert abs(loss - expected) < 20, f"loss {loss:.0f}, not about {expected:.0f}"


def check_replay(guide: AutoGuide, seed: int, with_plates: bool = True) -> None:
    """A guide trace for all data replays on a model of half of it, as in the upstream report."""

    @jax.jit
    def replay_on_half(key: jax.Array) -> tuple[jax.Array, ...]:
        with handlers.seed(rng_seed=key):
            guide(*FULL)
            sites = handlers.trace(guide).get_trace(*FULL)
            if not with_plates:
                sites = {name: site for name, site in sites.items() if site["type"] != "plate"}
            replayed = handlers.replay(model, sites)
            return log_density(replayed, HALF, {}, {})[0], sites["mu"]["value"]

    log_joint, mu = map(float, replay_on_half(random.PRNGKey(seed)))
    expected = log_normal(mu, 0.0) + 2 * log_normal(X[:2], mu)
    assert abs(log_joint - expected) < 1, f"log density {log_joint:.0f}, not {expected:.0f}"


def check_latent_in_plate(guide: AutoGuide, seed: int) -> None:
    """After a first call on all data, the guide subsamples latent values with their data."""

    @jax.jit
    def replay_on_half(key: jax.Array) -> tuple[jax.Array, ...]:
        with handlers.seed(rng_seed=key):
            guide(4, X)
            sites = handlers.trace(guide).get_trace(4, X, 2)
            replayed = handlers.replay(model_with_latent, sites)
            log_joint, _ = log_density(replayed, (4, X, 2), {}, {})
            return log_joint, sites["z"]["value"], sites["n"]["value"]

    log_joint, z, index = map(np.asarray, replay_on_half(random.PRNGKey(seed)))
    assert z.shape == (2,), f"subsample of size {len(z)}, not 2"
    assert len(set(index)) == 2, f"subsample {index} is not without replacement"
    assert np.allclose(z, X[index], atol=0.1), f"values {z} at {index}"
    expected = 2 * (log_normal(z, 0.0, scale=10.0) + log_normal(X[index], z))
    assert abs(log_joint - expected) < 0.1, f"log density {log_joint}, not {expected}"


def guide_list(
    list_plates: Callable[..., numpyro.plate] | None = None,
    part_plates: Callable[..., numpyro.plate] | None = None,
) -> AutoGuide:
    from numpyro.infer.autoguide import AutoGuideList

    guide = AutoGuideList(model, create_plates=list_plates)
    guide.append(AutoNormal(model, create_plates=part_plates, **NORMAL))
    return guide


def failure() -> None:
    """AutoNormal evaluates half of the data after all of it, in SVI and replayed."""
    check_svi(AutoNormal(model, **NORMAL), 0)
    check_replay(AutoNormal(model, **NORMAL), 0)


def fix_auto_delta_instead(seed: int) -> None:
    """AutoDelta takes subsamples of varying size."""
    check_svi(AutoDelta(model, **INIT), seed)
    check_replay(AutoDelta(model, **INIT), seed)


def fix_auto_guide_list_instead(seed: int) -> None:
    """AutoGuideList takes subsamples of varying size."""
    check_svi(guide_list(), seed)
    check_replay(guide_list(), seed)


def fix_auto_diagonal_normal_instead(seed: int) -> None:
    """AutoDiagonalNormal takes subsamples of varying size."""
    check_svi(AutoDiagonalNormal(model, **NORMAL), seed)
    check_replay(AutoDiagonalNormal(model, **NORMAL), seed)


def fix_create_plates(seed: int) -> None:
    """With create_plates, AutoNormal takes subsamples of varying size in SVI."""
    check_svi(AutoNormal(model, create_plates=create_plates, **NORMAL), seed)


def fix_create_plates_auto_delta(seed: int) -> None:
    """With create_plates, AutoDelta takes subsamples of varying size in SVI."""
    check_svi(AutoDelta(model, create_plates=create_plates, **INIT), seed)


def fix_create_plates_on_guide_list(seed: int) -> None:
    """With create_plates, AutoGuideList takes subsamples of varying size in SVI."""
    check_svi(guide_list(list_plates=create_plates), seed)


def fix_create_plates_on_list_parts(seed: int) -> None:
    """With create_plates of its parts, AutoGuideList takes subsamples of varying size in SVI."""
    check_svi(guide_list(part_plates=create_plates), seed)


def fix_create_plates_replayed(seed: int) -> None:
    """With create_plates, a guide trace replays on a model with another subsample size."""
    check_replay(AutoNormal(model, create_plates=create_plates, **NORMAL), seed)


def fix_replay_without_plates(seed: int) -> None:
    """A guide trace without its plates replays on a model with another subsample size."""
    check_replay(AutoNormal(model, **NORMAL), seed, with_plates=False)


def fix_upgrade_with_latent_in_plate(seed: int) -> None:
    """Where #1972 is in, AutoNormal takes varying sizes of a plate with a latent site, too."""
    check_latent_in_plate(AutoNormal(model_with_latent, **NORMAL), seed)


def fix_create_plates_with_latent_in_plate(seed: int) -> None:
    """With create_plates, AutoNormal takes varying sizes of a plate with a latent site."""
    guide = AutoNormal(model_with_latent, create_plates=create_plates, **NORMAL)
    check_latent_in_plate(guide, seed)


if __name__ == "__main__":
    failure()
