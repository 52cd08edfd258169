"""The timeline as a picture, and the report as a table."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from ops.failover.backends import memory_backends
from ops.failover.clock import InstantClock
from ops.failover.drill import run_drill
from ops.failover.example import REGIONS, example_topology
from ops.failover.report import DrillReport
from ops.failover.scenario import Action, Criterion, Event, Scenario, Watch
from ops.failover.scenarios import built_in_scenarios
from ops.failover.timeline import draw
from ops.failover.topology import Topology

SVG = "{http://www.w3.org/2000/svg}"
A, B, C = REGIONS
FAILED_COLOUR = "#d62728"


def report(scenario: str | Scenario, topology: Topology | None = None) -> DrillReport:
    chosen = topology or example_topology()
    course = built_in_scenarios(chosen)[scenario] if isinstance(scenario, str) else scenario
    with memory_backends(chosen.regions) as backends:
        return run_drill(chosen, course, InstantClock(), backends)


def rectangles(picture: ElementTree.Element) -> list[dict[str, str]]:
    return [dict(found.attrib) for found in picture.iter(f"{SVG}rect")]


def texts(picture: ElementTree.Element) -> list[str]:
    return [found.text or "" for found in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", sorted(built_in_scenarios(example_topology())))
def test_everything_lies_within_the_picture(name: str) -> None:
    picture = ElementTree.fromstring(draw(report(name)))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for rectangle in rectangles(picture):
        left, top = float(rectangle.get("x", 0)), float(rectangle.get("y", 0))
        assert left >= 0
        assert left + float(rectangle["width"]) <= width
        assert top >= 0
        assert top + float(rectangle["height"]) <= height
    for found in picture.iter(f"{SVG}text"):
        # About seven pixels a character; the title's are larger.
        length = len(found.text or "") * (9.5 if found.get("font-weight") else 7)
        x = float(found.attrib["x"])
        left = {"end": x - length, "middle": x - length / 2}.get(found.get("text-anchor", "start"), x)
        assert left >= 0, found.text
        assert left + length <= width, found.text


def test_the_area_of_failures_is_their_number() -> None:
    drilled = report("loss-of-primary")
    picture = ElementTree.fromstring(draw(drilled))
    failures = sum(counts.get("failed", 0) for second in drilled.seconds for counts in second.counts.values())
    # Four clients near each region: a request is a quarter of a panel of 70 pixels, a second is five wide.
    drawn = [
        float(rectangle["width"]) * float(rectangle["height"]) / (5 * 70 / 4)
        for rectangle in rectangles(picture)
        if rectangle.get("fill") == FAILED_COLOUR and float(rectangle["width"]) == 5
    ]
    assert sum(drawn) == pytest.approx(failures, rel=0.01)


def test_the_picture_names_events_regions_and_measured_times() -> None:
    drilled = report("return-to-service")
    found = texts(ElementTree.fromstring(draw(drilled)))
    assert found[0] == "The primary region is lost and comes back: passed"
    for expected in (
        f"lose: {A}",
        f"restore: {A}",
        "recovered",
        "returned",
        *(f"health of {name}" for name in REGIONS),
    ):
        assert expected in found
    (recovered,) = (m for m in drilled.measurements if m.criterion is Criterion.RECOVERED)
    assert f"{recovered.value:.1f} s of 78 s" in found


def test_the_lane_of_a_region_is_red_while_the_name_servers_hold_it_to_be_unhealthy() -> None:
    drilled = report("operator-switch")
    out, back = (change.at for change in drilled.changes if change.region == A and change.published)
    lanes = [
        rectangle
        for rectangle in rectangles(ElementTree.fromstring(draw(drilled)))
        if rectangle.get("fill") == FAILED_COLOUR and rectangle["height"] == "16"
    ]
    assert [float(lane["width"]) for lane in lanes] == [pytest.approx((back - out) * 5, abs=0.1)]


def test_a_missed_limit_is_red_and_a_recovery_that_never_came_says_so() -> None:
    everything_lost = Scenario(
        name="lost",
        title="Everything <lost> & gone",
        duration=60,
        events=(Event(at=10, action=Action.LOSE, regions=REGIONS),),
        watches=(Watch(criterion=Criterion.RECOVERED, start=10, end=60),),
    )
    found = texts(ElementTree.fromstring(draw(report(everything_lost))))
    assert found[0] == "Everything <lost> & gone: FAILED"
    assert "never of 78 s" in found


def test_the_table_shares_lines_among_seconds_in_which_nothing_changed() -> None:
    drilled = report("loss-of-primary")
    lines = drilled.text().splitlines()
    assert lines[0] == "loss-of-primary: Loss of the primary region: passed"
    assert f"     30 s  lose: {A}" in lines
    head = next(index for index, line in enumerate(lines) if line.startswith("  seconds"))
    rows = [re.split(r"\s{2,}", line.strip()) for line in lines[head + 1 :]]
    assert rows[0] == ["0-29", f"{A} 4", f"{B} 4", f"{C} 4"]
    assert rows[1][1:] == ["failed 4", f"{B} 4", f"{C} 4"]
    assert rows[-1][1:] == [f"{B} 4", f"{B} 4", f"{C} 4"]
    covered = [second for row in rows for second in _span(row[0])]
    assert covered == list(range(128))


def _span(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)
