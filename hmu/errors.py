"""The errors that a caller may want to catch by kind; everything else that a user can cause is a ValueError."""


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the message names the file, what is wrong, and the remedy."""
