# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.8.4"]         # which brought flax.nnx
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/4897"
# introduced-by = ["https://github.com/google/flax/pull/4897"]
# kind = "limitation"
# api = ["flax.nnx.Module"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^Found (unexpected Arrays|data) (in|on) value of type '?<class 'list'>"
# failing = ["flax>=0.12"]
#
# [tool.case.fix.data]
# source = "documented"               # these all by the error message
# refuted = ["flax<0.11"]
# raises = "AttributeError"
# match = "has no attribute 'data'"
#
# [tool.case.fix.list]
# source = "documented"
# refuted = ["flax>=0.10,<0.12"]
# raises = "AttributeError"
# match = "has no attribute 'List'"
#
# [tool.case.fix.annotation]
# source = "documented"
# refuted = ["flax<0.11"]
# raises = "AttributeError"
# match = "has no attribute 'Data'"
#
# [tool.case.fix.no_pytree]
# source = "documented"
# refuted = ["flax<0.10.7"]
# raises = "TypeError"
# match = "unexpected keyword argument 'pytree'$"
# ///
"""A module refuses a list of layers as an attribute, as of Flax 0.12."""

import jax
from flax import nnx


def layers() -> list[nnx.Linear]:
    return [nnx.Linear(1, 1, use_bias=False, rngs=nnx.Rngs(seed)) for seed in (0, 1)]


def assert_has_parameters(module: nnx.Module) -> None:
    """There are the parameters of two layers."""
    count = len(jax.tree_util.tree_leaves(nnx.state(module, nnx.Param)))
    assert count == 2, f"{count} parameters"


def failure() -> None:
    """Layers in a list are part of the module."""

    class Module(nnx.Module):
        def __init__(self) -> None:
            self.layers = layers()

    assert_has_parameters(Module())


def fix_data() -> None:
    """Wrap the list with nnx.data."""

    class Module(nnx.Module):
        def __init__(self) -> None:
            self.layers = nnx.data(layers())

    assert_has_parameters(Module())


def fix_list() -> None:
    """Use nnx.List."""

    class Module(nnx.Module):
        def __init__(self) -> None:
            self.layers = nnx.List(layers())

    assert_has_parameters(Module())


def fix_annotation() -> None:
    """Annotate the attribute with nnx.Data."""

    class Module(nnx.Module):
        layers: nnx.Data[list]

        def __init__(self) -> None:
            self.layers = layers()

    assert_has_parameters(Module())


def fix_no_pytree() -> None:
    """Define the module with pytree=False."""

    class Module(nnx.Module, pytree=False):
        def __init__(self) -> None:
            self.layers = layers()

    assert_has_parameters(Module())


if __name__ == "__main__":
    failure()
