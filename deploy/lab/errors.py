"""What goes wrong in a lab: the text says what, where, and what to do, and is printed as it is."""


class LabError(Exception):
    """A mistake of the caller, or of the machine."""


class NetworkError(LabError):
    """The network could not be made or entered."""


class ServerFailed(LabError):
    """A server ended or did not answer; the text has the end of its log."""


class ZoneError(LabError):
    """A zone could not be changed; nothing of the change was kept."""
