"""Puts a release of the site into a region's bucket, and lets the edges forget the one before."""
