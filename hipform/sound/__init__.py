"""What the lifter hears: the system's voice or tones, beside everything else and never in its way."""

from hipform.sound.voice import SoundMode, Voice

__all__ = ["SoundMode", "Voice"]
