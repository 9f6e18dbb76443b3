package tee_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/dctx-team/routex/tee"
)

// receiver is down until it is not.
type receiver struct{ up bool }

func (r *receiver) WriteBatch(_ context.Context, records []*tee.Record) error {
	if !r.up {
		return errors.New("nobody answers")
	}
	for _, one := range records {
		fmt.Println("delivered", one.Model)
	}
	return nil
}

// What a spool has taken is delivered by the next process if not by this one.
func ExampleSpool() {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, up := range []bool{false, true} {
		spool, err := tee.OpenSpool(tee.SpoolConfig{Dir: dir, Sink: &receiver{up: up}})
		if err != nil {
			fmt.Println(err)
			return
		}
		if !up {
			err = spool.WriteBatch(context.Background(), []*tee.Record{{Model: "gpt-4o"}, {Model: "claude-opus-4"}})
			fmt.Println("taken:", err == nil)
		}
		if err := spool.Close(context.Background()); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// taken: true
	// delivered gpt-4o
	// delivered claude-opus-4
}
