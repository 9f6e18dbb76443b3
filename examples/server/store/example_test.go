package store_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/dctx-team/routex/examples/server/store"
)

func Example() {
	dir, err := os.MkdirTemp("", "routex-*")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	s, err := store.Open(ctx, dir)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = s.Close() }()

	err = s.Write(ctx, store.Change{PutChannels: []store.Channel{{ID: "1", Name: "main", Type: "openai"}}})
	fmt.Println(err)
	err = s.Write(ctx, store.Change{
		PutChannels: []store.Channel{{ID: "2", Name: "main"}},
		PutSettings: map[string]string{"strategy": "weighted"},
	})
	fmt.Println(errors.Is(err, store.ErrConflict))

	contents, err := s.Load(ctx)
	fmt.Println(len(contents.Channels), len(contents.Settings), err)
	// Output:
	// <nil>
	// true
	// 1 0 <nil>
}
