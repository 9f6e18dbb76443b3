package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

const (
	kills   = 50
	writers = 4
)

// A writer makes and deletes channels of its own, and knows of each whether it
// must be there. What was not answered it does not know.
type writer struct {
	name  string
	made  int
	there map[string]bool
}

// write writes until the server is gone, and counts the answers.
func (w *writer) write(t *testing.T, url string, acknowledged *atomic.Int64) {
	for {
		w.made++
		name := fmt.Sprint(w.name, "-", w.made)
		if !w.ask(t, "POST", url+"/api/channels", `{"name":"`+name+`","type":"openai","models":["`+name+`"]}`, 201) {
			return
		}
		w.there[name] = true
		acknowledged.Add(1)
		old := fmt.Sprint(w.name, "-", w.made-3)
		if !w.there[old] {
			continue
		}
		delete(w.there, old) // not known, until it is answered
		if !w.ask(t, "DELETE", url+"/api/channels/"+old, "", 200) {
			return
		}
		w.there[old] = false
		acknowledged.Add(1)
	}
}

// ask reports that a write was answered in full.
func (w *writer) ask(t *testing.T, method, url, body string, status int) bool {
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return false
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != status {
		t.Errorf("%s %s: status %d, want %d: %s", method, url, resp.StatusCode, status, text)
	}
	return err == nil && resp.StatusCode == status
}

func TestKillLosesNoAcknowledgedWrite(t *testing.T) {
	data := t.TempDir()
	all := make([]*writer, writers)
	for i := range all {
		all[i] = &writer{name: fmt.Sprint("w", i), there: make(map[string]bool)}
	}
	p := start(t, "-data", data)
	for round := range kills {
		var acknowledged atomic.Int64
		var writing sync.WaitGroup
		for _, w := range all {
			writing.Go(func() { w.write(t, p.url, &acknowledged) })
		}
		eventually(t, "writes are answered", func() bool { return acknowledged.Load() > int64(round%20) })
		p.signal(syscall.SIGKILL)
		writing.Wait()
		p.wait()
		p = start(t, "-data", data)
		_, body := p.must(200, "GET", "/api/channels", "")
		is := make(map[string]bool)
		for _, c := range decode[struct{ Data []struct{ Name string } }](t, body).Data {
			is[c.Name] = true
		}
		for _, w := range all {
			for name, there := range w.there {
				if is[name] != there {
					t.Errorf("kill %d: channel %s is there: %v; it was acknowledged that it is: %v", round, name, is[name], there)
				}
			}
		}
		if t.Failed() {
			return
		}
	}
}
