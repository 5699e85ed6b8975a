# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/issues/25617"
# fixed-by = ["https://github.com/jax-ml/jax/pull/26980"]
# kind = "feature"
# api = ["jax.random.categorical(replace=)"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "unexpected keyword argument 'replace'$"
# failing = ["jax<0.5.3"]
#
# [tool.case.fix.gumbel]
# source = "documented"
#
# [tool.case.fix.choice]
# source = "ours"
# ///
"""Categories cannot be drawn without replacement."""

import jax
import jax.numpy as jnp
from jax import random

LOGITS = jnp.arange(5.0)


def assert_each_once(drawn: jax.Array) -> None:
    assert sorted(drawn.tolist()) == [0, 1, 2, 3, 4], f"drawn {drawn.tolist()}"


def failure(seed: int) -> None:
    """Five of five categories are all of them."""
    key = random.PRNGKey(seed)
    assert_each_once(random.categorical(key, LOGITS, shape=(5,), replace=False))


def fix_gumbel(seed: int) -> None:
    """Add Gumbel noise to the logits and take the largest."""
    noise = random.gumbel(random.PRNGKey(seed), LOGITS.shape)
    assert_each_once(jnp.argsort(LOGITS + noise)[::-1][:5])


def fix_choice(seed: int) -> None:
    """Use choice, which takes probabilities and draws without replacement."""
    probabilities = jax.nn.softmax(LOGITS)
    key = random.PRNGKey(seed)
    assert_each_once(random.choice(key, 5, (5,), replace=False, p=probabilities))


if __name__ == "__main__":
    failure(seed=0)
