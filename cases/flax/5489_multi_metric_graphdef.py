# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.8.4"]         # which brought flax.nnx
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/5489"
# introduced-by = ["https://github.com/google/flax/commit/7811accc6c82bf62b7508d3190e5e2e14d3e7d53"]
# fixed-by = ["https://github.com/google/flax/pull/5492"]
# kind = "bug"
# api = ["flax.nnx.MultiMetric"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^Non-hashable static arguments are not supported\\..* type <class '.*GraphDef'>"
# failing = ["flax>=0.12.5,<0.12.8"]
#
# [tool.case.fix.nnx_jit]
# source = "ours"
#
# [tool.case.fix.closure]
# source = "ours"
# ///
"""The structure of a MultiMetric cannot be hashed, so that jit refuses what was split."""

import jax
from flax import nnx


def metrics() -> nnx.MultiMetric:
    metrics = nnx.MultiMetric(loss=nnx.metrics.Average("loss"))
    metrics.update(loss=3.0)
    return metrics


def compute(graphdef: nnx.GraphDef, state: nnx.State) -> dict[str, jax.Array]:
    return nnx.merge(graphdef, state).compute()


def failure() -> None:
    """A compiled function takes the structure and the state of a metric."""
    assert jax.jit(compute, static_argnums=0)(*nnx.split(metrics())) == {"loss": 3.0}


def fix_nnx_jit() -> None:
    """Leave splitting and merging to nnx.jit."""
    assert nnx.jit(nnx.MultiMetric.compute)(metrics()) == {"loss": 3.0}


def fix_closure() -> None:
    """Close over the structure instead of passing it."""
    graphdef, state = nnx.split(metrics())
    assert jax.jit(lambda state: compute(graphdef, state))(state) == {"loss": 3.0}


if __name__ == "__main__":
    failure()
