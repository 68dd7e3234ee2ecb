"""Builds the image, measures it and tries it out. `make image` runs it all."""
