"""The mirror of the customers' directories, as WorkOS tells it, and what it means for people.

Promises: older news never overwrites newer, whoever brings it; who is gone leaves a tombstone, and only newer news
brings them back, without their old roles and sessions; that somebody left counts whenever it is told, and whom a whole
listing did not hold only what happened after it lets in. Who loses access loses every session in that transaction. Once
a linked directory was read whole it decides roles; until then a sign-in's own groups do. Nothing broken empties a
directory.

Decided: one way for a person to change: events (`mirror.py`) and listings (`sync.py`: read by `fetching.py`, written by
`applying.py`) change rows of the mirror, and `settling.py` makes people, roles and sessions follow them, in SQL, as
many as there are. A plan is the real thing rolled back, so what is confirmed is what was shown. A name is held for the
rules by the group that was first seen with it.
Refused: roles by WorkOS's own role slugs (one method only), roles that accumulate.
"""
