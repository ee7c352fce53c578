"""Animations: frames and what is said of them, packed into sheets, moved, measured and written in
the formats that engines and editors read."""
