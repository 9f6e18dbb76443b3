package main

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/dctx-team/routex/examples/server/logs"
	"github.com/dctx-team/routex/examples/server/tees"
)

// drainTees is how long tees may deliver what they have when the server stops.
const drainTees = 10 * time.Second

// openTees gives the tees, of which there are none until the management API
// knows of some.
func (o *options) openTees(log *logs.Log) *tees.Set {
	return tees.New(tees.Options{
		Roots: append([]string{o.data, defaultLogs}, slices.DeleteFunc(slices.Clone(o.teePaths), func(dir string) bool { return dir == "" })...),
		Guard: o.teeNetworks, Spools: filepath.Join(o.data, "spool"), Logger: log.Module(logs.ModuleServer),
	})
}

// closeTees lets the tees deliver what waits. What a destination that is down
// does not take is no failure of the server's.
func (o *options) closeTees(copies *tees.Set) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTees)
	defer cancel()
	if err := copies.Close(ctx); err != nil {
		o.logger.Warn("not everything was delivered by the tees", "error", err)
	}
}
