"""What is done to a picture after it was drawn, so that the game can take it."""
