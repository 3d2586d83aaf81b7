"""Settings, wiring and commands: the only place that knows every part."""
