# /// script
# requires-python = ">=3.9"
# dependencies = ["flax", "jax"]
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/3180"
# introduced-by = ["jax==0.4.25"]
# fixed-by = ["https://github.com/google/flax/pull/3448"]
# kind = "drift"
# api = ["flax"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "has no attribute 'define_bool_state'"
# failing = ["flax<0.8", "jax>=0.4.25"]
#
# [tool.case.fix.put_it_back]
# source = "ours"
# refuted = [["flax<0.7.5", "jax>=0.4.24"], ["flax<0.8.3", "jax>=0.4.31"]]
# raises = "ImportError"
# match = "cannot import name '(linear_util|maps)'"
# ///
"""Flax up to 0.7.5 cannot be imported with JAX 0.4.25, which its requirements admit."""

import jax
import jax.numpy as jnp


def assert_applies() -> None:
    """A layer of ones sums its input."""
    import flax.linen as nn

    model = nn.Dense(1, kernel_init=nn.initializers.ones)
    y, _ = model.init_with_output(jax.random.PRNGKey(0), jnp.array([1.0, 2.0]))
    assert y.tolist() == [3.0], y


def failure() -> None:
    """Flax can be imported and applies a layer."""
    assert_applies()


def fix_put_it_back() -> None:
    """With a function of that name that keeps the default, Flax can be imported and applies a layer."""
    if not hasattr(jax.config, "define_bool_state"):
        config = type(jax.config)
        config.define_bool_state = lambda self, name, default, help: setattr(config, name, default)
    assert_applies()


if __name__ == "__main__":
    failure()
