# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2051"
# introduced-by = ["jax==0.7.0"]
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2052"]
# kind = "drift"
# api = ["numpyro"]
#
# [tool.case.failure]
# raises = "ImportError"
# match = "cannot import name 'pjit_p' from 'jax.experimental.pjit'"
# failing = [["numpyro<0.19", "jax>=0.7,<0.8"], ["numpyro>=0.15.3,<0.19", "jax>=0.8"]]
#
# [tool.case.fix.alias_pjit_p]
# source = "documented"
# refuted = [
#     ["numpyro<0.17", "jax>=0.7"],
#     ["numpyro<0.19", "jax>=0.8"],
#     ["numpyro<0.21", "jax>=0.10"],
# ]
# raises = ["ImportError", "ModuleNotFoundError", "AttributeError"]
# match = "host_callback|No module named 'jax.util'|jax.core.call_p was|xla_pmap_p"
#
# [tool.case.fix.alias_pjit_p_and_inspect]
# source = "documented"
# refuted = [
#     ["numpyro<0.15.2", "jax>=0.4.31"],
#     ["numpyro<0.18", "jax>=0.6"],
#     ["numpyro<0.19", "jax>=0.7"],
#     ["numpyro<0.21", "jax>=0.10"],
# ]
# raises = ["ImportError", "ModuleNotFoundError", "AttributeError", "KeyError", "TypeError"]
# match = "host_callback|jax.util|xla_pmap_p|(call_p|Literal|safe_map) was|'provenance'|ShapeDtype"
#
# [tool.case.fix.alias_all_removed_names]
# source = "ours"
# refuted = [["numpyro<0.15.2", "jax>=0.4.31"], ["numpyro<0.18", "jax>=0.6"]]
# raises = ["ImportError", "AttributeError", "KeyError", "TypeError"]
# match = "host_callback|\\b(call_p|Literal)('| was)|'provenance'|ShapeDtypeStruct"
# ///
"""NumPyro up to 0.18.0 cannot be imported with JAX 0.7, which its requirements admit."""

import contextlib
import importlib
import math
import sys
import types

import jax
import jax.experimental.pjit


def model() -> None:
    import numpyro
    from numpyro.distributions import Exponential

    rate = numpyro.sample("rate", Exponential(1.0))
    numpyro.sample("wait", Exponential(rate))
    numpyro.sample("other", Exponential(1.0))


def assert_computes_density() -> None:
    from numpyro.infer.util import log_density

    actual = log_density(model, (), {}, {"rate": 2.0, "wait": 0.5, "other": 1.0})[0]
    expected = -2.0 + (math.log(2.0) - 2.0 * 0.5) - 1.0
    assert math.isclose(actual, expected, rel_tol=1e-5), f"{actual} != {expected}"


def assert_inspects() -> None:
    from numpyro.infer.inspect import get_model_relations

    parents = get_model_relations(model)["sample_sample"]
    assert set(parents["wait"]) - {"wait"} == {"rate"}, parents
    assert set(parents["other"]) - {"other"} == set(), parents


def alias_pjit_p() -> None:
    """The workaround of the issue: put the primitive back under its old name."""
    if not hasattr(jax.experimental.pjit, "pjit_p"):
        from jax.extend.core.primitives import jit_p

        jax.experimental.pjit.pjit_p = jit_p


def alias_safe_map() -> None:
    """Gone since JAX 0.7, and its module since JAX 0.8."""
    try:
        from jax import util
    except ImportError:
        util = jax.util = sys.modules["jax.util"] = types.ModuleType("jax.util")
    if not hasattr(util, "safe_map"):
        util.safe_map = lambda function, *args: list(map(function, *args))


def alias_xla_pmap_p() -> None:
    """Gone since JAX 0.10. No rule is needed for a primitive that no program contains."""
    for name in ("jax.extend.core.primitives", "jax.interpreters.pxla"):
        with contextlib.suppress(ImportError):  # JAX before 0.5
            module = importlib.import_module(name)
            if not hasattr(module, "xla_pmap_p"):
                module.xla_pmap_p = None


def failure() -> None:
    """NumPyro can be imported and computes the density of a model."""
    assert_computes_density()


def fix_alias_pjit_p() -> None:
    """With `pjit_p` put back, NumPyro can be imported and computes densities."""
    alias_pjit_p()
    assert_computes_density()


def fix_alias_pjit_p_and_inspect() -> None:
    """With `pjit_p` put back, all of NumPyro works: also what traces dependencies."""
    alias_pjit_p()
    assert_inspects()


def fix_alias_all_removed_names() -> None:
    """With every name put back that JAX has removed since, dependencies can be traced."""
    alias_pjit_p()
    alias_safe_map()
    alias_xla_pmap_p()
    assert_inspects()


if __name__ == "__main__":
    failure()
