package routex

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/dctx-team/routex/breaker"
)

// isUpgrade reports a request that wants its connection to become that of
// another protocol, such as WebSocket.
func isUpgrade(h http.Header) bool {
	if h["Upgrade"] == nil {
		return false
	}
	for _, line := range h["Connection"] {
		for token := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(token), "upgrade") {
				return true
			}
		}
	}
	return false
}

// dropKeys leaves out the key that OpenAI takes as the name of a subprotocol,
// because browsers let a page set no other header.
func dropKeys(h http.Header) {
	const name, key = "Sec-Websocket-Protocol", "openai-insecure-api-key."
	lines := h[name]
	if lines == nil {
		return
	}
	kept := make([]string, 0, 4)
	for token := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		if token = strings.TrimSpace(token); !strings.HasPrefix(token, key) {
			kept = append(kept, token)
		}
	}
	if h[name] = []string{strings.Join(kept, ", ")}; len(kept) == 0 {
		delete(h, name)
	}
}

// A tunnel is a connection that was switched to another protocol. Nobody looks
// at what passes; it lives until one of its ends closes it, or the transport
// does.
type tunnel struct {
	io.ReadWriteCloser
	at   *attempt
	once sync.Once
}

// switched gives the caller the connection to the provider, as the body of the
// answer.
func (at *attempt) switched(up *http.Response) (*http.Response, *breaker.Failure) {
	conn, ok := up.Body.(io.ReadWriteCloser)
	if !ok || !at.c.endpoint.upgrade {
		_ = up.Body.Close()
		return nil, at.failed(fmt.Errorf("%w: it switched protocols", errNoAnswer))
	}
	at.proved()
	h := passing(up.Header, 2)
	h["Connection"], h["Upgrade"] = []string{"Upgrade"}, up.Header["Upgrade"]
	resp := at.c.answer(up.StatusCode, h, nil)
	t := &tunnel{ReadWriteCloser: conn, at: at}
	resp.Body, resp.ContentLength = t, -1
	at.c.tunnel.Store(t)
	if at.c.closing.Load() { // it was set before tunnel was
		_ = conn.Close()
	}
	return resp, nil
}

func (t *tunnel) Close() error {
	err := t.ReadWriteCloser.Close()
	t.once.Do(func() {
		t.at.cancel(nil)
		t.at.over(nil)
		t.at.c.settle(breaker.OK, "")
	})
	return err
}

// serveTunnel joins the caller's connection with the provider's until one of
// them ends.
func serveTunnel(w http.ResponseWriter, resp *http.Response) {
	up := resp.Body.(io.ReadWriteCloser)
	defer closeQuietly(up)
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "the connection cannot be switched to another protocol", http.StatusInternalServerError)
		return
	}
	defer closeQuietly(conn)
	if err := writeSwitch(buffered.Writer, resp); err != nil {
		return
	}
	done := make(chan struct{}, 2)
	pass := func(to io.Writer, from io.Reader) {
		_, _ = io.Copy(to, from) // whichever end broke, both are closed
		done <- struct{}{}
	}
	go pass(up, buffered.Reader)
	go pass(conn, up)
	<-done
	_, _ = up.Close(), conn.Close() // which ends the other
	<-done
}

func writeSwitch(w *bufio.Writer, resp *http.Response) error {
	head := *resp
	head.Body, head.ContentLength = nil, 0
	return errors.Join(head.Write(w), w.Flush())
}
