"""What can be wrong with a profile, for people."""


class ProfileError(Exception):
    """A file of the profile cannot be used. The text names it and says, in plain words, what to do."""
