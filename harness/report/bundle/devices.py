"""What a script says before its imports, so that it runs on the device that its evidence is about.

The same that `harness.probe.devices` sets, as variables where the libraries read them when they start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.device import Device
from harness.report.bundle.subject import Subject

_TORCH = {"torch", "pyro-ppl"}
_ACCELERATORS = ("jax-cuda", "jax-rocm", "jax-metal", "libtpu")
"""Beginnings of the names of packages with which JAX takes another device than the CPU by itself."""


def device_lines(subject: Subject, device: Device) -> list[str]:
    """Statements for the top of the script; none where the CPU is what the libraries take by themselves."""
    versions = set(subject.versions)
    uses_torch = bool(_TORCH & {requirement.name for requirement in subject.case.requires})
    settings = dict(_jax_variables(device, versions)) if "jax" in versions else {}
    lines = ["import os", "", *_assignments(settings), ""] if settings else []
    if "torch" in versions and uses_torch and (calls := list(_torch_calls(device))):
        lines += ["import torch", "", *calls, ""]
    return [f"# What it was measured on: {device}.", *lines] if lines else []


def _assignments(settings: dict[str, str]) -> Iterator[str]:
    for name, value in settings.items():
        yield f'os.environ["{name}"] = "{value}"'


def _jax_variables(device: Device, packages: Iterable[str]) -> Iterator[tuple[str, str]]:
    is_plain = device.platform == "cpu" and device.count == 1
    if not is_plain or any(name.startswith(_ACCELERATORS) for name in packages):
        yield "JAX_PLATFORMS", "cpu" if device.platform == "cpu" else f"{device.platform},cpu"
    if device.count > 1:
        yield "XLA_FLAGS", f"--xla_force_host_platform_device_count={device.count}"
    if device.platform != "cpu":
        yield "XLA_PYTHON_CLIENT_PREALLOCATE", "false"
    if device.x64:
        yield "JAX_ENABLE_X64", "1"


def _torch_calls(device: Device) -> Iterator[str]:
    if device.x64:
        yield "torch.set_default_dtype(torch.float64)"
    if device.platform != "cpu":
        yield f'torch.set_default_device("{device.platform}")'
