# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1731"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1731"]
# kind = "feature"
# api = ["numpyro.infer.SVI().run(forward_mode_differentiation=)"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "got an unexpected keyword argument 'forward_mode_differentiation'"
# failing = ["numpyro<0.14"]
#
# [tool.case.fix.static_loop]
# source = "ours"
# ///
"""SVI cannot differentiate a model with a while loop, as it has no forward mode."""

from collections.abc import Callable

import jax
import numpyro
import numpyro.distributions as dist
from jax import lax
from numpyro.infer import SVI, Trace_ELBO


def twice(x: jax.Array) -> jax.Array:
    return lax.while_loop(lambda state: state[0] < 2, lambda s: (s[0] + 1, s[1] + x), (0, 0.0))[1]


def assert_converges(twice: Callable[[jax.Array], jax.Array], **options: bool) -> None:
    """Assert that a step finds where twice the parameter is 6."""

    def model() -> None:
        x = numpyro.param("x", 0.0)
        numpyro.sample("y", dist.Normal(twice(x), 1.0), obs=6.0)

    svi = SVI(model, lambda: None, numpyro.optim.SGD(0.25), Trace_ELBO())
    result = svi.run(jax.random.PRNGKey(0), 1, progress_bar=False, **options)
    assert abs(float(result.params["x"]) - 3) < 1e-4, result.params


def failure() -> None:
    """With forward_mode_differentiation, a while loop can be differentiated."""
    assert_converges(twice, forward_mode_differentiation=True)


def fix_static_loop() -> None:
    """A loop of which JAX knows the length can be differentiated in reverse."""
    assert_converges(lambda x: lax.fori_loop(0, 2, lambda _, total: total + x, 0.0))


if __name__ == "__main__":
    failure()
