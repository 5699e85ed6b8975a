"""Texts of made-up cases, as long and as hard to compress as real ones: sources, tracebacks, logs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache


def _listed(words: str) -> list[str]:
    return words.split()


_VERBS = _listed(
    "apply bind broadcast cached call canonicalize check concrete convert evaluate expand fold get init log "
    "lower make map mask partial promote reduce replay resolve run sample scan scope split step trace "
    "unflatten update validate wrap"
)
_NOUNS = _listed(
    "abstract args aval axis batch bounds closure carry constraint density device distribution dtype "
    "effects event factor frame grad guide handler index jaxpr kernel key latent layer leaf loss mesh model "
    "name node param params plate precision prior rank rng scale shape site sites stack state subsample "
    "support tensor trace transform tree values weights"
)
_FILES = {
    "numpyro": _listed(
        "infer/svi.py infer/elbo.py infer/util.py infer/autoguide.py infer/mcmc.py infer/hmc.py handlers.py "
        "primitives.py distributions/util.py distributions/distribution.py distributions/transforms.py "
        "contrib/module.py infer/initialization.py optim.py ops/indexing.py"
    ),
    "jax": _listed(
        "_src/api.py _src/pjit.py _src/core.py _src/linear_util.py _src/traceback_util.py _src/util.py "
        "_src/lax/lax.py _src/lax/control_flow/loops.py _src/numpy/lax_numpy.py _src/interpreters/ad.py "
        "_src/interpreters/batching.py _src/interpreters/partial_eval.py _src/random.py _src/dispatch.py "
        "_src/tree_util.py _src/profiler.py"
    ),
    "flax": _listed("linen/module.py linen/linear.py core/scope.py core/lift.py core/meta.py nnx/object.py"),
}
_FUNCTIONS = 14
"""Functions of a file that tracebacks pass through."""
_FEATURES = [
    f"{sign}{name}{n}" for sign in "+-" for name in ("avx", "sse", "amx-", "x", "v") for n in range(18)
]
"""As in the lists of what a processor can do that compilers print: very long, and much the same."""


def words(draw: random.Random, count: int) -> str:
    return " ".join(draw.choice((*_VERBS, *_NOUNS)) for _ in range(count))


def _name(draw: random.Random) -> str:
    return f"{draw.choice(['', '', '_'])}{draw.choice(_VERBS)}_{draw.choice(_NOUNS)}"


def _expression(draw: random.Random) -> str:
    one, two, three = draw.sample(_NOUNS, 3)
    return draw.choice(
        [
            f"{one} = self.{_name(draw)}({two}, *{three}, **kwargs)",
            f"return {_name(draw)}({one}, {two}={draw.randrange(90)}, {three}=None)",
            f"{one}, {two} = {_name(draw)}({three}[{draw.randrange(9)}:], {_name(draw)}({one}))",
            f'raise ValueError(f"{one} {{{two}}} does not {draw.choice(_VERBS)} {three}: {{{one}.{three}}}")',
            f"assert {one}.{three} == {draw.randrange(999)}, {two}",
            f"return {{{one}: {two}.{_name(draw)}(jnp.{draw.choice(_VERBS)}({three})) for {one} in {two}}}",
        ]
    )


@cache
def _functions(package: str, file: str) -> tuple[tuple[str, str], ...]:
    """Names of functions, each with the lines that a traceback shows of it."""
    draw = random.Random(f"functions {package} {file}")
    return tuple((_name(draw), _shown(_expression(draw), draw)) for _ in range(_FUNCTIONS))


def _shown(code: str, draw: random.Random) -> str:
    first = draw.randrange(len(code) // 2)
    return f"    {code}\n    {' ' * first}{'^' * (len(code) - first)}\n"


@cache
def _line(package: str, version: str, file: str, function: int) -> int:
    """Where a function stands: files change with about every other release."""
    draw = random.Random(f"line {package} {version} {file}")
    shift = draw.randrange(400) if draw.random() < 0.6 else 0
    return 40 + function * 97 + shift + len(file)


Frame = tuple[str, str, int]
"""Package, file, and which of its functions."""


def _stack(draw: random.Random, length: int) -> list[Frame]:
    """Stretches through one package after the other; what JAX does inside, many cases have in common."""
    stack: list[Frame] = []
    while len(stack) < length:
        package = draw.choice(["numpyro", "numpyro", "jax", "jax", "flax"])
        inside = random.Random(f"stretch {package} {draw.randrange(400)}")
        stretch = inside.choices(_FILES[package], k=inside.randrange(3, 8))
        stack += [(package, file, inside.randrange(_FUNCTIONS)) for file in stretch]
    return stack[:length]


class Failure:
    """How a variant of a case fails: the same way through every version, at other lines.

    A third of the failures are assertions of the case itself, as where a number is wrong.
    """

    def __init__(self, file: str, variant: str, error: str) -> None:
        draw = random.Random(f"failure {file} {variant}")
        self.error = error
        deep = draw.random() < 0.66
        self.inner = _stack(draw, draw.randrange(4, 10)) if deep else []
        self.outer = _stack(draw, draw.randrange(8, 22)) if deep else []
        own = [(draw.randrange(90, 180), _expression(draw)) for _ in range(3)]
        self.own = "".join(
            f'  File "{file}", line {n}, in {variant}\n{_shown(code, draw)}' for n, code in own
        )
        self.shapes = f"Incompatible shapes for broadcasting: shapes=[({draw.randrange(99)},), (4,)]"

    def traceback(self, packages: Mapping[str, str]) -> str:
        head = "Traceback (most recent call last):\n"
        if not self.inner:
            return f"{head}{self.own}{self.error}\n"
        inner = "".join(_frame(frame, packages) for frame in self.inner)
        outer = "".join(_frame(frame, packages) for frame in self.outer)
        return (
            f"{head}{inner}TypeError: {self.shapes}\n\n"
            "During handling of the above exception, another exception occurred:\n\n"
            f"{head}{self.own}{outer}{self.error}\n"
        )


def _frame(frame: Frame, packages: Mapping[str, str]) -> str:
    package, file, function = frame
    name, code = _functions(package, file)[function]
    line = _line(package, packages.get(package, ""), file, function)
    return f'  File "<env>/lib/python3.11/site-packages/{package}/{file}", line {line}, in {name}\n{code}'


def log(case: str, variant: str, environment: str, packages: Mapping[str, str]) -> str:
    """Warnings of libraries or, of every third, what a compiler says about processors, at great length."""
    draw = random.Random(f"log {case} {variant} {environment}")
    lines = []
    for _ in range(draw.randrange(1, 3)):
        file = _FILES["numpyro"][len(case + variant) % 3]
        line = _line("numpyro", packages.get("numpyro", ""), file, draw.randrange(2))
        told = f"UserWarning: {words(random.Random(f'{case} {file}'), 12)}"
        lines.append(f"<env>/lib/python3.11/site-packages/numpyro/{file}:{line}: {told}")
    if draw.random() < 0.35:
        compiled = ",".join(feature for feature in _FEATURES if draw.random() < 0.97)
        for _ in range(draw.randrange(3, 7)):
            lines.append(
                f"E1121 05:18:27.{draw.randrange(10**6)} {draw.randrange(10**5)} aot.cc] [{compiled}]"
            )
    return "\n".join(lines) + "\n"


def functions(names: Mapping[str, str], draw: random.Random, shared: int) -> str:
    """Functions with these docstrings and, before them, `shared` characters or more of what they share."""
    helpers, length = [], 0
    while length < shared:
        arguments = draw.sample(_NOUNS, 3)
        body = "".join(f"    {_expression(draw)}\n" for _ in range(draw.randrange(3, 9)))
        signature = f"def {_name(draw)}_{len(helpers)}({', '.join(arguments)}):"
        helpers.append(f'{signature}\n    """{words(draw, 7).capitalize()}."""\n{body}')
        length += len(helpers[-1])
    defined = [
        f'def {name}():\n    """{claim}"""\n    {_expression(draw)}\n' for name, claim in names.items()
    ]
    return "\n\n" + "\n\n".join([*helpers, *defined])
