"""Sound for the lifter: the system's voice or tones, without delaying anything else."""

from hipform.sound.voice import SoundMode, Voice

__all__ = ["SoundMode", "Voice"]
