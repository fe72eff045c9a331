"""How often a caller may ask: limits per kind of request and caller.

Promises: a caller beyond a limit is refused at once with how long to wait, and nobody else notices; a limiter that
cannot count refuses nobody; the memory it takes is bounded, however many addresses come.

Decided: windows of fixed length, which begin with a caller's first request. They cost one number per caller, and what
they let through at worst (twice the limit, around the end of a window) is what every limit here leaves room for.
Counted in this process, or in a Redis that all processes share (`RATE_LIMIT_URL`): by the storage and strategy of
the `limits` library there. In the process by a counter of our own, because the library's memory looks through all
callers at every request, keeps as many as come, and costs ten times as much as an answer may.
Refused: limits by what a caller says of itself (a header, a body), for everybody could be somebody else.
"""
