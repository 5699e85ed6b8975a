# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2174"
# introduced-by = ["jax==0.10.0"]
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2173"]
# kind = "drift"
# api = ["numpyro"]
#
# [tool.case.failure]
# raises = "ImportError"
# match = "cannot import name 'xla_pmap_p' from 'jax"
# failing = ["numpyro>=0.19,<0.21", "jax>=0.10"]
#
# [tool.case.fix.define_the_removed_name]
# source = "ours"
# refuted = [
#     ["numpyro<0.15.2", "jax>=0.4.31"],
#     ["numpyro<0.18", "jax>=0.6"],
#     ["numpyro<0.19", "jax>=0.7"],
# ]
# raises = ["ImportError", "AttributeError", "KeyError", "TypeError"]
# match = "host_callback|pjit_p|jax.core.Literal was|^'provenance'$|ShapeDtypeStruct"
# ///
"""NumPyro 0.19.0 to 0.20.1 cannot be imported with JAX 0.10, which their requirements admit."""

import contextlib
import importlib
import math


def model() -> None:
    import numpyro

    x = numpyro.sample("x", numpyro.distributions.Normal(0.0, 1.0))
    numpyro.sample("y", numpyro.distributions.Normal(x, 1.0))
    numpyro.sample("z", numpyro.distributions.Normal(0.0, 1.0))


def failure() -> None:
    """NumPyro can be imported and computes the density of a model."""
    from numpyro.infer.util import log_density

    actual = log_density(model, (), {}, {"x": 1.0, "y": 3.0, "z": 0.0})[0]
    expected = -(1.0**2 + (3.0 - 1.0) ** 2) / 2 - 1.5 * math.log(2 * math.pi)
    assert math.isclose(actual, expected, rel_tol=1e-5), f"{actual} != {expected}"


def fix_define_the_removed_name() -> None:
    """With the name put back, also what needed it works: to find what depends on what."""
    for name in ("jax.extend.core.primitives", "jax.interpreters.pxla"):
        with contextlib.suppress(ImportError):  # JAX before 0.5
            module = importlib.import_module(name)
            if not hasattr(module, "xla_pmap_p"):
                module.xla_pmap_p = None  # no rule for what no program contains
    from numpyro.infer.inspect import get_model_relations

    parents = get_model_relations(model)["sample_sample"]
    assert set(parents["y"]) - {"y"} == {"x"}, parents
    assert set(parents["z"]) - {"z"} == set(), parents


if __name__ == "__main__":
    failure()
