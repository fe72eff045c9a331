"""The tenant: organizations, how their people sign in, which e-mail domains are theirs.

Promises: everything else in the gateway belongs to one organization, and a suspended one
lets nobody in. A domain lets people in only when WorkOS has verified it for this
organization and for no other: two claims on one domain cancel each other for provisioning.

Decided: the policy is a row of its own, because it is read at every sign-in and changed
almost never. The nil organization holds the break-glass person and is never listed.
Refused: looking a tenant up by an e-mail address (people move; domains are proven).
"""
