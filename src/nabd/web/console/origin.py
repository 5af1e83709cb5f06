"""Whether what is shown is synthetic: a demo says so on every page, so that nobody is misled."""

from __future__ import annotations

import time

from nabd.access import Door
from nabd.fhir.search import parse
from nabd.registry.names import BASE

TAG = f"{BASE}CodeSystem/origin|synthetic"
SECONDS = 60.0


class Origin:
    """Asks the store for a resource that is marked synthetic; an answer holds for a minute."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._until = 0.0
        self.synthetic = False

    async def look(self) -> bool:
        """Say whether a facility of the register is marked synthetic."""
        if time.monotonic() >= self._until:
            query = parse("Organization", [("_tag", TAG), ("_count", "1")])
            found = await self._door.system().search(query)
            self.synthetic = bool(found.matches)
            self._until = time.monotonic() + SECONDS
        return self.synthetic
