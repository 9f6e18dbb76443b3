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
	tokens := c.view.CountTokens()
	if ch := c.likely(); ch != nil {
		tokens = int(ch.account.calibration.Correct(int64(tokens)))
	}
	c.d.ChannelID, c.d.Channel, c.d.UpstreamModel = "", "", "" // those that were asked did not answer
	resp := c.answer(http.StatusOK, h, transform.TokenCount(c.dialect, tokens))
	c.give(resp)
	c.settle(breaker.OK, "")
	return resp, nil
}

// likely is a channel that the counted call could go to; nil for none.
func (c *call) likely() *channel {
	for _, list := range [][]option{c.plan.preferred, c.plan.others} {
		if len(list) > 0 {
			return list[0].ch
		}
	}
	for _, ch := range c.s.channels { // those that cannot count answer calls too
		if !ch.Disabled && ch.Serves(c.view.Model) {
			return ch
		}
	}
	return nil
}

// calibrate lets the channel's estimates come closer to what its provider counts.
// Nobody estimates a call only for that.
func (at *attempt) calibrate(u transform.Usage, known bool) {
	if known && at.c.counted > 0 && at.resumed == nil && at.c.endpoint.kind == callsModel {
		at.ch.account.calibration.Observe(int64(at.c.counted), u.Input+u.CacheRead+u.CacheWrite)
	}
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
