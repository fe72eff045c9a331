"""`python -m bench.faults.skewed SECONDS VERB ...`: the gateway on a machine whose clock is wrong by so much."""

import sys
import time
from collections.abc import Callable


def _shift(seconds: float) -> None:
    real: Callable[[], float] = time.time
    # Before anything of the gateway is imported: whoever keeps a reference keeps the wrong clock, as on that machine.
    time.time = lambda: real() + seconds


if __name__ == "__main__":
    _shift(float(sys.argv[1]))
    from app.cli import main  # noqa: E402, PLC0415, RUF100 -- after the clock went wrong

    sys.argv = ["memberpulse-auth", *sys.argv[2:]]
    main()
