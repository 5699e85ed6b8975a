# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1837"
# introduced-by = ["jax==0.4.31"]
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1837"]
# kind = "drift"
# api = [
#   "numpyro.infer.inspect.get_model_relations",
#   "numpyro.infer.TraceGraph_ELBO",
#   "numpyro.render_model",
# ]
#
# [tool.case.failure]
# raises = ["KeyError", "TypeError"]
# match = "^'provenance'$|^ShapeDtypeStruct.__init__\\(\\) takes 3 positional arguments but 4 were"
# failing = ["numpyro>=0.14,<0.15.2", "jax>=0.4.31"]
#
# [tool.case.fix.trace_graph_elbo]
# source = "ours"
# refuted = ["numpyro>=0.14,<0.15.2", "jax>=0.4.31"]
# raises = ["KeyError", "TypeError"]
# match = "^'provenance'$|^ShapeDtypeStruct.__init__\\(\\) takes 3 positional arguments but 4 were"
#
# [tool.case.fix.trace_elbo]
# source = "ours"
# ///
"""NumPyro 0.14.0 to 0.15.1 with JAX 0.4.31 cannot trace dependencies in a model."""

from __future__ import annotations

import math

import jax
import numpyro
import numpyro.distributions as dist
from numpyro.infer import ELBO, Trace_ELBO, TraceGraph_ELBO
from numpyro.infer.inspect import get_model_relations


def model() -> None:
    x = numpyro.sample("x", dist.Normal(0.0, 1.0))
    numpyro.sample("y", dist.Normal(x, 1.0), obs=2.0)


def guide() -> None:
    numpyro.sample("x", dist.Delta(1.0))


def assert_loss(elbo: ELBO) -> None:
    actual = jax.jit(lambda key: elbo.loss(key, {}, model, guide))(jax.random.PRNGKey(0))
    expected = (1.0**2 + (2.0 - 1.0) ** 2) / 2 + math.log(2 * math.pi)
    assert math.isclose(actual, expected, rel_tol=1e-5), f"{actual} != {expected}"


def failure() -> None:
    """A model can be inspected (and so rendered): y depends on x."""
    parents = get_model_relations(model)["sample_sample"]
    assert set(parents["y"]) - {"y"} == {"x"}, parents


def fix_trace_graph_elbo() -> None:
    """What needs no rendering works: TraceGraph_ELBO, too, is right."""
    assert_loss(TraceGraph_ELBO())


def fix_trace_elbo() -> None:
    """Trace_ELBO needs no dependencies and gives the same loss."""
    assert_loss(Trace_ELBO())


if __name__ == "__main__":
    failure()
