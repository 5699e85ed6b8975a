# /// script
# requires-python = ">=3.9"
# dependencies = ["jax"]
#
# [tool.case]
# issue = "https://github.com/jax-ml/jax/pull/27444"
# introduced-by = ["https://github.com/jax-ml/jax/pull/27444"]
# kind = "limitation"
# api = ["jax.tree_map"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "^jax\\.tree_map was removed in JAX v0\\.6\\.0|has no attribute 'tree_map'$"
# failing = ["jax>=0.6"]
#
# [tool.case.fix.tree]
# source = "documented"
# refuted = ["jax<0.4.25"]
# raises = "AttributeError"
# match = "has no attribute 'tree'$"
#
# [tool.case.fix.tree_util]
# source = "documented"
# ///
"""The function jax.tree_map does not exist any more."""

import jax

PARAMETERS = {"loc": 1.0, "scale": [2.0, 3.0]}
NEGATIVE = {"loc": -1.0, "scale": [-2.0, -3.0]}


def failure() -> None:
    """Negate every number in a tree."""
    assert jax.tree_map(lambda x: -x, PARAMETERS) == NEGATIVE


def fix_tree() -> None:
    """Use jax.tree.map."""
    assert jax.tree.map(lambda x: -x, PARAMETERS) == NEGATIVE


def fix_tree_util() -> None:
    """Use jax.tree_util.tree_map, which every release has."""
    assert jax.tree_util.tree_map(lambda x: -x, PARAMETERS) == NEGATIVE


if __name__ == "__main__":
    failure()
