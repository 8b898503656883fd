"""Renders lifters with known joints, angles and faults, to test the product on."""
