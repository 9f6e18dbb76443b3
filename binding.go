package routex

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/dctx-team/routex/transform"
)

// Bindings keep which channel minted an id, such as that of a response, a file
// or a batch: later calls that name the id go to that channel. A Transport
// remembers the latest by itself; a host that supplies Bindings can remember
// more of them, and for longer. The methods are called by many goroutines at
// the same time.
type Bindings interface {
	// Bind notes the ID of the channel that minted an id. It must not
	// block: a caller waits for its answer.
	Bind(id, channelID string)
	// Channel gives the ID of the channel that minted an id; "" if unknown.
	Channel(ctx context.Context, id string) string
}

// A minted remembers the channels of ids.
type minted struct {
	latest *lru.Cache[string, string]
	more   Bindings // nil for none
}

func (m *minted) bind(id, channelID string) {
	id = boundedKey(id)
	if old, ok := m.latest.Get(id); ok && old == channelID {
		return
	}
	m.latest.Add(id, channelID)
	if m.more != nil {
		m.more.Bind(id, channelID)
	}
}

func (m *minted) channel(ctx context.Context, id string) string {
	id = boundedKey(id)
	if channelID, ok := m.latest.Get(id); ok {
		return channelID
	}
	if m.more == nil {
		return ""
	}
	channelID := m.more.Channel(ctx, id)
	if channelID != "" {
		m.latest.Add(strings.Clone(id), channelID) // it may stand in the body, whose memory is used again
	}
	return channelID
}

// destined gives the only channel that may take the call: the one that the
// caller names, or the one that minted an id in the call. It is nil when
// several may.
func (c *call) destined() (*channel, *transform.Error) {
	if ref, ok := c.req.Context().Value(channelKey{}).(string); ok {
		return c.wanted(ref, "WithChannel")
	}
	if ref := c.req.Header.Get("X-Routex-Channel"); ref != "" && c.endpoint.kind != callsModel {
		return c.wanted(ref, "header X-Routex-Channel")
	}
	if len(c.s.channels) == 1 { // nobody else could have minted anything
		return nil, nil
	}
	var found *channel
	if field, id := c.idInURL(); id != "" {
		ch, err := c.minter(field, id)
		if err != nil || ch == nil {
			return nil, err
		}
		found = ch
	}
	for _, named := range c.view.MintedIDs() {
		if !c.knows(named.Field) {
			continue
		}
		ch, err := c.minter(named.Field, named.ID)
		switch {
		case err != nil:
			return nil, err
		case ch != nil && found != nil && ch != found:
			return nil, &transform.Error{
				Status: http.StatusBadRequest, Param: named.Field,
				Message: fmt.Sprintf("%s: %q belongs to channel %q, and another id of the call to channel %q", named.Field, named.ID, ch.Name, found.Name),
			}
		case ch != nil:
			found = ch
		}
	}
	return found, nil
}

// idInURL gives the minted id in the path, or that of an upload to Gemini.
func (c *call) idInURL() (field, id string) {
	if c.endpoint.files {
		return "upload_id", c.req.URL.Query().Get("upload_id")
	}
	return "path", pathID(c.endpoint.rest)
}

// wanted gives the channel that the caller names. One that cannot count leaves
// the count to others, or to the estimate.
func (c *call) wanted(ref, by string) (*channel, *transform.Error) {
	ch, ok := c.s.byRef[ref]
	if name, err := url.PathUnescape(ref); !ok && err == nil {
		ch, ok = c.s.byRef[name] // as X-Channel-Name has it
	}
	switch {
	case !ok:
		return nil, badRequest(fmt.Sprintf("%s: no channel has the name or ID %q", by, ref))
	case c.endpoint.kind == passesOn, c.endpoint.fits(ch):
		return ch, nil
	case c.endpoint.kind == countsTokens:
		return nil, nil
	}
	return nil, badRequest(fmt.Sprintf("%s: channel %q has nothing like %s", by, ch.Name, c.d.Path))
}

// knows reports that the field of a body names what a provider keeps. In
// another protocol it is one of the fields that nobody here knows.
func (c *call) knows(field string) bool {
	switch field {
	case "previous_response_id", "conversation", "vector_store_ids":
		return c.dialect == transform.OpenAIResponses
	case "input_file_id", "training_file", "validation_file":
		return c.endpoint.kind == passesOn
	case "fileUri", "cachedContent", "cached_content":
		return c.dialect == transform.Gemini
	}
	return true
}

// minter gives the channel that minted an id. An id that is not known goes to
// the only channel of the protocol; with several of them it is an error, and
// with none the id is left to translation.
func (c *call) minter(field, id string) (*channel, *transform.Error) {
	if ch, ok := c.s.byRef[c.s.minted.channel(c.ctx, id)]; ok {
		return ch, nil
	}
	var only *channel
	for _, ch := range c.s.channels {
		switch {
		case ch.Disabled, !c.endpoint.fits(ch), c.endpoint.kind == callsModel && ch.dialect != c.dialect:
		case only != nil:
			return nil, &transform.Error{
				Status: http.StatusBadRequest, Param: field,
				Message: fmt.Sprintf("%s: %q is not known: no channel is known to have made it", field, id) + c.hint(),
			}
		default:
			only = ch
		}
	}
	return only, nil
}

// hint tells the way out, for those whom it is open.
func (c *call) hint() string {
	if c.endpoint.kind == callsModel {
		return ""
	}
	return "; name one in the header X-Routex-Channel"
}
