// Command failover plays every way in which a provider breaks against the
// server of examples/server.
package failover
