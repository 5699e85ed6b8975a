# /// script
# requires-python = ">=3.9"
# dependencies = ["flax", "jax", "optax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/36655"
# introduced-by = ["jax==0.10.0"]
# kind = "drift"
# api = ["flax.training.train_state.TrainState"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "^Array.__contains__: unsupported operand type <class 'str'>"
# failing = ["flax>=0.7.5", "jax>=0.10"]
#
# [tool.case.fix.upgrade]
# source = "upstream"
# refuted = ["flax>=0.7.5", "jax>=0.10"]
# raises = "TypeError"
# match = "^Array.__contains__: unsupported operand type <class 'str'>"
#
# [tool.case.fix.upgrade_for_create]
# source = "upstream"
# refuted = ["flax>=0.7.5,<0.12.7", "jax>=0.10"]
# raises = "TypeError"
# match = "^Array.__contains__: unsupported operand type <class 'str'>"
#
# [tool.case.fix.dict_of_arrays]
# source = "ours"
# ///
"""TrainState cannot train a single array with JAX 0.10, which Flax since 0.7.5 admits."""

import jax.numpy as jnp
import optax
from flax.training.train_state import TrainState


def create() -> TrainState:
    return TrainState.create(apply_fn=None, params=jnp.array([1.0, 2.0]), tx=optax.sgd(0.5))


def assert_trains() -> None:
    state = create()
    state = state.apply_gradients(grads=state.params)
    assert state.params.tolist() == [0.5, 1.0], state.params


def failure() -> None:
    """The parameters may be any tree of arrays, also a single one."""
    assert_trains()


def fix_upgrade() -> None:
    """The change in Flax 0.12.7 that looks for names in no array any more repairs TrainState."""
    assert_trains()


def fix_upgrade_for_create() -> None:
    """That change repairs TrainState.create, at least."""
    assert create().opt_state == optax.sgd(0.5).init(jnp.array([1.0, 2.0]))


def fix_dict_of_arrays() -> None:
    """A dictionary around the array is a tree that TrainState can hold."""
    state = TrainState.create(apply_fn=None, params={"w": jnp.array([1.0, 2.0])}, tx=optax.sgd(0.5))
    state = state.apply_gradients(grads=state.params)
    assert state.params["w"].tolist() == [0.5, 1.0], state.params


if __name__ == "__main__":
    failure()
