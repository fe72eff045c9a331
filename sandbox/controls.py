"""Controls: everything that can be done to a twin from outside its public wire."""

from collections.abc import Callable
from typing import Any

from sandbox.certificates import CertificateControls
from sandbox.deliveries import AttemptLog
from sandbox.faults import Fault, FaultBook
from sandbox.hits import Hit, HitLog
from sandbox.listener import Listener
from sandbox.logins import LoginControls
from sandbox.outbox import Outbox
from sandbox.people import PeopleControls
from sandbox.planting import plant
from sandbox.seed import WorldSeed
from sandbox.tenants import TenantControls
from sandbox.webhooks import WebhookControls


class Controls(TenantControls, PeopleControls, LoginControls, CertificateControls, WebhookControls):
    """The verbs of tenants, people, logins and webhooks, with faults, hits, switches and the public port's doors."""

    def __init__(self, seed: WorldSeed) -> None:
        super().__init__(plant(seed))
        self._seed = seed
        self._given_endpoints: dict[str, str | None] = {}
        self._attempts = AttemptLog()
        self._outbox = Outbox(self.world, self._attempts)
        self.world.tell = self._outbox.take
        self._faults = FaultBook()
        self._hits = HitLog()
        self._listener: Listener | None = None
        # What a button broke, in words, and what undoes it (trouble.py).
        self.broken: dict[str, tuple[str, Callable[[], object]]] = {}

    @property
    def public_url(self) -> str:
        """The address of the public port; empty while the twin does not run."""
        return self._listener.url if self._listener else ""

    def reset(self, random_seed: int | None = None) -> None:
        """Back to the seed: state, ids, clock, faults, hits, events. Ports stay open, endpoints given at start stay."""
        if random_seed is not None:
            self._seed = self._seed.model_copy(update={"random_seed": random_seed})
        # Refilled rather than replaced: both applications and every caller hold on to this very object.
        fresh = vars(plant(self._seed)) | {"tell": self.world.tell}
        vars(self.world).update(fresh)
        self._outbox.clear()
        self._attempts.clear()
        for url, secret in self._given_endpoints.items():
            self._plant_endpoint(url, secret)
        self._faults.clear()
        self.broken.clear()
        self._hits.clear()
        self._hits.recording = True

    def give_endpoint(self, url: str, secret: str | None = None) -> None:
        """Register an endpoint that outlives a reset. The same URL again changes its secret."""
        self._given_endpoints[url] = secret
        for known in [each.id for each in self.world.endpoints.values() if each.endpoint_url == url]:
            self.remove_webhook_endpoint(known)
        self._plant_endpoint(url, secret)

    def _plant_endpoint(self, url: str, secret: str | None) -> None:
        # As if the seed had it: its instants follow from the seed too, so that two resets give the same state.
        self.world.planting = True
        try:
            self.add_webhook_endpoint(url, secret=secret)
        finally:
            self.world.planting = False

    def add_fault(self, route: str, kind: str, **order: Any) -> Fault:  # noqa: ANN401
        """Let a route go wrong; the fields are `Fault`'s. Returns the order, with the id to remove it by."""
        return self._faults.add(Fault.model_validate({"route": route, "kind": kind, **order}))

    def remove_fault(self, fault_id: int) -> None:
        """Remove one order."""
        self._faults.remove(fault_id)

    def clear_faults(self) -> None:
        """Remove all orders."""
        self._faults.clear()

    @property
    def faults(self) -> list[Fault]:
        """The orders in force."""
        return list(self._faults.orders)

    def hits(self, path: str | None = None, method: str | None = None) -> list[Hit]:
        """Return what reached the public port, oldest first, of one path and method when given."""
        return self._hits.of(path, method)

    def clear_hits(self) -> None:
        """Forget the hits."""
        self._hits.clear()

    def record_hits(self, *, on: bool) -> None:
        """Turn recording on or off (measurements want it off)."""
        self._hits.recording = on

    def set_switches(self, **switches: Any) -> None:  # noqa: ANN401
        """Set fields of `Switches`; raises `AttributeError` for a name that is none."""
        for name, value in switches.items():
            getattr(self.world.switches, name)
            setattr(self.world.switches, name, value)
        self._outbox.changed()

    async def refuse_connections(self) -> None:
        """Stop listening on the public port and drop its connections: WorkOS is down. The control port stays."""
        if self._listener:
            await self._listener.close()

    async def accept_connections(self) -> None:
        """Listen again, on the same port."""
        if self._listener:
            await self._listener.close()
            await self._listener.open()
