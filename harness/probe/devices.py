"""Sets up the device of a variant's process, before any backend starts. Standard library only."""

from __future__ import annotations

import os
import sys


class DeviceMissing(Exception):
    """The device that a cell asks for is not there."""


def set_up_device(device):
    """Choose platform, number of devices and precision before any backend starts; say what came of it.

    `device` has `platform`, `count` and `x64`.
    """
    used, precision = [], []
    if "jax" in sys.modules:
        used.append(set_up_jax(device))
        precision.append("float64" if sys.modules["jax"].config.jax_enable_x64 else "float32")
    if "torch" in sys.modules:
        used.append(set_up_torch(device))
        precision.append(str(sys.modules["torch"].get_default_dtype()).replace("torch.", ""))
    if not used:
        if device["platform"] != "cpu" or device["count"] > 1 or device["x64"]:
            raise DeviceMissing("no library of this case has devices other than cpu")
        return "cpu", None
    return ", ".join(used), ", ".join(sorted(set(precision)))


def set_up_jax(device):
    jax = sys.modules["jax"]
    wanted = device["platform"]
    if wanted == "mps":
        raise DeviceMissing("JAX has no mps backend")
    if device["count"] > 1:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = "%s --xla_force_host_platform_device_count=%d" % (flags, device["count"])
    # Host callbacks want a cpu beside an accelerator.
    jax.config.update("jax_platforms", wanted if wanted == "cpu" else wanted + ",cpu")
    if device["x64"]:
        jax.config.update("jax_enable_x64", True)
    try:
        devices = jax.devices()
    except RuntimeError as error:
        raise DeviceMissing(str(error).splitlines()[0])
    names = {"cuda": ("gpu", "cuda")}.get(wanted, (wanted,))
    if devices[0].platform not in names:
        raise DeviceMissing("JAX gives %s where %s was asked for" % (devices[0].platform, wanted))
    if wanted == "cpu" and len(devices) != device["count"]:
        raise DeviceMissing("JAX gives %d cpu devices where %d were asked for" % (len(devices), device["count"]))
    kind = "" if wanted == "cpu" else " (%s)" % devices[0].device_kind
    return "%s x %d%s" % (wanted, len(devices), kind)


def set_up_torch(device):
    torch = sys.modules["torch"]
    wanted = device["platform"]
    if wanted == "cuda" and not torch.cuda.is_available():
        raise DeviceMissing("torch finds no CUDA device")
    if wanted == "mps" and not getattr(torch.backends, "mps", None):
        raise DeviceMissing("this torch has no mps backend")
    if wanted == "mps" and not torch.backends.mps.is_available():
        raise DeviceMissing("torch finds no mps device")
    if wanted == "tpu" or device["count"] > 1:
        raise DeviceMissing("torch has no %s devices" % wanted)
    if device["x64"]:
        if wanted == "mps":
            raise DeviceMissing("mps has no float64")
        torch.set_default_dtype(torch.float64)
    if wanted != "cpu":
        if not hasattr(torch, "set_default_device"):
            raise DeviceMissing("torch %s cannot set a default device" % torch.__version__)
        torch.set_default_device(wanted)
        return "%s x 1 (%s)" % (wanted, torch.cuda.get_device_name() if wanted == "cuda" else "mps")
    return "cpu x 1"
