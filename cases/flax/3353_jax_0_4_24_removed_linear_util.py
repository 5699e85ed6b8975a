# /// script
# requires-python = ">=3.9"
# dependencies = ["flax", "jax"]
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/3353"
# introduced-by = ["jax==0.4.24"]
# kind = "drift"
# api = ["flax"]
#
# [tool.case.failure]
# raises = "ImportError"
# match = "^ImportError: cannot import name 'linear_util' from 'jax'"
# failing = ["flax<0.7.5", "jax>=0.4.24,<0.4.25"]
#
# [tool.case.fix.alias_linear_util]
# source = "ours"
# refuted = ["flax<0.7.5", "jax>=0.4.24,<0.4.25"]
# raises = "ImportError"
# match = "module 'jax.random' has no attribute 'KeyArray'$"
#
# [tool.case.fix.alias_all_removed_names]
# source = "ours"
# ///
"""Flax up to 0.7.4 cannot be imported with JAX 0.4.24, which its requirements admit."""

import subprocess
import sys

APPLIES = """
import flax.linen, jax
layer = flax.linen.Dense(1, kernel_init=flax.linen.initializers.ones)
y, _ = layer.init_with_output(jax.random.PRNGKey(0), jax.numpy.array([1.0, 2.0]))
assert y.tolist() == [3.0], y
"""
ALIAS = """
import jax
try:
    import jax.linear_util
except ImportError:
    import jax.extend.linear_util
    jax.linear_util = jax.extend.linear_util
"""
ALIAS_ALL = f"""
{ALIAS}
import jax._src.random
jax.random.KeyArray = jax.Array
jax.random.default_prng_impl = jax._src.random.default_prng_impl
"""


def run(code: str) -> None:
    """In a new interpreter, so that no import that failed before plays a part."""
    process = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
    if process.returncode:
        raise ImportError(process.stderr.strip().splitlines()[-1])


def failure() -> None:
    """Flax can be imported and applies a layer."""
    run(APPLIES)


def fix_alias_linear_util() -> None:
    """With the module put back under its old name, Flax can be imported and applies a layer."""
    run(ALIAS + APPLIES)


def fix_alias_all_removed_names() -> None:
    """With two more names put back that JAX 0.4.24 removed, Flax works."""
    run(ALIAS_ALL + APPLIES)


if __name__ == "__main__":
    failure()
