package router

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// ErrBody is wrapped by the errors of [Parse].
var ErrBody = errors.New("invalid request body")

// maxModel bounds the name of a model, in bytes. Every rule may look at it, and
// it is kept wherever calls are written down.
const maxModel = 1 << 10

var errLongModel = fmt.Errorf("%w: model: must not be longer than %d bytes", ErrBody, maxModel)

// A Request is a read-only view of one call. The top level of its body has
// been read; everything else is looked at when it is asked for, and only then.
// It is valid while its router runs, must not be kept, and is not safe for
// concurrent use.
type Request struct {
	Path   string      // of the URL, without the query
	Header http.Header // of the caller; must not be changed
	Model  string      // as the caller named it
	Stream bool        // the caller asks for a stream
	Time   time.Time   // of the call; when zero, the time at which it is first asked for
	// Metadata is what the host says of the call. Rules look here before
	// they look at the metadata in the body, which the caller chooses.
	Metadata map[string]string

	body    []byte
	members []jsonscan.Member
	inline  [12]jsonscan.Member // where members usually fit
	model   jsonscan.Member
	files   bool // it may name files

	// What was looked at is remembered: many rules ask the same.
	flags  [flagCount]answer
	tools  []string // names, once hasTools is known
	named  bool     // tools is
	user   userText
	folded string // the user's text, once finder is set; folded beyond ASCII
	odd    bool   // as fold says
	finder *finder
	hits   bitset // what finder found
	topic  *Analysis
	said   map[string]string // the metadata of the body, once asked for
	tokens int               // Tokens + 1, once asked for
	words  int               // Words + 1, once asked for

	hitRoom [8]uint64
}

// Parse reads the top level of a body in one pass. It fails when the body is
// no JSON object, is not closed, has a member that cannot be read, or names no
// model, or one of more than 1,024 bytes. The view keeps using body.
func Parse(body []byte) (*Request, error) {
	r, err := parse(body)
	if err != nil {
		return nil, err
	}
	if err := r.readModel(); err != nil {
		return nil, err
	}
	if m, ok := r.member("stream"); ok {
		r.Stream = string(body[m.Start:m.End]) == "true"
	}
	return r, nil
}

// ParseNamed is [Parse] for protocols whose URL names the model and says
// whether a stream is wanted, as Gemini's does. The body need not name them.
func ParseNamed(body []byte, model string, stream bool) (*Request, error) {
	if strings.TrimSpace(model) == "" {
		return nil, fmt.Errorf("%w: model: required, the name of a model in the path", ErrBody)
	}
	if len(model) > maxModel {
		return nil, errLongModel
	}
	r, err := parse(body)
	if err != nil {
		return nil, err
	}
	r.Model, r.Stream = model, stream
	return r, nil
}

// ParseAny is [Parse] for calls that need not name a model.
func ParseAny(body []byte) (*Request, error) {
	r, err := parse(body)
	if err != nil {
		return nil, err
	}
	if _, named := r.member("model"); named {
		err = r.readModel()
	}
	if m, ok := r.member("stream"); ok {
		r.Stream = string(body[m.Start:m.End]) == "true"
	}
	return r, err
}

func parse(body []byte) (*Request, error) {
	r := &Request{body: body}
	members, files, err := jsonscan.ObjectWith(body, r.inline[:0], fileNames)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBody, err)
	}
	r.members, r.files = members, files
	return r, nil
}

func (r *Request) readModel() error {
	seen := 0
	for _, m := range r.members {
		if m.Key == "model" {
			r.model, seen = m, seen+1
		}
	}
	switch {
	case seen == 0:
		return fmt.Errorf(`%w: model: required, the name of a model`, ErrBody)
	case seen > 1:
		return fmt.Errorf("%w: model: named %d times, once is needed", ErrBody, seen)
	}
	var ok bool
	if r.Model, ok = jsonscan.String(r.body, r.model); !ok {
		return fmt.Errorf("%w: model: must be a string", ErrBody)
	}
	if len(r.Model) > maxModel {
		return errLongModel
	}
	if strings.TrimSpace(r.Model) == "" {
		return fmt.Errorf("%w: model: must not be empty", ErrBody)
	}
	return nil
}

// ModelSpan says where in the body the value of "model" stands; nowhere, with
// an end of 0, when the URL names the model.
func (r *Request) ModelSpan() (start, end int) { return r.model.Start, r.model.End }

// Get looks up a path (in gjson's syntax) below a member of the body's top
// level; an empty path gives the member itself. The result may be a view of
// the body.
func (r *Request) Get(member, path string) gjson.Result {
	m, ok := r.member(member)
	if !ok {
		return gjson.Result{}
	}
	value := view(r.body[m.Start:m.End])
	if path == "" {
		return gjson.Parse(value)
	}
	return gjson.Get(value, path)
}

// when is the time of the call.
func (r *Request) when() time.Time {
	if r.Time.IsZero() {
		r.Time = time.Now()
	}
	return r.Time
}

// metadata gives what the host, or else the body, says under a name.
func (r *Request) metadata(name string) (value string, ok bool) {
	if value, ok = r.Metadata[name]; ok {
		return value, true
	}
	if r.said == nil {
		r.said = make(map[string]string)
		r.Get("metadata", "").ForEach(func(key, v gjson.Result) bool {
			if _, twice := r.said[key.Str]; !twice {
				r.said[key.Str] = v.String()
			}
			return true
		})
	}
	value, ok = r.said[name]
	return value, ok
}

// found gives the literals of a finder that are in the user's text.
func (r *Request) found(f *finder) (hits bitset, odd bool) {
	if r.finder == nil {
		if r.folded = r.UserText(); hasCase(r.folded) { // the finder itself minds no case of ASCII
			r.folded, r.odd = fold(r.folded)
		}
	}
	if r.finder != f {
		r.finder = f
		if n := (len(f.literals) + 63) / 64; n <= len(r.hitRoom) {
			r.hitRoom = [len(r.hitRoom)]uint64{}
			r.hits = r.hitRoom[:n]
		} else {
			r.hits = make(bitset, n)
		}
		f.each(r.folded, func(id, _ int) { r.hits.set(id) })
	}
	return r.hits, r.odd
}

func (r *Request) member(key string) (jsonscan.Member, bool) {
	for _, m := range slices.Backward(r.members) {
		if m.Key == key {
			return m, true
		}
	}
	return jsonscan.Member{}, false
}

// view reads bytes as a string without copying them.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
