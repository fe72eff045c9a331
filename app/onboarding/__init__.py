"""Tenants: create them, link them to WorkOS, import what WorkOS knows of them.

Promises: a tenant appears with its domains, connections and directories, all or nothing:
WorkOS is asked first, with no transaction open, and one unit writes. Linking the same
WorkOS organization again is refused; `refresh` brings an import up to date.

Decided: everything about a tenant that needs several rooms lives here, above them.
Refused: creating a tenant from a sign-in or a webhook that names an unknown one.
"""
