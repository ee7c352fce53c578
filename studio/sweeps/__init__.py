"""Sweeps: several trainings of one style that look for the settings that suit it."""
