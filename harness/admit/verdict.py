"""Whether a case is admitted: the list of reasons why not, empty where it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from harness.admit.causes import origins_for, releases_in
from harness.admit.conditions import disagrees
from harness.admit.record import FIXED, INTRODUCED, Admission, Cause, CellFact, Reason, Repeat
from harness.admit.sides import RIGHT
from harness.case import FAILURE, Case, Kind
from harness.config import Library
from harness.verdict import Status

_NAMED = 3
"""Environments of a reason that are named."""


def reasons(
    case: Case, admission: Admission, library: Library, libraries: Collection[str]
) -> tuple[Reason, ...]:
    """Why a case is not admitted, each with what to do.

    What later questions would ask is left out where the cells or the sides already say no.

    Args:
        library: that of the case.
        libraries: the distributions of all libraries.
    """
    first = tuple(of_cells(case, admission.cells)) or tuple(of_sides(case, admission))
    if first:
        return first
    return (
        *_of_remedies(case, admission),
        *_of_causes(case, admission, library, libraries),
        *_of_origins(case, admission),
        *_of_repeats(case, admission),
    )


def of_cells(case: Case, cells: Sequence[CellFact]) -> Iterator[Reason]:
    """Evidence that is not as the header says, and what is missing without a word."""
    if not cells:
        text = (
            f"there is no environment of {case.library} in the default matrix; make them with `harness lock`."
        )
        yield Reason(text=text, is_missing=True)
        return
    failure = [cell.status for cell in cells if cell.variant == FAILURE and cell.is_evidence]
    if failure and all(status in RIGHT for status in failure):
        yield _fails_nowhere()
        return
    surprises: dict[tuple[str, Status, Status, str], list[str]] = defaultdict(list)
    missing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for cell in cells:
        if cell.status is not None and disagrees([cell]):
            surprises[cell.variant, cell.status, cell.expected, cell.detail].append(cell.environment)
        elif not cell.is_evidence and not cell.gap:
            told = cell.status.value if cell.status else "not measured"
            missing[told, cell.detail].append(cell.environment)
    for (variant, status, expected, detail), where in surprises.items():
        seen = f" ({detail})" if detail else ""
        text = f"{variant} is {status.value} and not {expected.value} in {_names(where)}{seen}; "
        yield Reason(text=text + _advice(case, variant, status) + ".")
    for (told, detail), where in missing.items():
        seen = f" ({detail})" if detail else ""
        advice = "measure there, or say why that cannot be in [[tool.harness.known]]"
        yield Reason(
            text=f"no evidence in {_names(dict.fromkeys(where))}: {told}{seen}; {advice}.", is_missing=True
        )


def _advice(case: Case, variant: str, status: Status) -> str:
    found = case.variant(variant)
    if status is Status.REJECTED:
        return "write where it is into rejected"
    if status in (Status.FAILING, Status.FIXED):
        return "releases of the library alone do not explain it: write into failing what does"
    if status is Status.REFUTED and found is not None and found.present is None:
        return "write refuted, and raises and match of how it fails"
    if status in (Status.WORKS, Status.REFUTED):
        return "write into refuted what explains it, or take refuted, raises and match out"
    if status is Status.CHANGED:
        return "raises and match must say what is seen where it fails"
    return "make the case smaller, or give it more time"


def of_sides(case: Case, admission: Admission) -> Iterator[Reason]:
    """A case that shows nothing, and a fix that is nowhere to be seen."""
    if not admission.sides:
        yield _fails_nowhere()
    elif case.fixed_by and not _is_right_somewhere(admission.cells):
        yield Reason(
            text=f"fixed-by names {case.fixed_by[0]}, and nothing is right in any release; take it out."
        )


def _fails_nowhere() -> Reason:
    where = "nowhere in the default matrix"
    advice = "add environments that show it to pyproject.toml, or leave the case out"
    return Reason(text=f"failure fails {where}; {advice}.")


def _is_right_somewhere(cells: Sequence[CellFact]) -> bool:
    """Whether the failure ends, or else a remedy that is refuted before: a fix may be of that alone."""
    refuted = {cell.variant for cell in cells if cell.status is Status.REFUTED}
    works = {cell.variant for cell in cells if cell.status is Status.WORKS}
    return is_right_in_some(cells) or bool(refuted & works)


def is_right_in_some(cells: Sequence[CellFact]) -> bool:
    """Whether the failure is right in any environment, so that something must have changed it."""
    return any(cell.variant == FAILURE and cell.status in RIGHT for cell in cells)


def _of_remedies(case: Case, admission: Admission) -> Iterator[Reason]:
    tried = {(c.variant, c.device, c.environment) for c in admission.cells if c.is_evidence}
    beside = dict.fromkeys((side.device, name) for side in admission.sides for name in side.environments)
    for variant in case.variants:
        where = [name for device, name in beside if (variant.name, device, name) not in tried]
        if where:
            yield Reason(
                text=f"{variant.name} was never tried in {_names(where)}, beside a change; "
                "make it run there, or take it out.",
                is_missing=True,
            )


def _of_causes(
    case: Case, admission: Admission, library: Library, libraries: Collection[str]
) -> Iterator[Reason]:
    if not is_right_in_some(admission.cells):
        return
    if not admission.causes:
        yield Reason(
            text=f"no bisection of this text found what makes it change; run `harness bisect {case.id} "
            "--reports reports/bisect`, with --resolution or --with for another axis.",
            is_missing=True,
        )
    for cause in admission.causes:
        change = f"from {cause.before} to {cause.after}"
        if cause.note:
            text = (
                f"only the default random stream makes the difference {change}; make it hold for every key."
            )
            yield Reason(text=text)
        elif not cause.is_exact:
            text = f"it is {cause.kind} somewhere {change}; a release between them must give a verdict."
            yield Reason(text=text, is_missing=True)
        elif not cause.culprits:
            text = f"which package makes the change {change} could not be told; bisect it again."
            yield Reason(text=text, is_missing=True)
        elif other := _foreign(case, cause, library.distributions, libraries):
            key = "introduced-by" if cause.kind == INTRODUCED else "fixed-by"
            text = f"{' and '.join(other)} and not {library.distribution} makes the change {change}; "
            yield Reason(
                text=f"{text}make it a drift whose {key} names its release, or a case of that library."
            )


def _foreign(case: Case, cause: Cause, own: Collection[str], libraries: Collection[str]) -> list[str]:
    """The culprits that no case of drift names; what comes along with a library counts with it."""
    named = case.introduced_by if cause.kind == INTRODUCED else case.fixed_by
    releases = releases_in(named) if case.kind is Kind.DRIFT else []
    admitted = {*own, *(name.partition("==")[0] for name in releases)}
    blamed = [name for name in cause.culprits if name in libraries] or list(cause.culprits)
    return [name for name in blamed if name not in admitted]


def _of_origins(case: Case, admission: Admission) -> Iterator[Reason]:
    """What a header says to introduce or fix the issue must be what was found."""
    for kind, key, named in (
        (INTRODUCED, "introduced-by", case.introduced_by),
        (FIXED, "fixed-by", case.fixed_by),
    ):
        found = {origin.name for origin in origins_for(case, admission.origins) if origin.kind == kind}
        for name in sorted(found - set(named)):
            yield Reason(text=f"bisect found {name}, which {key} does not name; write it there.")
        known = {origin.name for origin in admission.origins if origin.kind == kind}
        for name in sorted(set(releases_in(named)) - known):
            yield Reason(text=f"{key} names {name}, which no bisection of this text found; take it out.")


def _of_repeats(case: Case, admission: Admission) -> Iterator[Reason]:
    stored = {(c.variant, c.device, c.environment): c.status for c in admission.cells}
    for repeat in admission.repeats:
        status = stored.get((repeat.variant, repeat.device, repeat.environment))
        wanted = max(admission.repeat, admission.seeds) if repeat.takes_seed else admission.repeat
        seen = f"{repeat.variant} in {repeat.environment}"
        if repeat.runs < wanted:
            text = f"{seen} ran {repeat.runs} times and not {wanted}; measure again."
            yield Reason(text=text, is_missing=True)
        elif status is None or repeat.status != status.value:
            yield Reason(text=f"{seen} {_disagreement(repeat, status)}.")
    repeated = {(r.variant, r.device, r.environment) for r in admission.repeats}
    beside = dict.fromkeys((side.device, name) for side in admission.sides for name in side.environments)
    for variant in case.variants:
        where = [n for device, n in beside if (variant.name, device, n) not in repeated]
        if where and all(stored.get((variant.name, device, n)) for device, n in beside):
            yield Reason(
                text=f"{variant.name} was not repeated in {_names(where)}; measure.", is_missing=True
            )


def _disagreement(repeat: Repeat, status: Status | None) -> str:
    if repeat.status is not None:
        told = status.value if status else "nothing"
        return f"is {repeat.status} in all repeats, and {told} as stored; measure the matrix again"
    way = "depends on the seed" if repeat.takes_seed else "comes and goes"
    advice = "make it hold for every seed" if repeat.takes_seed else "let it depend on nothing outside"
    return f"{way} ({repeat.detail}); {advice}"


def _names(environments: Collection[str]) -> str:
    names = list(dict.fromkeys(environments))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
