"""Segmentation: turning points of one signal, and the movements between them."""
