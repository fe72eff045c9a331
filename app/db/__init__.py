"""The ground floor for data: how a transaction is opened and what it may see.

Promises: the tenant of a transaction is set by Postgres-local configuration
(`app.org_id`), again after every commit, and never survives the transaction, so a
pooled connection carries nothing to its next user. Without a tenant every tenant
table shows nothing (fail closed).

Decided: row-level security with FORCE as the second wall behind scoped statements;
three runtime roles (gw_app, gw_worker, gw_platform) entered at connect by SET ROLE,
never per request. Refused: BYPASSRLS anywhere, ContextVars for the tenant (a
background task may inherit them), and SET without LOCAL (it leaks through the pool).
"""
