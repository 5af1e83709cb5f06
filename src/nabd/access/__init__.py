"""The door: who asks, what they may see, why, and the audit of every access.

``rules`` says which role may do what; ``custody`` who answers for a resource; a ``Session`` puts
both into every read and write. Nothing above this room reaches health data in another way.
"""

from nabd.access.door import Door
from nabd.access.session import Session
from nabd.access.unit import Unit

__all__ = ["Door", "Session", "Unit"]
