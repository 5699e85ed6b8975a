# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1985"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1985"]
# kind = "bug"
# api = ["numpyro.infer.HMC", "numpyro.infer.NUTS"]
#
# [tool.case.failure]
# raises = "Exception"
# match = '^Leaked trace (MainTrace\(1,)?DynamicJaxprTrace'
# failing = ["numpyro<0.18"]
#
# [tool.case.fix.constant_arguments]
# source = "ours"
#
# [tool.case.fix.data_in_the_model]
# source = "ours"
# ///
"""JAX's check for leaked tracers finds the arguments of the model in a kernel of HMC or NUTS."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.infer import HMC

DATA = np.float32(1.0)


def model(data: np.ndarray | jax.Array) -> None:
    x = numpyro.sample("x", dist.Normal(0.0, 1.0))
    numpyro.sample("y", dist.Normal(x, 1.0), obs=data)


def start(model: Callable[..., None], *args: object) -> tuple[HMC, object]:
    """A kernel and its first state."""
    kernel = HMC(model, adapt_step_size=False)
    return kernel, kernel.init(jax.random.PRNGKey(0), 0, {"x": np.float32(0.0)}, args, {})


def assert_traces(step: Callable[..., object], *args: object) -> None:
    """Assert that JAX can trace it, as it does to compile it, and that no tracer is left."""
    with jax.checking_leaks():
        state = jax.eval_shape(step, *args)
    assert state.z["x"].shape == ()


def failure() -> None:
    """A compiled step with the data as an argument leaves no tracer behind."""
    kernel, state = start(model, DATA)
    assert_traces(kernel.sample, state, (DATA,), {})


def fix_constant_arguments() -> None:
    """Compile a function of the state alone, to which the data are a constant."""
    kernel, state = start(model, DATA)
    assert_traces(lambda state: kernel.sample(state, (DATA,), {}), state)


def fix_data_in_the_model() -> None:
    """Give the kernel a model without arguments."""
    kernel, state = start(partial(model, DATA))
    assert_traces(kernel.sample, state, (), {})


if __name__ == "__main__":
    failure()
