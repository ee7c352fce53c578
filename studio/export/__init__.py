"""From the studio into a game: names, engines' own files, what says where they come from."""
