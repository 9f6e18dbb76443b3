package admin_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/store"
)

// A program that has a Transport lets its channels be managed over HTTP.
func Example() {
	dir, err := os.MkdirTemp("", "routex-*")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	kept, err := store.Open(context.Background(), dir)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = kept.Close() }()
	transport, err := routex.New(routex.Config{})
	if err != nil {
		log.Fatal(err)
	}
	api, err := admin.New(context.Background(), admin.Options{Transport: transport, Store: kept})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(api)
	defer server.Close()

	resp, err := http.Post(server.URL+"/api/channels", "application/json",
		strings.NewReader(`{"name":"main","type":"openai","apiKey":"sk-0123456789","models":["gpt-4o"]}`))
	if err != nil {
		log.Fatal(err)
	}
	_ = resp.Body.Close()
	fmt.Println(resp.Status, transport.Models())

	resp, err = http.Post(server.URL+"/api/channels", "application/json", strings.NewReader(`{"name":"main","type":"openai"}`))
	if err != nil {
		log.Fatal(err)
	}
	text, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	fmt.Println(string(text))
	// Output:
	// 201 Created [gpt-4o]
	// {"success":false,"error":{"type":"ConflictError","code":"CONFLICT","message":"there is a channel called \"main\" already"}}
}
