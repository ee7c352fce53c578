"""The commands of `python -m studio` beside those of `studio.cli`, one subject a module."""
