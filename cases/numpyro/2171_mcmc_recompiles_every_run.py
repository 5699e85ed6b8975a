# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2171"     # released, and without effect
# introduced-by = ["https://github.com/pyro-ppl/numpyro/pull/1802"]
# kind = "bug"
# api = ["numpyro.infer.MCMC(progress_bar=)", "numpyro.util.fori_collect(progbar=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^programs compiled in each run: \[\d+, 1, 1\]$'
# failing = ["numpyro>=0.15.1"]
#
# [tool.case.fix.progress_bar]
# source = "documented"
#
# [tool.case.fix.jit_the_run]
# source = "ours"
#
# [tool.case.fix.keep_compiled_body]
# source = "ours"
# refuted = ["numpyro>=0.15.1,<0.21"]
# raises = "AssertionError"
# match = '^programs compiled in each run: \[\d+, 1, 1\]$'
# ///
"""MCMC without a progress bar compiles its loop again in every run."""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpyro.util
from jax import monitoring, random
from numpyro.infer import HMC, MCMC


def mcmc(*, progress_bar: bool) -> MCMC:
    kernel = HMC(potential_fn=lambda x: x**2 / 2, num_steps=1, adapt_step_size=False)
    return MCMC(kernel, num_warmup=0, num_samples=1, progress_bar=progress_bar)


def assert_compiles_once(run: Callable[..., object]) -> None:
    """Assert that of three equal runs only the first one compiles."""
    events, counts = [], []
    monitoring.register_event_duration_secs_listener(lambda name, *_, **__: events.append(name))
    for seed in range(3):
        events.clear()
        run(random.PRNGKey(seed), init_params=jnp.array(0.0))
        counts.append(events.count("/jax/core/compile/backend_compile_duration"))
    assert counts[0] > 0, "nothing was counted"
    assert counts[1:] == [0, 0], f"programs compiled in each run: {counts}"


def failure() -> None:
    """A run that differs from the one before only in its key compiles nothing."""
    assert_compiles_once(mcmc(progress_bar=False).run)


def fix_progress_bar() -> None:
    """With a progress bar, only the first run compiles."""
    assert_compiles_once(mcmc(progress_bar=True).run)


def fix_jit_the_run() -> None:
    """A function that runs MCMC and is compiled as a whole is compiled once."""

    @jax.jit
    def sample(key: jax.Array, init_params: jax.Array) -> jax.Array:
        sampler = mcmc(progress_bar=False)
        sampler.run(key, init_params=init_params)
        return sampler.get_samples()

    assert_compiles_once(sample)


def fix_keep_compiled_body() -> None:
    """With the compiled body of the loop kept between runs, the loop is recognised by #2171."""
    if hasattr(numpyro.util, "maybe_jit"):
        numpyro.util.maybe_jit = functools.cache(numpyro.util.maybe_jit)
    assert_compiles_once(mcmc(progress_bar=False).run)


if __name__ == "__main__":
    failure()
