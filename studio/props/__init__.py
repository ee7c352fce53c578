"""Props: things for the game, flat and in 3D, made from pictures and wishes."""
