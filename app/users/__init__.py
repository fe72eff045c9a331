"""People: who they are inside one organization, and the identities by which they sign in.

Promises: a person belongs to exactly one organization; the same address or the same
`idp_id` elsewhere is somebody else. A user's id is the `sub` of tokens and is never
reassigned. A user who was deactivated is not brought back by signing in.

Decided: matching asks in a fixed order (identity, then the one candidate with the same
e-mail in a verified domain), always inside the tenant; several candidates are a conflict
for a person to solve, never a merge. Refused: linking accounts by e-mail across tenants
(the class of bug called nOAuth), and unique e-mails (people rename, addresses recycle).
"""
