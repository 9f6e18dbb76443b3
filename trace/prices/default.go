package prices

import (
	_ "embed" // of the table
	"sync"
)

//go:embed table.json
var text []byte

var embedded = sync.OnceValue(func() *Table {
	t, err := Parse(text)
	if err != nil {
		panic("prices: the table that is built in: " + err.Error()) // a test reads it
	}
	return t
})

// Default is the table that is built in: the list prices of the providers in
// US dollars. See [Table.Date] for how old it is.
func Default() *Table { return embedded() }
