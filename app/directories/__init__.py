"""The mirror of the customers' directories, as WorkOS tells it.

Promises: a directory belongs to the organization that WorkOS says, and once a linked one
has completed its first sync it decides who works there; until then a sign-in's own groups do.
Roles follow ordered rules of which the first that matches wins, and nothing is accumulated.

Decided: rules are pure (`rules.py`) and serve sign-in and sync alike, so there is one way
for a group to become a role. Refused: roles by WorkOS's own role slugs (one method only).
"""
