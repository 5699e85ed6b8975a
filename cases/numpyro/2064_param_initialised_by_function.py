# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro!=0.15.1"]     # where nothing can be inspected: see 1837
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2064"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2078"]
# kind = "bug"
# api = ["numpyro.infer.inspect.get_model_relations", "numpyro.render_model"]
#
# [tool.case.failure]
# raises = "TypeError"
# match = "type '?<class 'function'>.* is not a valid JAX type$"
# failing = ["numpyro<0.20"]
#
# [tool.case.fix.plain_value]
# source = "ours"
#
# [tool.case.fix.value_of_the_function]
# source = "ours"
# ///
"""A model cannot be inspected or rendered when a function initialises one of its parameters."""

from collections.abc import Callable

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.infer.inspect import get_model_relations


def assert_relation(loc: Callable | float) -> None:
    """Assert that x is found to depend on the parameter."""

    def model() -> None:
        numpyro.sample("x", dist.Normal(numpyro.param("loc", loc), 1.0))

    relations = get_model_relations(model)
    assert relations["sample_param"] == {"x": ["loc"]}, relations


def failure() -> None:
    """The relations of a parameter that a function initialises are found."""
    assert_relation(lambda key: jax.random.normal(key))


def fix_plain_value() -> None:
    """A value in place of the function can be inspected."""
    assert_relation(0.0)


def fix_value_of_the_function() -> None:
    """A value drawn before the model runs can be inspected, and is as random."""
    assert_relation(jax.random.normal(jax.random.PRNGKey(0)))


if __name__ == "__main__":
    failure()
