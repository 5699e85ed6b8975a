# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/29330"
# fixed-by = ["https://github.com/jax-ml/jax/pull/29330"]
# kind = "bug"
# api = ["jax.scipy.special.ndtri", "jax.scipy.stats.norm.ppf"]
#
# [tool.case.failure]
# raises = "FloatingPointError"
# match = "^invalid value \\(inf\\) encountered in"
# failing = ["jax<0.6.2"]
#
# [tool.case.fix.jit]
# source = "ours"
#
# [tool.case.fix.erfinv]
# source = "ours"
#
# [tool.case.fix.debug_infs_off]
# source = "ours"
# ///
"""With jax_debug_infs, no normal quantile can be computed, though all is finite."""

import jax
import jax.numpy as jnp
from jax.scipy.special import erfinv, ndtri

jax.config.update("jax_debug_infs", True)


def failure() -> None:
    """The median is finite."""
    assert float(ndtri(0.5)) == 0.0


def fix_jit() -> None:
    """Compile it: what is infinite inside does not leave the function."""
    assert float(jax.jit(ndtri)(0.5)) == 0.0


def fix_erfinv() -> None:
    """Compute it with erfinv."""
    assert float(jnp.sqrt(2) * erfinv(2 * 0.5 - 1)) == 0.0


def fix_debug_infs_off() -> None:
    """Look for no infinities while it is computed."""
    with jax.debug_infs(False):
        assert float(ndtri(0.5)) == 0.0


if __name__ == "__main__":
    failure()
