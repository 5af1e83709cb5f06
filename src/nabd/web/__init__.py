"""The face: one ASGI application that is the FHIR API and the console."""
