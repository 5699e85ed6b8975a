# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/35065"
# fixed-by = ["https://github.com/jax-ml/jax/pull/35081"]
# kind = "bug"
# api = ["jax.random.key"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "^cannot pickle '.*PRNGKeyArray' object$"
# failing = ["jax>=0.8.2,<0.9.1", "python<3.12"]
#
# [tool.case.fix.key_data]
# source = "documented"
#
# [tool.case.fix.raw_key]
# source = "ours"
# ///
"""A typed random key cannot be pickled with Python 3.11."""

import pickle

import jax
from jax import random


def check(key: jax.Array) -> None:
    """Assert that it is the key of seed 7."""
    assert (random.uniform(key) == random.uniform(random.key(7))).all()


def failure() -> None:
    """The key is the same after it was pickled."""
    check(pickle.loads(pickle.dumps(random.key(7))))


def fix_key_data() -> None:
    """Pickle the data of the key, and wrap it again."""
    check(random.wrap_key_data(pickle.loads(pickle.dumps(random.key_data(random.key(7))))))


def fix_raw_key() -> None:
    """An old key, of two integers, can be pickled."""
    check(pickle.loads(pickle.dumps(random.PRNGKey(7))))


if __name__ == "__main__":
    failure()
