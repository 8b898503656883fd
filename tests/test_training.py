"""What the user says of a training: read as meant, or refused with the reason."""

from datetime import UTC, datetime, timedelta

import pytest

from hipform import training
from hipform.errors import ConfigError
from hipform.training import DateSource, Load, LoadUnit, Training, training_facts
from hipform.video import origin
from hipform.video.camera import camera_info


def facts(athlete=None, load=None, note=None, date=None):
    return training_facts(athlete, load, note, date)


def test_nothing_said_is_nothing_known():
    assert facts() == Training()


@pytest.mark.parametrize(
    ("text", "kg", "shown"),
    [
        ("80kg", 80, "80 kg"),
        (" 82.5 KG ", 82.5, "82.5 kg"),
        ("82,5kg", 82.5, "82.5 kg"),
        ("20 kilos", 20, "20 kg"),
        ("175lb", 79.3787, "175 lb"),
        ("45 lbs", 20.4117, "45 lb"),
        ("100 Pounds", 45.3592, "100 lb"),
    ],
)
def test_a_load_is_kept_in_kilograms_and_shown_as_it_was_given(text, kg, shown):
    load = facts(load=text).load
    assert load.kg == pytest.approx(kg, abs=1e-4)
    assert str(load) == shown


@pytest.mark.parametrize(
    "text", ["80", "kg", "", "80 stone", "-5kg", "1e3kg", "80kg 20kg", "1.000.000kg", "nan kg", "\u0668\u0660kg"]
)
def test_a_load_that_may_mean_something_else_is_refused(text):
    with pytest.raises(ConfigError, match="80kg or 175lb"):
        facts(load=text)


@pytest.mark.parametrize("text", ["0kg", "1001kg", "3000 lb"])
def test_a_load_nobody_lifts_is_refused(text):
    with pytest.raises(ConfigError, match="out of bounds"):
        facts(load=text)


def test_names_and_notes_are_one_line_without_control_characters():
    found = facts(athlete="  Ana\tMaria ", note="felt good\n\x1b[31mhips\u202e tired")
    assert found.athlete == "Ana Maria"
    assert found.note == "felt good ?[31mhips? tired"


@pytest.mark.parametrize("option", ["athlete", "note"])
def test_empty_or_endless_words_are_refused(option):
    for text, reason in ((" \n", "empty"), ("x" * 1001, "more than")):
        with pytest.raises(ConfigError, match=f"--{option}.*{reason}"):
            facts(**{option: text})


def test_two_ways_to_write_an_accent_are_one_name():
    assert facts(athlete="Zoe\u0308").athlete == facts(athlete="Zo\u00eb").athlete


def test_a_date_is_local_time_unless_it_says_otherwise():
    found = facts(date="2026-03-21")
    assert found.recorded_from is DateSource.GIVEN
    assert found.recorded_at == datetime(2026, 3, 21).astimezone()
    assert facts(date="2026-03-21T18:30+02:00").recorded_at == datetime(2026, 3, 21, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("yesterday", "is not a date"),
        ("2026-13-01", "is not a date"),
        ("21.3.2026", "is not a date"),
        ("1926-03-21", "before 2000"),
        (f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}", "future"),
    ],
)
def test_a_date_that_cannot_be_is_refused(text, reason):
    with pytest.raises(ConfigError, match=reason):
        facts(date=text)


def test_a_clock_that_is_set_wrong_lets_no_date_pass_that_could_not_be_read_again(monkeypatch):
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2226, 12, 1, tzinfo=tz)

    monkeypatch.setattr(training, "datetime", Later)
    monkeypatch.setattr(origin, "datetime", Later)
    with pytest.raises(ConfigError, match="is in the future"):
        facts(date="2210-12-31")
    assert facts(date="2199-12-31").recorded_at.year == 2199
    assert camera_info("a camera", 64, 36, 30.0).recorded_at is None


def test_a_load_in_pounds_is_the_same_weight():
    assert Load(kg=LoadUnit.LB.kg * 100, unit=LoadUnit.LB).kg == pytest.approx(45.359237)
