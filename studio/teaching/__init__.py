"""Teaching a base a style: what trainings are made of that takes several domains."""
