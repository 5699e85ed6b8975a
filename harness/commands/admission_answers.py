"""The published answers of bisections about a text, and the searches that are still missing."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from harness.admit.causes import causes_of, origins_of
from harness.admit.record import FIXED, INTRODUCED, Admission
from harness.bisect.answer import Answer
from harness.bisect.document import read_answer
from harness.bisect.wish import Wish
from harness.case import Case
from harness.config import Config
from harness.environment.releases import final_releases
from harness.environment.resolve import Resolver


def answers_of(config: Config, case: Case) -> tuple[Answer, ...]:
    """What is published in reports/bisect about this very text."""
    paths = sorted((config.reports / "bisect").glob(f"{case.id}.*.json"))
    answers = (read_answer(path) for path in paths)
    return tuple(answer for answer in answers if answer.digest == case.digest)


def missing_searches(
    config: Config, case: Case, admission: Admission, repos: tuple[str, ...]
) -> Iterator[Wish]:
    """The bisections that a case needs and that no published answer is of.

    The second kind holds everything but the package that the header names, and looks at the two releases
    beside the change that the header claims.
    """
    distribution = config.libraries[case.library].distribution
    if not causes_of(answers_of(config, case), distribution):
        yield Wish(repos=repos)
    found = {(origin.kind, origin.name) for origin in origins_of(answers_of(config, case))}
    for kind, named in ((INTRODUCED, case.introduced_by), (FIXED, case.fixed_by)):
        for name in named:
            if "==" in name and (kind, name) not in found and admission.sides:
                yield _pair_search(config, kind, name, admission.sides[0].failing, repos)


def _pair_search(config: Config, kind: str, name: str, environment: str, repos: tuple[str, ...]) -> Wish:
    package, _, version = name.partition("==")
    earlier = [
        r.version for r in final_releases(Resolver(config).releases(package)) if r.version < Version(version)
    ]
    before = str(max(earlier)) if earlier else version
    good, bad = (before, version) if kind == INTRODUCED else (version, before)
    return Wish(package=package, environment=environment, good=good, bad=bad, repos=repos)
