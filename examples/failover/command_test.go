package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheCommandLine(t *testing.T) {
	for args, want := range map[string]string{
		"-help":                           "",
		"-profile long":                   "no profile long",
		"-only S17":                       "no such scenario",
		"-caller telex":                   "no such scenario or protocol",
		"-only S08 more":                  "no such scenario",
		"-parallel 0":                     "no such scenario",
		"-nothing":                        "-nothing",
		"-only S08 -server /nonexistent/": "/nonexistent/",
	} {
		code := map[bool]int{true: 0, false: 2}[args == "-help"]
		if strings.Contains(args, "-server") {
			code = 1
		}
		var out, problems bytes.Buffer
		if got := run(strings.Fields(args), &out, &problems); got != code || !strings.Contains(problems.String(), want) {
			t.Errorf("%s: exit status %d, want %d: %s", args, got, code, problems.String())
		}
	}
}

// A part of what the command does, against a server that it builds.
func TestTheServerSurvivesInRealTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the server")
	}
	program, err := build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"-only S03 -caller chat", "-only S08 -caller anthropic", "-only S10 -channel gemini", "-only S16 -channel responses"} {
		var out, problems bytes.Buffer
		code := run(append(strings.Fields(args), "-server", program), &out, &problems)
		if code != 0 || !strings.Contains(out.String(), "4 cells: 4 pass") {
			t.Errorf("%s: exit status %d\n%s%s", args, code, out.String(), problems.String())
		}
	}
}
