"""The two families of errors, named by whose fault it was; what stands in neither is a fault of the program."""


class Refused(Exception):
    """What a caller sent or asked cannot be; the message says what was wrong, where, and what to do."""


class Unavailable(Exception):
    """Something around us failed; the message says what, where, and what to do."""
