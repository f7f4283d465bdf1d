"""Gradient descent as it stands in the cells of a notebook."""
