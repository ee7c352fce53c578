"""What a style draws, and files from elsewhere, made ready for the game: one picture, or many."""

from pages.finish import many, single, which
from studio.web import page_frame

with page_frame.page(
    "Finish", "Pixels on the grid, in the palette, with a clean outline."
) as studio:
    asked = which.asked(studio)
    if asked.one:
        single.show(studio, asked)
    elif asked.found:
        many.show(studio, asked)
    else:
        which.nothing(studio, asked)
