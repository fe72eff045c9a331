"""The gateway's own program, but WorkOS is asked as fast as it answers: for a stand-in of WorkOS on this machine.

WorkOS allows four requests a second on one directory (`app/workos/pace.py`), so what a full sync costs here would
vanish behind waiting. There is no setting for it that production could get wrong: this file, which no package holds,
puts another pace in the adapter's place and then runs the program as it is.
"""

from app import cli
from app.workos import client
from app.workos.pace import Pace


class NoPace(Pace):
    """Never makes anybody wait."""

    def wait(self, key: str, now: float) -> float:
        """Return 0."""
        del key, now
        return 0.0


if __name__ == "__main__":
    client.Pace = NoPace
    cli.main()
