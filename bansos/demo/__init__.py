"""Training data and the played-through chain."""
