"""F1's table: what each route answers to whom. A route that you add gets a line here, and a body in F12 or E1."""

from typing import Final

CALLERS: Final = ("anonymous", "member", "user", "admin", "other", "platform", "service")
"""Nobody; a member, a client user and a client admin of the tenant that the objects belong to; the client admin of
another tenant; a platform admin; a backend service with both scopes."""

# Ids in a path are the first tenant's; a list shows everybody what is theirs.
#                                                                      nobody mbr  usr  adm  oth  plt  svc
_GUARDED: Final = """
GET    /auth/session                                                           401  200  200  200  200  200  401
GET    /auth/sessions                                                          401  200  200  200  200  200  401
DELETE /auth/sessions                                                          401  200  200  200  200  200  401
DELETE /auth/sessions/{session_id}                                             401  404  404  204  404  404  401
POST   /auth/introspect                                                        401  401  401  401  401  401  200
POST   /auth/revoke                                                            401  401  401  401  401  401  200
GET    /auth/revocations                                                       401  401  401  401  401  401  200
GET    /api/providers                                                          401  200  200  200  200  200  401
GET    /api/auth/sso/connections                                               401  403  403  200  200  200  401
POST   /api/auth/sso/connections                                               401  403  403  200  200  200  401
GET    /api/auth/sso/connections/{connection_id}                               401  403  403  200  404  200  401
POST   /api/auth/sso/connections/{connection_id}                               401  403  403  200  404  200  401
POST   /api/auth/sso/connections/{connection_id}/test                          401  403  403  200  404  200  401
GET    /api/auth/sso/tests/{test_id}                                           401  403  403  200  404  200  401
GET    /api/diagnostics/sign-in                                                401  403  403  200  200  200  401
GET    /api/organizations                                                      401  403  200  200  200  200  401
POST   /api/organizations                                                      401  403  403  403  403  201  401
GET    /api/organizations/{organization_id}                                    401  403  200  200  404  200  401
PATCH  /api/organizations/{organization_id}                                    401  403  403  403  403  200  401
GET    /api/settings/workos                                                    401  403  403  403  403  200  401
PATCH  /api/settings/workos                                                    401  403  403  403  403  200  401
POST   /api/settings/workos/verify                                             401  403  403  403  403  200  401
POST   /api/settings/workos/rotate                                             401  403  403  403  403  200  401
POST   /api/portal/links                                                       401  403  403  200  404  200  401
GET    /api/users                                                              401  403  403  200  200  200  401
GET    /api/users/{person_id}                                                  401  403  403  200  404  200  401
PATCH  /api/users/{person_id}                                                  401  403  403  200  404  200  401
PUT    /api/users/{person_id}/roles                                            401  403  403  200  404  200  401
GET    /api/users/{person_id}/roles/explain                                    401  403  403  200  404  200  401
GET    /api/users/{person_id}/sessions                                         401  403  403  200  404  200  401
DELETE /api/users/{person_id}/sessions                                         401  403  403  200  404  200  401
DELETE /api/users/{person_id}/sessions/{session_id}                            401  403  403  204  404  204  401
GET    /api/directories                                                        401  403  200  200  200  200  401
POST   /api/directories                                                        401  403  403  200  404  200  401
GET    /api/directories/{directory_id}                                         401  403  200  200  404  200  401
GET    /api/directories/{directory_id}/users                                   401  403  200  200  404  200  401
GET    /api/directories/{directory_id}/users/{user_id}                         401  403  200  200  404  200  401
GET    /api/directories/{directory_id}/groups                                  401  403  200  200  404  200  401
GET    /api/directories/{directory_id}/groups/{group_id}/users                 401  403  200  200  404  200  401
POST   /api/directories/{directory_id}/sync                                    401  403  403  202  404  202  401
GET    /api/directories/{directory_id}/syncs                                   401  403  200  200  404  200  401
GET    /api/directories/{directory_id}/syncs/{run_id}                          401  403  403  200  404  200  401
POST   /api/directories/{directory_id}/syncs/{run_id}/confirm                  401  403  403  202  404  202  401
POST   /api/directories/{directory_id}/syncs/{run_id}/cancel                   401  403  403  202  404  202  401
GET    /api/organizations/{organization_id}/role-mappings                      401  403  403  200  404  200  401
PUT    /api/organizations/{organization_id}/role-mappings                      401  403  403  200  404  200  401
POST   /api/organizations/{organization_id}/role-mappings/preview              401  403  403  200  404  200  401
GET    /api/organizations/{organization_id}/attribute-mappings                 401  403  403  200  404  200  401
PUT    /api/organizations/{organization_id}/attribute-mappings                 401  403  403  200  404  200  401
GET    /api/organizations/{organization_id}/sso                                401  403  403  200  404  200  401
PATCH  /api/organizations/{organization_id}/sso                                401  403  403  200  404  200  401
PUT    /api/organizations/{organization_id}/sso/configuration                  401  403  403  200  404  200  401
GET    /api/webhooks/completeness                                              401  403  403  200  200  200  401
GET    /api/webhooks/events                                                    401  403  403  200  200  200  401
GET    /api/webhooks/events/{event_id}                                         401  403  403  200  404  200  401
POST   /api/webhooks/events/{event_id}/replay                                  401  403  403  403  403  202  401
GET    /api/integrations/workos/status                                         401  403  403  200  200  200  401
GET    /api/audit/events                                                       401  403  403  200  200  200  401
GET    /api/service-clients                                                    401  403  403  403  403  200  401
POST   /api/service-clients                                                    401  403  403  403  403  201  401
GET    /api/service-clients/{client_id}                                        401  403  403  403  403  200  401
DELETE /api/service-clients/{client_id}                                        401  403  403  403  403  204  401
POST   /api/service-clients/{client_id}/rotate                                 401  403  403  403  403  200  401
GET    /api/audit/events/export                                                401  403  403  200  200  200  401
GET    /api/audit/verify                                                       401  403  403  200  200  200  401
POST   /api/audit/alerts/{alert_id}/acknowledge                                401  403  403  403  403  200  401
"""

# Open to anyone: no token is looked at, and so everybody is answered the same. By its cookie a browser is known.
_OPEN: Final = """
GET    /auth/sso                                                               400
POST   /auth/sso/continue                                                      415
POST   /auth/discover                                                          200
GET    /auth/callback/workos                                                   400
POST   /auth/token                                                             401  200  200  200  200  200  401
POST   /auth/logout                                                            401  200  200  200  200  200  401
POST   /auth/break-glass                                                       400
GET    /.well-known/jwks.json                                                  200
GET    /.well-known/oauth-authorization-server                                 200
POST   /webhooks/workos                                                        401
GET    /healthz                                                                200
GET    /readyz                                                                 200
"""


def _rows(table: str) -> dict[tuple[str, str], tuple[int, ...]]:
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for method, path, *cells in (line.split() for line in table.strip().splitlines()):
        assert (method, path) not in found, f"{method} {path} is in the table twice"
        found[method, path] = tuple(int(cell) for cell in cells)
    return found


GUARDED: Final = _rows(_GUARDED)
OPEN: Final = {route: cells if len(cells) > 1 else cells * len(CALLERS) for route, cells in _rows(_OPEN).items()}
EXPECTED: Final[dict[tuple[str, str], dict[str, int]]] = {
    route: dict(zip(CALLERS, cells, strict=True)) for route, cells in (GUARDED | OPEN).items()
}
"""By route and caller, the status of the answer."""
