package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheCommandLine(t *testing.T) {
	tests := map[string]struct {
		args string
		env  map[string]string
		code int
		out  string // in what is printed
	}{
		"version":                {"-version", nil, 0, "routex "},
		"help":                   {"-help", nil, 0, "-addr host:port"},
		"unknown flag":           {"-nothing", nil, 2, "-nothing"},
		"bad value":              {"-demo=maybe", nil, 2, `"maybe"`},
		"argument":               {"demo", nil, 2, `unexpected argument "demo"`},
		"no port":                {"-addr localhost", nil, 2, "-addr: "},
		"port by name":           {"-addr localhost:http", nil, 2, `"http" is not a port`},
		"PORT not a port":        {"", map[string]string{"PORT": "70000"}, 2, `HOST and PORT: "70000" is not a port`},
		"negative silence":       {"-keepalive -1s", nil, 2, "-keepalive: -1s is negative"},
		"no ping to begin with":  {"-keepalive 0 -early-commit", nil, 2, "-early-commit: "},
		"no such rescue":         {"-rescue sometimes", nil, 2, "-rescue: \"sometimes\" is neither rescue nor terminate"},
		"more than all":          {"-hedge 2", nil, 2, "-hedge: 2 is not a share"},
		"silence without a unit": {"-keepalive 15", nil, 2, "-keepalive"},
		"no file of rules":       {"-addr 127.0.0.1:0 -rules /nowhere/rules.yaml", nil, 1, "-rules: open /nowhere/rules.yaml"},
		"no file of prices":      {"-addr 127.0.0.1:0 -prices /nowhere/prices.yaml", nil, 1, "-prices: open /nowhere/prices.yaml"},
		"no proxy":               {"-trusted-proxies nginx", nil, 2, `"nginx" is neither an address nor a network`},
		"a short token":          {"", map[string]string{"ROUTEX_ADMIN_TOKEN": "admin"}, 2, "ROUTEX_ADMIN_TOKEN: a token of fewer than 16 characters"},
		"no directory":           {"-addr 127.0.0.1:0 -data=", nil, 2, "-data: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			code := run(strings.Fields(tt.args), func(name string) string { return tt.env[name] }, &out, &out)
			if code != tt.code || !strings.Contains(out.String(), tt.out) {
				t.Errorf("code %d, printed %q; want %d and %q", code, out.String(), tt.code, tt.out)
			}
		})
	}
}

func TestTheAddress(t *testing.T) {
	tests := map[string]struct {
		args, host, port string
		want             string
	}{
		"default":             {"", "", "", "127.0.0.1:3000"},
		"PORT":                {"", "", "8080", "127.0.0.1:8080"},
		"HOST":                {"", "0.0.0.0", "", "0.0.0.0:3000"},
		"HOST of version 6":   {"", "::1", "8080", "[::1]:8080"},
		"-addr wins":          {"-addr :9480", "0.0.0.0", "8080", ":9480"},
		"-addr hides mistake": {"-addr :9480", "", "nonsense", ":9480"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{"HOST": tt.host, "PORT": tt.port}
			var out bytes.Buffer
			o, err := parse(strings.Fields(tt.args), func(name string) string { return env[name] }, &out)
			if err != nil || o.addr != tt.want {
				t.Errorf("the address is %q (%v), want %q", o.addr, err, tt.want)
			}
		})
	}
}
