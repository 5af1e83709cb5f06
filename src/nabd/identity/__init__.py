"""Who is who: the identity slice."""
