# /// script
# requires-python = ">=3.9"
# dependencies = ["flax"]
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/3213"
# fixed-by = ["https://github.com/google/flax/pull/3213"]
# kind = "bug"
# api = ["flax.linen.RNN"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^Expected tuple, got Traced"
# failing = ["flax<0.7.2"]
#
# [tool.case.fix.return_carry]
# source = "ours"
# ///
"""RNN refuses the lengths of sequences unless it returns the final state, too."""

from __future__ import annotations

import flax.linen as nn
import jax
import jax.numpy as jnp

SEQUENCES = jnp.ones((2, 3, 1))  # of which one ends after two steps
LENGTHS = jnp.array([2, 3])


def run(**options: bool) -> tuple[jax.Array, jax.Array] | jax.Array:
    rnn = nn.RNN(nn.GRUCell(4), **options)
    return rnn.init_with_output(jax.random.PRNGKey(0), SEQUENCES, seq_lengths=LENGTHS)[0]


def failure() -> None:
    """One output for every step."""
    assert run().shape == (2, 3, 4)


def fix_return_carry() -> None:
    """Ask for the final state with return_carry=True, and drop it."""
    final, outputs = run(return_carry=True)
    assert outputs.shape == (2, 3, 4)
    assert (final[0] == outputs[0, 1]).all()  # it is that of the last step that counts
    assert (final[1] == outputs[1, 2]).all()


if __name__ == "__main__":
    failure()
