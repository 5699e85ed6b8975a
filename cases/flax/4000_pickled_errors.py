# /// script
# requires-python = ">=3.9"
# dependencies = ["flax"]
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/4000"
# fixed-by = ["https://github.com/google/flax/pull/4002"]
# kind = "bug"
# api = ["flax.errors.FlaxError"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "^ScopeParamShapeError.__init__\\(\\) missing 3 required positional arguments"
# failing = ["flax<0.8.5"]
#
# [tool.case.fix.same_type]
# source = "ours"
# refuted = ["flax"]                  # where it can be read, it is a FlaxError and nothing more
# raises = ["TypeError", "AssertionError"]
# match = "missing 3 required positional arguments|^it is a FlaxError$"
#
# [tool.case.fix.pickle_the_message]
# source = "ours"
# ///
"""An error of Flax that was pickled cannot be read, so that other processes hang or hide it."""

import pickle

import flax.linen as nn
import jax.numpy as jnp
from flax.errors import FlaxError, ScopeParamShapeError


def error() -> FlaxError:
    """What a layer raises that is given a bias of the wrong shape."""
    params = {"kernel": jnp.zeros((2, 2)), "bias": jnp.zeros(1)}
    try:
        nn.Dense(2).apply({"params": params}, jnp.ones(2))
    except ScopeParamShapeError as error:
        return error
    raise AssertionError("the bias was accepted")


def failure() -> None:
    """The error that comes out of a pickle says what the one that went in said."""
    original = error()
    restored = pickle.loads(pickle.dumps(original))
    assert isinstance(restored, FlaxError)
    assert str(restored) == str(original), restored


def fix_same_type() -> None:
    """It is of the same type, so that except clauses for that type catch it."""
    restored = pickle.loads(pickle.dumps(error()))
    assert isinstance(restored, ScopeParamShapeError), f"it is a {type(restored).__name__}"


def fix_pickle_the_message() -> None:
    """Raise it again as a RuntimeError with the same message where it must leave the process."""
    original = error()
    restored = pickle.loads(pickle.dumps(RuntimeError(str(original))))
    assert str(restored) == str(original), restored


if __name__ == "__main__":
    failure()
