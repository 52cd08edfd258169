"""Draws a drill's report as an SVG picture.

From top to bottom: what happened; for the clients near each region, by which region their requests were served,
second by second; each measured time beside its limit; when the name servers held each region to be healthy.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from ops.failover.report import FAILED, DrillReport
from ops.failover.scenario import Action

# Paul Tol's "bright" scheme, which people with any kind of colour vision can tell apart; red is kept for failures:
# https://personal.sron.nl/~pault/
_COLOURS = ("#4477aa", "#ccbb44", "#228833", "#66ccee", "#aa3377", "#999933", "#332288", "#88ccee")
_RED = "#d62728"
_GREEN = "#1b7a2b"
_INK = "#222222"
_PALE = "#dddddd"

_RIGHT, _TOP = 30, 100
_SECOND = 5
_PANEL, _LANE, _GAP = 70, 16, 10
_LABEL_LINES = 2
_CHARACTER = 7.0
"""About how wide a character is drawn."""
_DISTURBANCES = {Action.LOSE, Action.SLOW, Action.SICKEN, Action.SWITCH_OUT}


def draw(report: DrillReport) -> str:
    """The picture, as the text of a stand-alone SVG file."""
    return "\n".join(_Timeline(report).lines()) + "\n"


def _element(name: str, text: str | None = None, **attributes: object) -> str:
    written = "".join(f" {key.replace('_', '-')}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{written}/>" if text is None else f"<{name}{written}>{escape(text)}</{name}>"


def _lane(region: str) -> str:
    return f"health of {region}"


class _Timeline:
    def __init__(self, report: DrillReport) -> None:
        self._report = report
        self._span = len(report.seconds)
        self._times = [measurement for measurement in report.measurements if measurement.is_time]
        self._colours = dict(zip(report.regions, _COLOURS * len(report.regions), strict=False)) | {FAILED: _RED}
        self._title = f"{report.scenario.title}: {'passed' if report.passed else 'FAILED'}"
        self._left = 24 + _CHARACTER * max(len(_lane(region)) for region in report.regions)
        self._width = self._left + _RIGHT + max(self._span * _SECOND, 10 * len(self._title))
        self._axis = _TOP + len(report.regions) * (_PANEL + _GAP)
        self._measured = self._axis + 34
        self._health = self._measured + len(self._times) * (_LANE + _GAP) + 14
        self._height = self._health + len(report.regions) * (_LANE + _GAP) + 10

    def lines(self) -> Iterator[str]:
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self._width}" height="{self._height}" '
            f'viewBox="0 0 {self._width} {self._height}" font-family="sans-serif" font-size="12" fill="{_INK}">'
        )
        yield _element("rect", width=self._width, height=self._height, fill="white")
        yield from self._heading()
        yield from self._events()
        for index, home in enumerate(self._report.regions):
            yield from self._panel(home, _TOP + index * (_PANEL + _GAP))
        yield from self._seconds()
        yield from self._measurements()
        yield from self._lanes()
        yield "</svg>"

    def _x(self, seconds: float) -> float:
        return round(self._left + seconds * _SECOND, 1)

    def _bar(self, start: float, end: float, y: float, height: float, fill: str) -> str:
        width = round(max(end - start, 0) * _SECOND, 1)
        return _element(
            "rect", x=self._x(start), y=y, width=width, height=height, fill=fill, shape_rendering="crispEdges"
        )

    def _heading(self) -> Iterator[str]:
        yield _element("text", self._title, x=self._left, y=24, font_size=16, font_weight="bold")
        x = self._left
        for region, colour in self._colours.items():
            label = region if region == FAILED else f"served by {region}"
            yield _element("rect", x=x, y=36, width=12, height=12, fill=colour)
            yield _element("text", label, x=x + 17, y=46)
            x += 35 + _CHARACTER * len(label)

    def _events(self) -> Iterator[str]:
        """A mark for each event. Labels that would run into another take the next line; without room, the mark does."""
        free_from = [0.0] * _LABEL_LINES
        for event in self._report.scenario.events:
            x = self._x(event.at)
            colour = _RED if event.action in _DISTURBANCES else _GREEN
            yield _element("line", x1=x, y1=_TOP - 10, x2=x, y2=self._height - 10, stroke=colour)
            line = next((line for line, free in enumerate(free_from) if free <= x), None)
            if line is not None:
                label = str(event)
                yield _element("text", label, x=x + 3, y=_TOP - 16 - 14 * line, fill=colour)
                free_from[line] = x + 10 + _CHARACTER * len(label)

    def _panel(self, home: str, top: float) -> Iterator[str]:
        most = max((sum(second.counts.get(home, {}).values()) for second in self._report.seconds), default=0) or 1
        bottom = top + _PANEL
        yield _element("text", "clients near", x=self._left - 8, y=top + _PANEL / 2 - 4, text_anchor="end")
        yield _element("text", home, x=self._left - 8, y=top + _PANEL / 2 + 12, text_anchor="end")
        for second in self._report.seconds:
            y = float(bottom)
            for region in self._colours:
                count = second.counts.get(home, {}).get(region, 0)
                if count:
                    height = count * _PANEL / most
                    y -= height
                    start = second.second
                    yield self._bar(start, start + 1, round(y, 1), round(height, 1), self._colours[region])
        yield _element("line", x1=self._left, y1=bottom, x2=self._x(self._span), y2=bottom, stroke=_INK)

    def _seconds(self) -> Iterator[str]:
        for second in range(0, self._span + 1, 10):
            x = self._x(second)
            yield _element("line", x1=x, y1=self._axis - _GAP, x2=x, y2=self._axis - _GAP + 5, stroke=_INK)
            if second % 30 == 0:
                yield _element("text", f"{second} s", x=x, y=self._axis + 10, text_anchor="middle")

    def _measurements(self) -> Iterator[str]:
        """A pale bar as long as the limit, and over it one as long as the measured time."""
        for index, measurement in enumerate(self._times):
            y = self._measured + index * (_LANE + _GAP)
            yield _element("text", measurement.criterion, x=self._left - 8, y=y + 12, text_anchor="end")
            end = min(measurement.start + measurement.limit, self._span)
            yield self._bar(measurement.start, end, y, _LANE, _PALE)
            colour = _GREEN if measurement.passed else _RED
            if measurement.value is not None:
                yield self._bar(measurement.start, measurement.start + measurement.value, y + 4, _LANE - 8, colour)
            label = f"{measurement.shown_value} of {measurement.limit:g} s"
            room = self._x(end) + 12 + _CHARACTER * len(label) < self._width
            x, anchor = (end, "start") if room else (measurement.start, "end")
            yield _element("text", label, x=self._x(x) + (6 if room else -6), y=y + 12, text_anchor=anchor)

    def _lanes(self) -> Iterator[str]:
        """A lane per region: coloured while the name servers hold it to be healthy, red while they don't."""
        for index, region in enumerate(self._report.regions):
            y = self._health + index * (_LANE + _GAP)
            yield _element("text", _lane(region), x=self._left - 8, y=y + 12, text_anchor="end")
            changes = [change for change in self._report.changes if change.region == region and change.published]
            since, healthy = 0.0, True
            for until, after in (*((change.at, change.healthy) for change in changes), (float(self._span), True)):
                yield self._bar(since, until, y, _LANE, self._colours[region] if healthy else _RED)
                since, healthy = until, after
