"""A picture of open and fixed cases over releases: every bar shows all cases, also those not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from harness.report.document import Document
from harness.report.feeds.releases import Fate, Release, Track, Tracks
from harness.report.text import counted, plain
from harness.report.view import View
from harness.report.xml import xml_text

WIDTH = 960
_LEFT, _RIGHT, _TOP = 44, 12, 84
_PLOT = 132
"""Height of a full bar."""
_TITLE, _GAP = 26, 22
_VERSION, _DATED = 62, 124
"""Room below the bars for labels, without and with dates."""
_WIDEST = 34
_LETTER = 12
"""Pixels that a label takes beside the next."""
_TICKS = 5

_STACK = (Fate.FAILING, Fate.OTHER, Fate.UNKNOWN, Fate.RIGHT)
"""From below: what may be open lies between what is and what is not."""
_DRAWN = (Fate.FAILING, Fate.OTHER, Fate.RIGHT, Fate.UNKNOWN)
"""In this order: nothing covers the outline of what is not known, however thin."""
_CLASSES = {Fate.FAILING: "failing", Fate.OTHER: "other", Fate.UNKNOWN: "unknown", Fate.RIGHT: "right"}
_LEGEND = {
    Fate.FAILING: "failing",
    Fate.OTHER: "changed, timeout or crashed",
    Fate.UNKNOWN: "no evidence or not measured",
    Fate.RIGHT: "fixed or rejected",
}


@dataclass(frozen=True, kw_only=True)
class _Label:
    x: str
    version: str
    date: str


@dataclass(frozen=True, kw_only=True)
class _Tick:
    y: str
    text: str


@dataclass(frozen=True, kw_only=True)
class _Panel:
    """A library's bars. Places are relative to the panel's left upper corner, except `top`."""

    title: str
    note: str
    """What is shown instead of bars; empty where there are some."""
    top: int
    height: int
    right: str
    bars: tuple[tuple[str, str], ...]
    """Class and outline of all parts of one kind."""
    ticks: tuple[_Tick, ...]
    labels: tuple[_Label, ...]


def plot(document: Document) -> str:
    """The picture as SVG: a panel for each library, a bar for each release on the axis that tells it best.

    Every bar is as high as the library has cases, so that missing evidence cannot look like a fix. A case is
    shown as its worst on any device that gave evidence. Releases that no cell was tried in are not on the
    axis. It adapts to light and dark, and needs neither a script nor a network.
    """
    tracks = Tracks(view=View(document=document))
    panels = list(_panels(tracks))
    height = _TOP + sum(panel.height for panel in panels)
    return _template().render(
        width=WIDTH,
        height=height,
        left=_LEFT,
        plot=_PLOT,
        title="Open and fixed cases over releases",
        description=_description(tracks),
        legend=[(_CLASSES[fate], _LEGEND[fate]) for fate in _STACK],
        panels=panels,
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    text = files(__package__).joinpath("plot.svg.j2").read_text(encoding="utf-8")
    return environment.from_string(text)


def _description(tracks: Tracks) -> str:
    """The first and the newest bar of each library in words."""
    told = [_sentence(library, track) for library, track in tracks.by_library.items()] or [
        "There are no cases."
    ]
    return f"Each bar shows all cases of a library in one release. {' '.join(told)}"


def _sentence(library: str, track: Track | None) -> str:
    if track is None:
        return f"{_text(library)}: no release was measured."
    ends = dict.fromkeys((track.releases[0].environment, track.releases[-1].environment))
    told = [_bar_words(release) for release in track.releases if release.environment in ends]
    return f"{_text(library)}: {'; '.join(told)}."


def _bar_words(release: Release) -> str:
    parts = [f"{release.counts[fate]} {_LEGEND[fate]}" for fate in _STACK if release.counts[fate]]
    return f"in {_text(release.version)} {', '.join(parts)}"


def _panels(tracks: Tracks) -> Iterator[_Panel]:
    top = _TOP
    for library, track in tracks.by_library.items():
        cases = len(tracks.view.libraries[library])
        panel = _panel(library, cases, track, top)
        top += panel.height
        yield panel


def _panel(library: str, cases: int, track: Track | None, top: int) -> _Panel:
    releases = track.releases if track else ()
    pitch = min(_WIDEST, (WIDTH - _LEFT - _RIGHT) / max(1, len(releases)))
    is_dated = any(release.released for release in releases)
    labels = (_DATED if is_dated else _VERSION) if releases else 0
    words = f" ({_text(track.words)})" if track else ""
    return _Panel(
        title=f"{_text(library)}: {counted(cases, 'case')}{words}",
        note="" if releases else "no evidence: no release was measured",
        top=top,
        height=_TITLE + (_PLOT if releases else _GAP) + labels + _GAP,
        right=_number(_LEFT + pitch * len(releases)),
        bars=_bars(releases, cases, pitch),
        ticks=_ticks(cases) if releases else (),
        labels=_labels(releases, pitch),
    )


def _bars(releases: tuple[Release, ...], cases: int, pitch: float) -> tuple[tuple[str, str], ...]:
    outlines: dict[Fate, list[str]] = {fate: [] for fate in _STACK}
    width = f"{pitch * 0.8:.0f}"
    for index, release in enumerate(releases):
        x, below = f"{_LEFT + pitch * (index + 0.1):.0f}", 0
        for fate in _STACK:
            count = release.counts[fate]
            below += count
            if count:
                y, height = _height(cases - below, cases), _height(count, cases)
                outlines[fate].append(f"M{x} {y}h{width}v{height}h-{width}z")
    return tuple((_CLASSES[fate], "".join(outlines[fate])) for fate in _DRAWN if outlines[fate])


def _height(count: int, cases: int) -> str:
    return _number(_PLOT * count / cases)


def _ticks(cases: int) -> tuple[_Tick, ...]:
    """Round numbers of cases, and all of them."""
    sizes = (base * 10**power for power in range(9) for base in (1, 2, 5))
    step = next(size for size in sizes if cases / size <= _TICKS)
    counts = [count for count in range(0, cases, step) if cases - count > step / 2]
    return tuple(_Tick(y=_height(cases - count, cases), text=str(count)) for count in [*counts, cases])


def _labels(releases: tuple[Release, ...], pitch: float) -> tuple[_Label, ...]:
    """Labels under the bars, as many as there is room for, the newest always."""
    step = max(1, -int(-_LETTER // pitch))
    return tuple(
        _Label(
            x=f"{_LEFT + pitch * (index + 0.5) + 3.5:.0f}",
            version=_text(release.version),
            date=_text(release.released or ""),
        )
        for index, release in enumerate(releases)
        if (len(releases) - 1 - index) % step == 0
    )


def _text(text: str) -> str:
    return xml_text(plain(text, 60))


def _number(value: float) -> str:
    """At most two places, and none that says nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
