"""Ground: what every floor of one process stands on."""

from dataclasses import dataclass

from bench.floors.tokens import Keyring


@dataclass(frozen=True, slots=True)
class Ground:
    """Made once per process.

    `database` is a libpq URL, `origin` our own address (issuer), `twin` the port of `bench/twin.py` on 127.0.0.1,
    `variant` the name of another way to do the workload (`Workload.variants`), empty for the floor itself.
    """

    database: str
    origin: str
    twin: int
    keys: Keyring
    variant: str = ""
