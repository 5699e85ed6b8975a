"""One environment being probed: starts the server when first needed, and turns every answer into evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.case import Case, Kind
from harness.device import Device
from harness.evidence import Deprecation, Evidence, Lack, Outcome, Phase, Raised
from harness.probe.attest import attestation, mismatch, missing, needed_names
from harness.probe.client import DeadEnvironment, Probe, Target


def now() -> str:
    """The time as stored: UTC, ISO 8601, to the microsecond, so that the newer of two cells is known."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Session:
    """Runs variants in one interpreter. Never raises for what happens there: that is evidence.

    Not safe for several threads; use one session each.
    """

    def __init__(self, target: Target, locked: Mapping[str, str] | None = None) -> None:
        """Args:
        target: the interpreter.
        locked: canonical name to version of what it must hold; none where anything is right.
        """
        self._target = target
        self._locked = locked
        self._probe: Probe | None = None
        self._interrupted = False
        self._dead = ""
        self._deadly: dict[str, str] = {}
        """Libraries whose import ends the server, and how."""

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        if self._probe is not None:
            self._probe.close()
            self._probe = None

    def interrupt(self) -> None:
        """From another thread: end what is running; this `run` and every later one give no evidence."""
        self._interrupted = True
        if self._probe is not None:
            self._probe.interrupt()

    def hello(self) -> Mapping[str, Any]:
        """What the interpreter says it holds.

        Raises:
            DeadEnvironment: it does not start, or is no Python that the server runs on.
        """
        while self._probe is None or self._probe.attested is None:
            if self._dead:
                raise DeadEnvironment(self._dead)
            self._start()
        return self._probe.attested

    def _start(self) -> None:
        """Start a server. Where importing a library ends it, the next one does without that library."""
        libraries = tuple(entry for entry in self._target.libraries if entry[0] not in self._deadly)
        self._probe = Probe(replace(self._target, libraries=libraries))
        if self._interrupted:  # asked after `_probe` is set, so that an interruption is never missed
            self._probe.interrupt()
        try:
            self._probe.start()
        except DeadEnvironment as error:
            self.close()
            if error.importing is None or self._interrupted:
                self._dead = str(error)
            else:
                self._deadly[error.importing] = str(error)

    def run(self, case: Case, variant: str, device: Device, seed: int = 0) -> Evidence:
        """Run one variant, by itself in a process, and return its evidence, complete with attestation.

        A variant that takes no seed is run as it is; the evidence names the seed all the same.
        """
        try:
            hello = self.hello()
        except DeadEnvironment as error:
            return self._without(Lack.PROBE, str(error))
        evidence = self._obstacle(case, hello)
        if evidence is None:
            evidence = self._record(case, variant, device, seed, hello)
        return replace(evidence, seed=seed, jax_cache=self._target.jax_cache is not None)

    def _obstacle(self, case: Case, hello: Mapping[str, Any]) -> Evidence | None:
        """Evidence of why the case cannot be run there, if it cannot."""
        attested = attestation(hello, None, None)
        reason = missing(case, hello)
        if reason:
            return replace(self._without(Lack.PACKAGE, reason), attested=attested)
        reason = mismatch(hello, self._locked) if self._locked is not None else ""
        if reason:
            return replace(self._without(Lack.ORIGIN, reason), attested=attested)
        for name in needed_names(case, hello["python"]):
            if name in self._deadly:
                return replace(self._without(Lack.IMPORT, self._deadly[name]), attested=attested)
            error = hello["libraries"].get(name, {}).get("error")
            # A case of drift may be about the import, and may repair it: it is run all the same.
            if error and case.kind is not Kind.DRIFT:
                raised = Raised(**{**error, "phase": Phase(error["phase"])})
                return Evidence(outcome=Outcome.RAISED, raised=raised, attested=attested, measured_at=now())
        return None

    def _record(
        self, case: Case, variant: str, device: Device, seed: int, hello: Mapping[str, Any]
    ) -> Evidence:
        assert self._probe is not None
        try:
            names = needed_names(case, hello["python"])
            record = self._probe.run(case, names, variant, device, seed)
        except DeadEnvironment as error:
            # The next cell gets a server of its own; this one has said nothing.
            self.close()
            return self._without(Lack.PROBE, f"while it ran, {error}")
        return _evidence(record, hello)

    def _without(self, lack: Lack, reason: str) -> Evidence:
        return Evidence(outcome=Outcome.UNAVAILABLE, lack=lack, reason=reason, measured_at=now())


def _evidence(record: Mapping[str, Any], hello: Mapping[str, Any]) -> Evidence:
    raised = record.get("raised")
    peak = record.get("peak_mib")
    return Evidence(
        outcome=Outcome(record["outcome"]),
        attested=attestation(hello, record.get("device"), record.get("precision")),
        raised=Raised(**{**raised, "phase": Phase(raised["phase"])}) if raised else None,
        lack=Lack(record["lack"]) if record.get("lack") else None,
        reason=record.get("reason", ""),
        seconds=round(record.get("seconds", 0.0), 3),
        peak_mib=round(peak, 1) if peak is not None else None,
        log=record.get("log", ""),
        deprecations=tuple(Deprecation(**item) for item in record.get("deprecations", [])),
        isolation=record["isolation"],
        measured_at=now(),
    )


def interpreter_target(python: Path, libraries: tuple[tuple[str, str], ...]) -> Target:
    """An interpreter that is not ours: nothing is written into it, and it has no compilation cache."""
    return Target(python=python, libraries=libraries)
