"""Who may do what: principals, the capability matrix, the FastAPI guards.

Promises: deny by default. A route under /api without a guard fails a test, a permission
missing from the matrix is held by nobody, and a client role acts only inside its own
organization: the reach of a permission (`all` or `own`) is data, not code at the door.

Decided: the roles that count are those of the live session, not those inside the
token, so a lowered role takes effect at once in this service although the token lives on.
Refused: HTTPException at the door (a Problem carries its remedy), and scopes in tokens.
"""
