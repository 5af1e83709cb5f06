"""Who uses the API in the tests: one person per role and place."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from nabd.web.fhir.export.run import Exports

HOSPITAL, CLINIC = "hospital-rabat", "clinic-oujda"
CAST = {
    "amina": ("clinician", f"facility:{HOSPITAL}"),
    "bachir": ("insurer", "national"),
    "chahra": ("clinician", f"facility:{CLINIC}"),
    "djamel": ("planner", "national"),
    "ilham": ("integrator", "national"),
    "admin": ("admin", "national"),
}


@dataclass
class People:
    """A client for each of the cast, and one that is not signed in."""

    amina: httpx.AsyncClient
    bachir: httpx.AsyncClient
    chahra: httpx.AsyncClient
    djamel: httpx.AsyncClient
    ilham: httpx.AsyncClient
    admin: httpx.AsyncClient
    nobody: httpx.AsyncClient
    exports: Exports
