"""Pictures made larger, tile by tile, from file to file."""
