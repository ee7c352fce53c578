"""Characters: what one looks like, the poses of its walk and attack as data, and the matrix of its
cells, each drawn alone and brought into one palette, one height, one ground line."""
