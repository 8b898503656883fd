"""Exercises, rules and settings as data for other programs."""

from __future__ import annotations

from hipform.config import SETTINGS, Settings
from hipform.exercises.declaration import Exercise


def settings_data(settings: Settings, exercise: Exercise | None = None) -> list[dict[str, object]]:
    """Return every setting with its value; only the limits of the rules of *exercise*, if one is given."""
    chosen = exercise.limits if exercise else SETTINGS.keys()
    return [
        {
            "key": key,
            "value": settings[key],
            "unit": setting.unit,
            "default": setting.default,
            "low": setting.low,
            "high": setting.high,
            "meaning": setting.meaning,
            "basis": setting.basis,
            "source": setting.source,
        }
        for key, setting in SETTINGS.items()
        if key in chosen
    ]


def exercise_data(exercise: Exercise, settings: Settings) -> dict[str, object]:
    """Return an exercise with its variants, its rules and the values of their limits."""
    return {
        "exercise": exercise.slug,
        "name": exercise.name,
        "purpose": exercise.purpose,
        "camera": exercise.camera.advice,
        "variants": [variant.name for variant in exercise.variants],
        "rules": [
            {
                "rule": rule.id,
                "title": rule.title,
                "reason": rule.reason,
                "cue": rule.cue,
                "severity": rule.severity.name.lower(),
                "limits": {key: settings[key] for key in rule.limits},
            }
            for rule in exercise.all_rules
        ],
    }
