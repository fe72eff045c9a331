"""A tenant's people, as their administrators see and change them: /api/users.

Promises: whom an administrator shuts out stays out, whatever a directory or a sign-in says later, and loses every
session in that transaction; whom a directory removed comes back by a directory only. Nobody gives or takes a role
above their own, shuts out somebody above them, or themselves. The last administrator goes only when that is said twice.

Decided: manual roles are kept apart from the mapped one, and added to it. An explanation of a role is read from what
settling wrote (`directory_groups.rule_position`), never derived a second time, so it cannot tell another story. Every
change waits for the tenant's mirror: the mirror's word and the administrators that are left are then those of now.
Refused: editing names and addresses here; they are the directory's, or the identity provider's.
"""
