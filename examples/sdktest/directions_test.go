package sdktest

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/transform"
)

var update = flag.Bool("update", false, "write the table of directions into the documentation")

// A feature is one thing that callers ask for, and a column of the table in the
// documentation.
type feature struct {
	column string
	answer func(*routextest.Call) routextest.Answer // nil means the provider's own
	// try asks in one direction, and reports whether everything came
	// through. What does not come through has to be in the Decision.
	try func(t *testing.T, s *setting) bool
	// cannot reports a caller whose protocol, or SDK, has no words for it,
	// or a channel.
	cannot func(c client, u upstream) bool
	// only is "stream" or "unary" for what concerns one of them.
	only string
	// everywhere also asks the variants of the four protocols.
	everywhere bool
}

func features() []feature {
	return slices.Concat(talkFeatures(), toolFeatures(), reasoningFeatures(), failureFeatures())
}

// Every feature is asked of every kind of channel by every SDK, unary and
// streaming. What was seen is compared with the table in the documentation.
func TestEveryDirection(t *testing.T) {
	seen := newTable()
	for _, f := range features() {
		t.Run(f.column, func(t *testing.T) {
			for _, c := range clients() {
				for _, u := range upstreams() {
					if u.own || f.everywhere {
						f.ask(t, c, u, seen)
					}
				}
			}
		})
	}
	if !t.Failed() {
		seen.compare(t)
	}
}

// inBubble runs a subtest in which no pause takes any time.
func inBubble(t *testing.T, name string, f func(*testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// ask tries the feature in one direction.
func (f feature) ask(t *testing.T, c client, u upstream, seen *table) {
	if f.cannot != nil && f.cannot(c, u) {
		seen.note(c, u, f.column, "–")
		return
	}
	for _, stream := range []bool{false, true} {
		if f.only == "stream" && !stream || f.only == "unary" && stream {
			continue
		}
		name := c.name + " to " + u.name
		if stream {
			name += ", streaming"
		}
		inBubble(t, name, func(t *testing.T) {
			s := newSetting(t, c, u, stream, f.answer)
			carried := f.try(t, s)
			cell := s.cell(carried)
			if cell == "" {
				t.Errorf("something was lost in silence\nsent %s\ngot %s", s.sent().Raw, s.got.text())
				return
			}
			if !seen.note(c, u, f.column, cell) {
				t.Errorf("%s, but not so without the stream", cell)
			}
			seen.explain(f.column, s.lost())
		})
	}
}

// cell is what the table says of a try; "" for what must not be.
func (s *setting) cell(carried bool) string {
	d := s.decision()
	switch {
	case d != nil && d.Status == 400 && s.provider.Count() == 0:
		return "refused"
	case len(s.lost()) > 0:
		return "reported"
	case carried:
		return "yes"
	}
	return ""
}

// A table collects what was seen.
type table struct {
	rows  []string
	cells map[string]string // by row and column
	why   map[string]bool   // lines of explanation
}

func newTable() *table {
	return &table{cells: make(map[string]string), why: make(map[string]bool)}
}

// note remembers a cell. It gives false if it was seen otherwise before.
func (t *table) note(c client, u upstream, column, cell string) bool {
	row := c.name + " → " + u.name
	if !slices.Contains(t.rows, row) {
		t.rows = append(t.rows, row)
	}
	before, ok := t.cells[row+column]
	t.cells[row+column] = cell
	return !ok || before == cell
}

func (t *table) explain(column string, losses []transform.Loss) {
	for _, l := range losses {
		t.why["- "+column+": "+l.Why] = true
	}
}

// text writes the table as Markdown.
func (t *table) text() string {
	var b strings.Builder
	head, line := "| caller → channel", "|---"
	for _, f := range features() {
		head, line = head+" | "+f.column, line+"|:-:"
	}
	b.WriteString(head + " |\n" + line + "|\n")
	for _, row := range t.rows {
		b.WriteString("| " + row)
		for _, f := range features() {
			b.WriteString(" | " + t.cells[row+f.column])
		}
		b.WriteString(" |\n")
	}
	b.WriteString("\nWhat was reported, and why:\n\n")
	lines := make([]string, 0, len(t.why))
	for line := range t.why {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	b.WriteString(strings.Join(lines, "\n") + "\n")
	return b.String()
}

const (
	protocolsFile = "../../docs/protocols.md"
	tableBegin    = "<!-- directions: written by go test ./examples/sdktest -update -->\n"
	tableEnd      = "<!-- end of directions -->\n"
)

// compare holds the table against the documentation, or writes it there.
func (t *table) compare(tb testing.TB) {
	tb.Helper()
	for _, row := range t.rows {
		for _, f := range features() {
			if own := strings.HasSuffix(row, " → azure") || strings.HasSuffix(row, " → zhipu") || strings.HasSuffix(row, " → custom"); t.cells[row+f.column] == "" && !own {
				tb.Log("only a part of the tests ran: the table is not compared")
				return
			}
		}
	}
	file, err := os.ReadFile(protocolsFile)
	if err != nil {
		tb.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(file), tableBegin)
	old, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		tb.Fatalf("%s has no place for the table", protocolsFile)
	}
	if want := t.text(); old != want && !*update {
		tb.Errorf("%s says something else than what was seen; write it anew with go test ./examples/sdktest -update\n%s", protocolsFile, want)
	} else if old != want {
		if err := os.WriteFile(protocolsFile, []byte(before+tableBegin+want+tableEnd+after), 0o644); err != nil { //nolint:gosec // documentation
			tb.Fatal(err)
		}
	}
}
