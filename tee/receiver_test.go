package tee_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/tee"
)

// An unreliable receiver takes a batch or not, and says so, says otherwise or
// says nothing, as chance will have it. It knows batches by their ids.
type unreliable struct {
	t *testing.T

	mu     sync.Mutex
	chance *rand.Rand
	ids    map[string]bool
	models []string
	twice  int
}

func (u *unreliable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = tee.Verify(exampleSecret, r.Header, body)
	}
	if err != nil {
		u.t.Error(err)
	}
	id := r.Header.Get(tee.HeaderID)
	if u.ids[id] {
		u.twice++
		return
	}
	u.ids[id] = true
	for _, m := range gjson.GetBytes(body, "records.#.model").Array() {
		u.models = append(u.models, m.Str)
	}
}

func (u *unreliable) RoundTrip(req *http.Request) (*http.Response, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	answer := httptest.NewRecorder()
	switch u.chance.IntN(8) {
	case 0:
		return nil, errors.New("connection refused")
	case 1: // it was taken, but nobody learns of it
		u.ServeHTTP(answer, req)
		return nil, errors.New("connection reset by peer")
	case 2:
		u.ServeHTTP(answer, req)
		answer = httptest.NewRecorder()
		answer.WriteHeader(http.StatusBadGateway)
	case 3:
		answer.Header().Set("Retry-After", "3")
		answer.WriteHeader(http.StatusTooManyRequests)
	default:
		u.ServeHTTP(answer, req)
	}
	return answer.Result(), nil
}

// Whatever goes wrong on the way, a receiver that knows batches by their ids has
// each record once, in order, with a spool in between and without one.
func TestAnUnreliableReceiverHasEachRecordOnce(t *testing.T) {
	for _, spooled := range []bool{false, true} {
		t.Run(fmt.Sprintf("spooled %v", spooled), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := &unreliable{t: t, chance: rand.New(rand.NewPCG(1, 2)), ids: make(map[string]bool)}
				c := tee.WebhookConfig{URL: "https://hook.test", Secret: exampleSecret, Retries: 30, Transport: u}
				if spooled {
					c.Retries = -1 // the spool has patience for both
				}
				webhook, err := tee.NewWebhook(c)
				if err != nil {
					t.Fatal(err)
				}
				sink := tee.BatchSink(webhook)
				if spooled {
					if sink, err = tee.OpenSpool(tee.SpoolConfig{Dir: t.TempDir(), SegmentBytes: 10_000, Sink: webhook}); err != nil {
						t.Fatal(err)
					}
				}
				one, err := tee.Open(tee.Destination{ID: "x", Batch: 10, Linger: time.Second, Sink: sink})
				if err != nil {
					t.Fatal(err)
				}
				const count = 2005
				var want []string
				for i := range count {
					want = append(want, fmt.Sprint(i))
					if err := one.Write(t.Context(), &tee.Record{Time: time.Now(), TraceID: fmt.Sprint(i), Model: fmt.Sprint(i), Status: 200}); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(10 * time.Hour)
				if err := one.Close(context.Background()); err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(u.models, " "); got != strings.Join(want, " ") || u.twice == 0 {
					t.Errorf("%d records arrived of %d, %d batches twice: %.500s", len(u.models), count, u.twice, got)
				}
				if st := one.Stats(); st.Sent != count || st.Failed+st.Dropped != 0 || st.Queued != 0 {
					t.Errorf("%+v", st)
				}
			})
		})
	}
}
