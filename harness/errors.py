"""What can go wrong for a user: one exception per exit code, each message one sentence with the way out."""

from __future__ import annotations


class HarnessError(Exception):
    """Base of every error that the command line shows as one sentence, without a traceback."""

    exit_code = 1


class UnexpectedResult(HarnessError):
    """A cell did not behave as its case says (exit code 1)."""

    exit_code = 1


class UsageError(HarnessError):
    """The user's input is wrong: a header, a selector, an identifier, a file (exit code 2)."""

    exit_code = 2


class NoEvidence(HarnessError):
    """Evidence was asked for and could not be had or kept (exit code 3)."""

    exit_code = 3


class Interrupted(HarnessError):
    """Stopped by the user; what had finished is stored (exit code 130)."""

    exit_code = 130
