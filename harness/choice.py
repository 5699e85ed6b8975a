"""On which devices each case is measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.case import Case
from harness.device import Device


@dataclass(frozen=True, kw_only=True)
class DeviceChoice:
    """The devices that somebody named, or else those of each case, or else the project's."""

    named: tuple[Device, ...] = ()
    default: tuple[Device, ...] = ()

    def of(self, case: Case) -> tuple[Device, ...]:
        """Where a case is measured: nowhere if it shows itself on none of the devices named."""
        if not self.named:
            return case.devices or self.default
        return tuple(device for device in self.named if not case.devices or device in case.devices)

    def of_all(self, cases: Iterable[Case]) -> tuple[Device, ...]:
        """Every device on which any of the cases is measured, in order."""
        return tuple(dict.fromkeys(device for case in cases for device in self.of(case)))
