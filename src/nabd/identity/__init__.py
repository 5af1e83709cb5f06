"""Identity: who is who, among people, professionals and facilities."""
