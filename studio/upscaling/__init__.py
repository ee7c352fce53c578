"""Pictures enlarged tile by tile: from files into files, whatever draws the tiles."""
