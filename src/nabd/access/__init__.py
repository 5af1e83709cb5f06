"""The door: who asks, what they may see, why, and the audit of every access."""
