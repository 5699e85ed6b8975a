"""Is it only the default random stream? JAX 0.5 changed it, and with it every draw from the same key."""

from __future__ import annotations

from packaging.version import Version

from harness.bisect.ends import Ends, Measure
from harness.environment.lock import Lock

_CHANGED = Version("0.5.0")
"""The first JAX whose `jax_threefry_partitionable` is on by default."""

_OLD_STREAM = {"JAX_THREEFRY_PARTITIONABLE": "0"}
_NEW_STREAM = {"JAX_THREEFRY_PARTITIONABLE": "1"}


def stream_alone(ends: Ends, measure: Measure) -> str:
    """How it was shown that the change goes with the random stream; empty where it does not.

    The new environment is measured with the old stream: where that gives the old status, nothing but
    the draws made the difference. The old environment with the new stream is told beside it.
    """
    crossing = {_is_new(ends.before), _is_new(ends.after)}
    if crossing != {True, False}:
        return ""
    forth = _is_new(ends.after)
    control = measure(ends.after, _OLD_STREAM if forth else _NEW_STREAM)
    if control.label != ends.old:
        return ""
    other = measure(ends.before, _NEW_STREAM if forth else _OLD_STREAM)
    ((name, value),) = (_OLD_STREAM if forth else _NEW_STREAM).items()
    return (
        f"{ends.after.id} with {name}={value} is {control.label}, as {ends.before.id}; and "
        f"{ends.before.id} with the other stream is {other.label or 'undecided'}"
    )


def _is_new(lock: Lock) -> bool | None:
    version = lock.packages.get("jax")
    return None if version is None else Version(version) >= _CHANGED
