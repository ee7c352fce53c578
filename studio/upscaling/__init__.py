"""Big pictures: a picture enlarged to any size, tile by tile, in the house style where it is
drawn."""
