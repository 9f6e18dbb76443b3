package sdktest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/dctx-team/routex"
)

// realtime is an upstream that sends every message back, with the model in
// front of the first.
func realtime(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer the-channel's" {
			http.Error(w, `{"error":{"message":"no key"}}`, http.StatusUnauthorized)
			return
		}
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"realtime"}, InsecureSkipVerify: true})
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		conn.SetReadLimit(1 << 20)
		greeting := "model " + r.URL.Query().Get("model")
		for {
			kind, message, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			if err := conn.Write(r.Context(), kind, append([]byte(greeting+" "), message...)); err != nil {
				return
			}
			greeting = "again"
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// A real WebSocket passes, through the handler and through a client's own
// transport.
func TestWebSockets(t *testing.T) {
	up := realtime(t)
	transport, err := routex.New(routex.Config{Channels: []routex.Channel{{Name: "up", Type: routex.TypeOpenAI, BaseURL: up.URL, APIKey: "the-channel's", ModelMap: map[string]string{"voice": "gpt-realtime"}}}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(transport.Handler())
	defer server.Close()
	for name, dial := range map[string]struct {
		url    string
		client *http.Client
	}{
		"over the handler":   {server.URL, nil},
		"over the transport": {"https://api.openai.test", &http.Client{Transport: transport}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			conn, resp, err := websocket.Dial(ctx, dial.url+"/v1/realtime?model=voice", &websocket.DialOptions{
				HTTPClient: dial.client, Subprotocols: []string{"realtime", "openai-insecure-api-key.the-caller's"},
			})
			if err != nil {
				t.Fatalf("%v %v", err, resp)
			}
			if conn.Subprotocol() != "realtime" {
				t.Errorf("subprotocol %q", conn.Subprotocol())
			}
			conn.SetReadLimit(1 << 20)
			long := strings.Repeat("x", 200_000)
			for _, test := range []struct{ say, want string }{{"hello", "model gpt-realtime hello"}, {long, "again " + long}} {
				if err := conn.Write(ctx, websocket.MessageText, []byte(test.say)); err != nil {
					t.Fatal(err)
				}
				if _, got, err := conn.Read(ctx); err != nil || string(got) != test.want {
					t.Errorf("%d bytes, %v", len(got), err)
				}
			}
			if err := conn.Close(websocket.StatusNormalClosure, "bye"); err != nil {
				t.Error(err)
			}
		})
	}
	if err := transport.Close(t.Context()); err != nil {
		t.Errorf("something is left open: %v", err)
	}
}
