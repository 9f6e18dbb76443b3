package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/tee"
)

// The sources of settings.
const (
	fromFlag        = "flag"
	fromEnvironment = "environment"
	fromDefault     = "default"
)

// tellSettings lists what the flags say, and for those of the environment
// that it did. Commands are no settings, and a DSN may hold a password.
func (o *options) tellSettings(f *flag.FlagSet, said map[string]bool, env func(string) string) {
	variables := map[string][]string{"addr": {"HOST", "PORT"}, "dsn": {envDSN}}
	f.VisitAll(func(f *flag.Flag) {
		if slices.Contains([]string{"version", "rotate-key", "new-admin-token"}, f.Name) {
			return
		}
		s := admin.Setting{Name: f.Name, Value: f.Value.String(), Source: fromDefault}
		switch f.Name {
		case "addr":
			s.Value = o.addr
		case "logs":
			s.Value = o.logs
		case "dsn":
			s.Value = o.dsn != ""
		case "trusted-proxies":
			s.Value = fmt.Sprint(o.trustedProxies)
		case "tee-paths":
			s.Value = strings.Join(o.teePaths, ",")
		case "tee-networks":
			s.Value = tellGuard(o.teeNetworks)
		default:
			if typed, ok := f.Value.(flag.Getter); ok && isPlain(typed.Get()) {
				s.Value = typed.Get()
			}
		}
		if said[f.Name] {
			s.Source = fromFlag
		} else if slices.ContainsFunc(variables[f.Name], func(name string) bool { return env(name) != "" }) {
			s.Source = fromEnvironment
		}
		o.settings = append(o.settings, s)
	})
}

// tellGuard lists the networks as -tee-networks takes them.
func tellGuard(g tee.Guard) string {
	var list []string
	if g.AllowPrivate {
		list = append(list, "private")
	}
	for _, network := range g.Allow {
		list = append(list, network.String())
	}
	return strings.Join(list, ",")
}

// isPlain reports a value that JSON has too.
func isPlain(v any) bool {
	switch v.(type) {
	case bool, float64, string:
		return true
	}
	return false
}
