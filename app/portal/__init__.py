"""Links into WorkOS's Admin Portal, where a customer's administrator connects SSO, a directory and the rest.

Promises: a link is of the caller's own organization (of any, for a platform administrator; of the platform's own, for
nobody else), leads back to us only, is answered once and kept nowhere: the audit row, which is committed before the
answer, has its SHA-256. WorkOS is asked with no transaction open. Whoever signed in more than 15 minutes ago signs in
again first. Whoever is shut out, or is an administrator no more, loses their links of the last day at WorkOS, and the
visits that began with them: that is written into the outbox by the transaction that shuts them out.

Decided: every link carries our id of the person it is made for, because WorkOS revokes no other. `POST
/api/directories` needs `portal:link` like everything that hands out a link: else `directories:sync` would open the
portal by another door. Refused: sending links by e-mail, listing them, asking WorkOS a second time.
"""
