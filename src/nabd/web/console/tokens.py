"""How long an API token may last when it is made in the console."""

LASTING_DAYS = (30, 90, 365)
LASTING = {str(days): days for days in LASTING_DAYS}
