"""One module per format; each turns a source into records that know their place."""
