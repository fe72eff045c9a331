"""The control application: assembles its routes; what they do is in control_*.py."""

from fastapi import FastAPI

from sandbox import control_events, control_faults, control_logins, control_page, control_people, control_tenants
from sandbox.controls import Controls
from sandbox.public import speak_like_workos


def control_app(controls: Controls) -> FastAPI:
    """Return the application behind the control port; its own documentation is at `/docs`."""
    app = FastAPI(title="WorkOS sandbox control", description="Changes the stand-in while a test or demo runs.")
    app.state.controls = controls
    for room in (control_page, control_tenants, control_people, control_logins, control_events, control_faults):
        app.include_router(room.router)
    speak_like_workos(app)
    return app
