from dataclasses import dataclass
from hipform.exercises.base import Exercise


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    exercise: Exercise
    start_s: float
    confidence: float | None = None
