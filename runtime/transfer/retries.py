"""When a failed transfer is tried again: what the source asks for, else pauses that grow, with jitter."""

from runtime.errors import CcaTedError, TransientError
from runtime.http import RefusedByFirewall

FIRST_PAUSE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 900.0
FIREWALL_FIRST_PAUSE_SECONDS = 300.0
FIREWALL_LONGEST_PAUSE_SECONDS = 2400.0


def is_final(error: Exception, attempt: int, attempts: int) -> bool:
    """Say whether an error is to be noted: trying again cannot help, or was the last try.

    What is not the project's own error is a fault of the code or of the machine, and is tried again.
    """
    return attempt >= attempts or (isinstance(error, CcaTedError) and not isinstance(error, TransientError))


def pause_seconds(error: Exception, attempt: int, jitter: float) -> float:
    """How long a message stays hidden before its next try.

    Parameters
    ----------
    attempt : number of the try that failed, from 1
    jitter : 0 to 1; half of a pause of ours is left to it, and up to a tenth is added to a pause that was asked for

    Returns
    -------
    seconds; 0 where trying again cannot help, so that the message soon reaches the dead letters
    """
    if isinstance(error, CcaTedError) and not isinstance(error, TransientError):
        return 0.0
    asked = error.attributes.get("retry_after") if isinstance(error, CcaTedError) else None
    if asked is not None and not isinstance(error, RefusedByFirewall):
        return float(asked) * (1 + jitter / 10) + 1
    first, longest = FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS
    if isinstance(error, RefusedByFirewall):
        first, longest = FIREWALL_FIRST_PAUSE_SECONDS, FIREWALL_LONGEST_PAUSE_SECONDS
    return min(first * 2.0 ** (attempt - 1), longest) * (0.5 + jitter / 2)
