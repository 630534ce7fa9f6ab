"""Curves and progress from events."""

import math

from hypothesis import example, given
from hypothesis import strategies as st

from intern.runs import events as e
from intern.runs.events import Event
from intern.ui.charts import chart, nice_ticks, tick_label
from intern.ui.training import LOG_LINES, POINTS, Curve, Training


def train(*timed: tuple[float, e.EventPayload]) -> Training:
    training = Training()
    for seq, (time, body) in enumerate(timed, 1):
        training.apply(Event(run_id="r", seq=seq, time=time, body=body))
    return training


def job(phase: str, **more: object) -> e.Job:
    return e.Job.model_validate(
        {"job_id": "j", "spec_id": "s", "seed": 3, "backend": "local", "phase": phase, "total_steps": 100} | more
    )


def metric(step: int, value: float = 1.0) -> e.Metric:
    return e.Metric(job_id="j", seed=3, step=step, name="loss", value=value)


def test_progress_and_time_left():
    view = train((0, job("submitted")), (10, job("started")), (20, metric(5)), (30, metric(25))).jobs["j"]
    assert view.fraction == 0.25
    assert view.left() == 37.5  # 2 steps a second; the ten seconds before the first step do not count
    assert view.elapsed(now=40) == 30


def test_time_left_counts_from_where_a_job_was_resumed():
    events = (0, job("started")), (10, metric(50)), (100, job("resumed")), (108, metric(60)), (118, metric(80))
    assert train(*events).jobs["j"].left() == 10.0


def test_time_left_is_not_guessed():
    assert train((0, job("started")), (10, metric(5))).jobs["j"].left() is None


def test_a_finished_job_is_full_and_has_its_time():
    view = train((0, job("started")), (9, metric(90)), (10, job("finished", exit_status=0, seconds=9.5))).jobs["j"]
    assert (view.fraction, view.elapsed(), view.left()) == (1.0, 9.5, None)


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    curve = Curve(seed=1)
    for step in range(10 * POINTS):
        curve.add(step, float(step))
    assert len(curve.points) < 2 * POINTS
    assert curve.points[0][0] == 0 and curve.points[-1][0] == 10 * POINTS - 1


def test_the_curve_of_an_edited_program_takes_the_others_place():
    curve = Curve(seed=1)
    for step, value in ((1, 9.0), (20, 8.0), (1, 3.0), (20, 2.0)):
        curve.add(step, value)
    assert curve.points == [(1, 3.0), (20, 2.0)]


def test_the_log_is_bounded_and_says_who_speaks():
    lines = [(0.0, e.LogLine(job_id="j", text=f"line {n}")) for n in range(LOG_LINES + 5)]
    training = train((0, job("started")), *lines)
    assert len(training.log) == LOG_LINES and training.log_dropped == 6
    assert training.log[-1] == f"seed 3 │ line {LOG_LINES + 4}"


def test_a_chart_survives_odd_numbers():
    curve = Curve(seed=1, points=[(1, math.nan), (2, math.inf), (3, 0.5), (4, 0.5)])
    text = str(chart("loss", [curve]))
    assert "polyline" in text and "nan" not in text.split("<svg")[1] and "inf" not in text.split("<svg")[1]
    assert chart("loss", [Curve(seed=1, points=[(1, math.nan)])]) == ""
    assert "circle" in chart("loss", [Curve(seed=1, points=[(1, 2.0)])])


def test_one_share_is_seen_between_nothing_and_all():
    text = str(chart("accuracy", [Curve(seed=1, points=[(100, 0.0)])]))
    assert 'data-y0="0.0"' in text and 'data-y1="1.0"' in text
    assert nice_ticks(0.62, 0.62)[0] == 0 and nice_ticks(0.62, 0.62)[-1] == 1
    assert nice_ticks(3e-4, 3e-4)[-1] < 1e-3
    assert ">101<" not in text


def test_small_numbers_have_short_labels_and_all_labels_have_room():
    assert [tick_label(value) for value in (0.000275, 0.0003, 0.25, 0.0)] == ["2.75e-4", "3e-4", "0.25", "0"]
    text = str(chart("learning_rate", [Curve(seed=1, points=[(1, 3e-4), (2, 2e-4)])]))
    assert int(text.split('data-left="')[1].split('"')[0]) > 60


def test_a_long_curve_is_a_small_drawing():
    curves = [Curve(seed=n, points=[(step, 1 / (step + 1)) for step in range(799)]) for n in (1, 2)]
    assert len(chart("loss", curves)) < 10_000


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
@example(5e-324, 0.0)
@example(0.0, 1e-15)
def test_ticks_enclose_the_values(low: float, span: float):
    ticks = nice_ticks(low, low + span)
    assert 2 <= len(ticks) <= 12 and len(set(ticks)) == len(ticks)
    assert ticks[0] <= low + abs(low) * 1e-6 + 1e-9 and ticks[-1] >= (low + span) - abs(low + span) * 1e-6 - 1e-9
