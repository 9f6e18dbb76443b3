package main

import (
	"fmt"
	"io"
	"strings"
)

// A matrix holds the verdicts, by cell.
type matrix struct {
	cells    []cell
	verdicts map[string]verdict
}

func newMatrix(cells []cell) *matrix {
	return &matrix{cells: cells, verdicts: make(map[string]verdict)}
}

// count is the number of cells with a verdict.
func (m *matrix) count(v verdict) (n int) {
	for _, got := range m.verdicts {
		if got == v {
			n++
		}
	}
	return n
}

// print writes a line for each scenario and a column for each pair of
// protocols: the caller's above the channel's.
func (m *matrix) print(w io.Writer) {
	var columns []string
	rows := map[string]map[string]verdict{}
	var order []*scenario
	for i := range m.cells {
		c := &m.cells[i]
		column := short(c.caller.name) + ">" + short(c.channel.name)
		if rows[c.scenario.id] == nil {
			rows[c.scenario.id] = map[string]verdict{}
			order = append(order, &c.scenario)
		}
		if len(order) == 1 {
			columns = append(columns, column)
		}
		rows[c.scenario.id][column] = m.verdicts[c.name()]
	}
	_, _ = fmt.Fprintf(w, "caller>channel: A Anthropic, C Chat, R Responses, G Gemini\n%-34s %s\n", "", strings.Join(columns, "  "))
	for _, s := range order {
		_, _ = fmt.Fprintf(w, "%-34s", s.id+" "+s.name)
		for _, column := range columns {
			_, _ = fmt.Fprintf(w, " %-4.4s", rows[s.id][column])
		}
		_, _ = fmt.Fprintln(w)
	}
	_, _ = fmt.Fprintf(w, "%d cells: %d pass, %d partial, %d safe, %d fail\n", len(m.cells), m.count(pass), m.count(partial), m.count(safe), m.count(fail))
}

func short(protocol string) string { return strings.ToUpper(protocol[:1]) }
