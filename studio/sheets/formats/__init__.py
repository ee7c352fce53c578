"""Formats of animations, each read and written whole: what is lost is told."""
