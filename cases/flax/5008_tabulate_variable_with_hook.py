# /// script
# requires-python = ">=3.10"
# dependencies = ["flax>=0.10.3"]        # which brought nnx.tabulate
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/5008"
# fixed-by = ["https://github.com/google/flax/pull/5008"]
# kind = "bug"
# api = ["flax.nnx.tabulate"]
#
# [tool.case.failure]
# raises = "yaml.representer.RepresenterError"
# match = "^\\('cannot represent an object', <function "
# failing = ["flax<0.12.1"]
#
# [tool.case.fix.method]
# source = "upstream"
# refuted = ["flax<0.12.1"]
# raises = "yaml.representer.RepresenterError"
# match = "^\\('cannot represent an object', <function "
#
# [tool.case.fix.any_object]
# source = "upstream"
# refuted = ["flax<0.12.1"]
# raises = "yaml.representer.RepresenterError"
# match = "^\\('cannot represent an object', <object "
#
# [tool.case.fix.in_call]
# source = "ours"
#
# [tool.case.fix.plain_copy]
# source = "ours"
# ///
"""nnx.tabulate fails for a module with a variable that has a hook, or an object as metadata."""

import jax
import jax.numpy as jnp
from flax import nnx

LOGARITHMS = jnp.zeros(3)


class Positive(nnx.Param):
    def on_get_value(self, value: jax.Array) -> jax.Array:
        return jnp.exp(value)


class Model(nnx.Module):
    def __init__(self, scales: nnx.Param) -> None:
        self.scales = scales

    def __call__(self) -> jax.Array:
        return self.scales[:].sum()

    def with_exp(self) -> jax.Array:
        return jnp.exp(self.scales[:]).sum()


def with_hook() -> nnx.Param:
    return nnx.Param(LOGARITHMS, on_get_value=lambda variable, value: jnp.exp(value))


def assert_lists_parameter(scales: nnx.Param, method: str = "__call__") -> None:
    """The table has the shape of the only parameter."""
    table = nnx.tabulate(Model(scales), method=method, console_kwargs={"force_terminal": False})
    assert "float32[3]" in table, table


def failure() -> None:
    """The hook is an argument."""
    assert_lists_parameter(with_hook())


def fix_method() -> None:
    """The hook is a method of a class of parameters."""
    assert_lists_parameter(Positive(LOGARITHMS))


def fix_any_object() -> None:
    """Any object is taken for metadata."""
    assert_lists_parameter(nnx.Param(LOGARITHMS, unit=object()))


def fix_in_call() -> None:
    """Transform the value where it is used, without a hook."""
    assert_lists_parameter(nnx.Param(LOGARITHMS), method="with_exp")


def fix_plain_copy() -> None:
    """For the table, make a parameter of the same value without a hook."""
    assert_lists_parameter(nnx.Param(with_hook()[:]))


if __name__ == "__main__":
    failure()
