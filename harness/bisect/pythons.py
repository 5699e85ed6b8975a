"""Two environments of different Pythons: is it Python that makes the difference?"""

from __future__ import annotations

from dataclasses import replace

from harness.bisect.answer import Experiment, Move, Suspects
from harness.bisect.ends import Ends, Measure
from harness.bisect.mixes import moves
from harness.bisect.progress import Steps

PYTHON = "python"
"""As a package among the suspects."""


def to_one_python(
    ends: Ends, measure: Measure, steps: Steps
) -> tuple[Ends, tuple[Experiment, ...]] | Suspects:
    """The same two ends on one Python with what was tried for it; or Python as the culprit, or nothing.

    First the old environment is put on the new Python, then the new one on the old.
    """
    tried = []
    for ported, other, own in ((ends.before, ends.after, ends.old), (ends.after, ends.before, ends.new)):
        lock = replace(ported, python=other.python)
        reading = measure(lock, {})
        move = Move(package=PYTHON, before=ported.python, after=other.python)
        description = f"{ends.called[ported is ends.after]} on Python {other.python}"
        tried.append(Experiment(description=description, moved=(move,), reading=reading))
        steps.step(description, reading, "")
        if reading.label == own:
            is_before = ported is ends.before
            same = replace(ends, before=lock) if is_before else replace(ends, after=lock)
            return same, tuple(tried)
    return _python_alone(ends, tried[0], tried[1])


def _python_alone(ends: Ends, forward: Experiment, backward: Experiment) -> Suspects:
    """What the two experiments say of Python, where neither gave its environment's own label."""
    sufficient = forward if forward.reading.label == ends.new else None
    necessary = backward if backward.reading.label == ends.old else None
    is_python = sufficient is not None or necessary is not None
    others = moves(ends.before, replace(ends.after, python=ends.before.python))
    return Suspects(
        moves=(Move(package=PYTHON, before=ends.before.python, after=ends.after.python), *others),
        culprits=(PYTHON,) if is_python else (),
        sufficient=sufficient,
        necessary=necessary,
        experiments=(forward, backward),
        note="" if is_python else "neither environment can be measured on the other's Python",
    )
