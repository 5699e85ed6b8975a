# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro", "jax"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1642"
# introduced-by = ["jax==0.4.24"]
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1642"]
# kind = "drift"
# api = ["numpyro"]
#
# [tool.case.failure]
# raises = "ModuleNotFoundError"
# match = "^No module named 'jax.linear_util'$"
# failing = ["numpyro<0.13.1", "jax>=0.4.24"]
#
# [tool.case.fix.alias_linear_util]
# source = "ours"
# ///
"""NumPyro up to 0.13.0 cannot be imported with JAX 0.4.24, which its requirements admit."""

import contextlib
import math
import sys


def assert_computes_density() -> None:
    import numpyro.distributions as dist

    actual = dist.Normal(0.0, 1.0).log_prob(1.0)
    assert math.isclose(actual, -0.5 - math.log(2 * math.pi) / 2, rel_tol=1e-6), actual


def failure() -> None:
    """NumPyro can be imported and computes a density."""
    assert_computes_density()


def fix_alias_linear_util() -> None:
    """With the module put back under its old name, NumPyro can be imported and computes a density."""
    with contextlib.suppress(ImportError):  # JAX before 0.4.16 has only the old name
        import jax.extend.linear_util

        sys.modules["jax.linear_util"] = jax.linear_util = jax.extend.linear_util
    assert_computes_density()


if __name__ == "__main__":
    failure()
