"""Counts judgements and says what they mean for the exit code."""

from __future__ import annotations

from harness.config import Config
from harness.judge import Judgement, judge
from harness.progress import describe
from harness.rows import Row
from harness.runner import CellDone
from harness.verdict import Agreement


class Tally:
    """What a run gave: 0 as expected, 1 a surprise, 3 evidence missing that should be there."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Agreement, 0)
        self.unexplained = 0
        self.missing = 0
        self.cache_findings: list[str] = []

    def add(self, judgement: Judgement) -> None:
        self.counts[judgement.agreement] += 1
        self.unexplained += judgement.is_unexplained

    def note_cache(self, event: CellDone, judgement: Judgement, before: Row | None, config: Config) -> None:
        """A status that differs with JAX's compilation cache on and off is a finding of its own."""
        if before is None or before.evidence.jax_cache == event.evidence.jax_cache:
            return
        if (before.case_digest, before.environment_key) != (event.task.case.digest, event.place.key):
            return
        was = judge(event.task.variant, event.place.facts, before.evidence, config)
        if was.status is not judgement.status:
            self.cache_findings.append(
                f"{describe(event, judgement)}; with the compilation cache "
                f"{'on' if before.evidence.jax_cache else 'off'} it was {was.status.value}"
            )

    @property
    def has_evidence(self) -> bool:
        """Whether any cell was observed at all."""
        return bool(self.counts[Agreement.EXPECTED] or self.counts[Agreement.UNEXPECTED])

    def exit_code(self) -> int:
        if self.counts[Agreement.UNEXPECTED] or self.cache_findings:
            return 1
        return 3 if self.unexplained or self.missing else 0

    def summary(self, ran: int, reused: int) -> str:
        gaps = self.counts[Agreement.NO_EVIDENCE] + self.missing
        unexplained = self.unexplained + self.missing
        lines = [f"compilation cache: {finding}" for finding in self.cache_findings]
        lines.append(
            f"{ran} cells ran, {reused} unchanged: {self.counts[Agreement.EXPECTED]} as expected, "
            f"{self.counts[Agreement.UNEXPECTED]} unexpected, {gaps} without evidence"
            f"{f' ({unexplained} of them unexplained)' if gaps else ''}"
        )
        return "\n".join(lines)
