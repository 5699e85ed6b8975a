"""Sets up the device of a variant's process, before any backend starts. Standard library only."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any


class DeviceMissing(Exception):
    """The device that a cell asks for is not there."""


def set_up_device(device: Mapping[str, Any], frameworks: Collection[str]) -> tuple[str, str | None]:
    """Choose platform, number of devices and precision before any backend starts; say what came of it.

    `device` has `platform`, `count` and `x64`; `frameworks` are those that the case uses.
    """
    used, precision = [], []
    if "jax" in frameworks and "jax" in sys.modules:
        used.append(set_up_jax(device))
        precision.append("float64" if sys.modules["jax"].config.jax_enable_x64 else "float32")
    if "torch" in frameworks and "torch" in sys.modules:
        used.append(set_up_torch(device))
        precision.append(str(sys.modules["torch"].get_default_dtype()).replace("torch.", ""))
    if not used:
        if device["platform"] != "cpu" or device["count"] > 1 or device["x64"]:
            message = "no library of this case has devices other than cpu"
            raise DeviceMissing(message)
        return "cpu", None
    return ", ".join(used), ", ".join(sorted(set(precision)))


def set_up_jax(device: Mapping[str, Any]) -> str:
    jax: Any = sys.modules["jax"]
    wanted = device["platform"]
    if wanted == "mps":
        message = "JAX has no mps backend"
        raise DeviceMissing(message)
    if device["count"] > 1:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_force_host_platform_device_count={device['count']}".strip()
    # Host callbacks want a cpu beside an accelerator.
    jax.config.update("jax_platforms", wanted if wanted == "cpu" else f"{wanted},cpu")
    if device["x64"]:
        jax.config.update("jax_enable_x64", True)
    try:
        devices = jax.devices()
    except RuntimeError as error:
        message = str(error).partition("\n")[0] or "JAX has no backend"
        raise DeviceMissing(message) from None
    names = {"cuda": ("gpu", "cuda")}.get(wanted, (wanted,))
    if devices[0].platform not in names:
        message = f"JAX gives {devices[0].platform} where {wanted} was asked for"
        raise DeviceMissing(message)
    if wanted == "cpu" and len(devices) != device["count"]:
        message = f"JAX gives {len(devices)} cpu devices where {device['count']} were asked for"
        raise DeviceMissing(message)
    kind = "" if wanted == "cpu" else f" ({devices[0].device_kind})"
    return f"{wanted} x {len(devices)}{kind}"


def set_up_torch(device: Mapping[str, Any]) -> str:
    torch: Any = sys.modules["torch"]
    wanted = device["platform"]
    reason = _why_torch_cannot(wanted, device["count"], device["x64"])
    if reason:
        raise DeviceMissing(reason)
    if device["x64"]:
        torch.set_default_dtype(torch.float64)
    if wanted == "cpu":
        return "cpu x 1"
    torch.set_default_device(wanted)
    return f"{wanted} x 1 ({torch.cuda.get_device_name() if wanted == 'cuda' else 'mps'})"


def _why_torch_cannot(wanted: str, count: int, x64: bool) -> str:
    torch: Any = sys.modules["torch"]
    if wanted == "tpu":
        return "torch has no tpu devices"
    if count > 1:
        return f"torch has one {wanted} device, not {count}"
    if wanted == "cuda" and not torch.cuda.is_available():
        return "torch finds no CUDA device"
    if wanted == "mps" and not (getattr(torch.backends, "mps", None) and torch.backends.mps.is_available()):
        return "torch finds no mps device"
    if wanted == "mps" and x64:
        return "mps has no float64"
    if wanted != "cpu" and not hasattr(torch, "set_default_device"):
        return f"torch {torch.__version__} cannot set a default device"
    return ""
