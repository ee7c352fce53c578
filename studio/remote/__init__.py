"""Machines elsewhere: what is said to them and how, and which ones the studio knows."""
