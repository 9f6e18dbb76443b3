package requests

// Prune is what the log does by itself every few seconds.
func (l *Log) Prune() { l.prune() }
