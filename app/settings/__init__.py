"""Platform settings: which WorkOS credentials are in force, and what the platform decides beyond the environment.

Promises: the rest of the gateway asks the `WorkOSSource` port and never sees a credential.
Without complete credentials the routes that need WorkOS answer `settings_incomplete` with
what is missing, and everything else works.

Decided: the adapter is made from the credentials in force in one file (`gateway.py`); they are
the environment's, read at start. The encryption keys are proven against a canary at every start.
Refused: reading credentials anywhere else.
"""
