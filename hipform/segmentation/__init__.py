"""Repetitions: turns of one signal, and what is measured between them."""
