"""Whether somebody answers at a port."""

import smtplib
import socket


def listens(address, port):
    """True if a connection is taken."""
    try:
        socket.create_connection((address, port), timeout=0.5).close()
        return True
    except OSError:
        return False


def greets(address, port):
    """True if an SMTP server answers NOOP."""
    try:
        with smtplib.SMTP(timeout=1.0) as client:
            client.connect(address, port)
            return client.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False
