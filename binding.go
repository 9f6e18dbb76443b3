package routex

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
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
	if ref := c.req.Header.Get("X-Routex-Channel"); ref != "" && c.endpoint.kind != callsModel {
		if ch, ok := c.s.byRef[ref]; ok {
			return ch, nil
		}
		return nil, badRequest(fmt.Sprintf("header X-Routex-Channel: no channel has the name or ID %q", ref))
	}
	if len(c.s.channels) == 1 { // nobody else could have minted anything
		return nil, nil
	}
	var found *channel
	if id := pathID(c.endpoint.rest); id != "" {
		ch, err := c.minter("path", id)
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

// knows reports that the field of a body names what a provider keeps. In
// another protocol it is one of the fields that nobody here knows.
func (c *call) knows(field string) bool {
	switch field {
	case "previous_response_id", "conversation", "vector_store_ids":
		return c.dialect == transform.OpenAIResponses
	case "input_file_id", "training_file", "validation_file":
		return c.endpoint.kind == passesOn
	case "fileUri", "cachedContent":
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

// collections are the paths, below the version, that an id follows.
var collections = []string{
	"/responses/", "/files/", "/batches/", "/messages/batches/", "/chat/completions/", "/uploads/", "/vector_stores/",
	"/fine_tuning/jobs/", "/containers/", "/conversations/", "/assistants/", "/threads/", "/videos/", "/evals/", "/skills/", "/realtime/calls/", "/cachedContents/",
}

// pathID gives the id in a path below the version; "" when it has none. What
// follows a collection may also be something to do.
func pathID(rest string) string {
	for _, list := range collections {
		if tail, ok := strings.CutPrefix(rest, list); ok {
			switch id, _, _ := strings.Cut(tail, "/"); id {
			case "input_tokens", "compact", "runs":
				return ""
			default:
				return id
			}
		}
	}
	return ""
}

// mints reports that what is at a path below the version has ids.
func mints(rest string) bool {
	for _, list := range collections {
		if strings.HasPrefix(rest+"/", list) {
			return true
		}
	}
	return false
}

// maxFound bounds what is kept of an answer to look for ids, in bytes.
const maxFound = 256 << 10

// An idFinder looks for ids in an answer that passes. A nil one does not.
type idFinder struct{ text []byte }

// idsOf gives the finder for an answer that may tell of new ids.
func (at *attempt) idsOf(up *http.Response) *idFinder {
	if up.StatusCode >= http.StatusMultipleChoices || !isDocument(up.Header) || !mints(at.c.endpoint.rest) {
		return nil
	}
	return new(idFinder)
}

func (f *idFinder) look(piece []byte) {
	if f != nil && len(f.text) < maxFound {
		f.text = append(f.text, piece[:min(len(piece), maxFound-len(f.text))]...)
	}
}

// bind notes the ids of the object in the answer, or of those in a list.
func (f *idFinder) bind(at *attempt) {
	if f == nil {
		return
	}
	whole := gjson.ParseBytes(f.text)
	at.bindIDs(whole)
	for _, list := range [...]string{"data", "files", "cachedContents"} {
		whole.Get(list).ForEach(func(_, item gjson.Result) bool {
			at.bindIDs(item)
			return true
		})
	}
}

func (at *attempt) bindIDs(object gjson.Result) {
	for _, path := range [...]string{"id", "output_file_id", "error_file_id", "file.id", "result_files"} {
		v := object.Get(path)
		if v.IsArray() {
			v.ForEach(func(_, id gjson.Result) bool {
				at.bindID(id.Str)
				return true
			})
		}
		at.bindID(v.Str)
	}
	if at.ch.dialect == transform.Gemini { // where ids are names such as files/abc
		for _, path := range [...]string{"name", "file.name"} {
			_, id, _ := cutLast(object.Get(path).Str, "/")
			at.bindID(id)
		}
	}
}

func (at *attempt) bindID(id string) {
	if id != "" {
		at.c.s.minted.bind(strings.Clone(id), at.ch.ID)
	}
}

// keepsAnswer reports that later calls can name the id of the answer: it is
// the provider's own, and the provider keeps it.
func (at *attempt) keepsAnswer() bool {
	if at.c.endpoint.kind != callsModel || at.c.dialect != at.ch.dialect {
		return false
	}
	store := at.c.view.Get("store", "").Raw
	return at.c.dialect == transform.OpenAIResponses && store != "false" || at.c.dialect == transform.OpenAIChat && store == "true"
}

// bindAnswer notes the id of a whole answer.
func (at *attempt) bindAnswer(body []byte) {
	if !at.keepsAnswer() {
		return
	}
	var room [16]jsonscan.Member
	members, _ := jsonscan.Object(body, room[:0]) // it was checked
	for _, m := range members {
		if id, ok := jsonscan.String(body, m); ok && m.Key == "id" {
			at.bindID(id)
		}
	}
}

// An idStream notes the id of a streamed answer, which one of its first events
// tells, and lets everything pass.
type idStream struct {
	at   *attempt
	left int // events to look at
}

// bindStream gives the stream that notes the id, nil when it is of no use.
func (at *attempt) bindStream() transform.Stream {
	if !at.keepsAnswer() {
		return nil
	}
	return &idStream{at: at, left: 3}
}

func (s *idStream) Event(ev transform.Event, emit func(transform.Event)) error {
	if s.left > 0 && ev.Data != nil {
		s.left--
		id := gjson.GetBytes(ev.Data, "response.id").Str
		if s.at.c.dialect == transform.OpenAIChat {
			id = gjson.GetBytes(ev.Data, "id").Str
		}
		if id != "" {
			s.at.bindID(id)
			s.left = 0
		}
	}
	emit(ev)
	return nil
}

func (*idStream) Close(func(transform.Event)) error { return nil }
