package routex

import (
	"net/http"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

// faulty reports that a provider refused to count because of the call itself.
// One that has no such endpoint did not.
func (c *call) faulty() bool {
	if len(c.d.Attempts) == 0 {
		return false
	}
	last := &c.d.Attempts[len(c.d.Attempts)-1]
	return last.Class == breaker.Caller && last.Status != http.StatusNotFound && last.Status != http.StatusMethodNotAllowed
}

// estimate tells a caller who asks for the number of tokens what is known
// here, because no provider could be asked.
func (c *call) estimate() (*http.Response, error) {
	h := jsonHeader()
	h["X-Routex-Estimated"] = []string{"tokens"}
	resp := c.answer(http.StatusOK, h, transform.TokenCount(c.dialect, c.view.CountTokens()))
	c.give(resp)
	c.settle(breaker.OK, "")
	return resp, nil
}

// look reads what an answer tells of itself.
func (at *attempt) look(body []byte) (transform.Usage, bool, *transform.Error) {
	switch at.c.endpoint.kind {
	case callsModel:
		return transform.Look(at.ch.dialect, body)
	case embedsText:
		u, ok := transform.LookEmbeddings(at.ch.dialect, body)
		return u, ok, nil
	}
	return transform.Usage{}, false, nil
}
