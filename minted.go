package routex

import (
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform"
)

// collections are the paths, below the version, that an id follows.
var collections = []string{
	"/responses/", "/files/", "/batches/", "/messages/batches/", "/chat/completions/", "/uploads/", "/vector_stores/",
	"/fine_tuning/jobs/", "/containers/", "/conversations/", "/assistants/", "/threads/", "/videos/", "/evals/", "/skills/", "/realtime/calls/", "/cachedContents/",
}

// operations stand in Gemini's paths between a model and the id of what it has
// begun.
const operations = "/operations/"

// pathID gives the id in a path below the version; "" when it has none. What
// follows a collection may also be something to do.
func pathID(rest string) string {
	if _, id, ok := strings.Cut(rest, operations); ok {
		return id
	}
	for _, list := range collections {
		if tail, ok := strings.CutPrefix(rest, list); ok {
			if end := strings.IndexAny(tail, "/:"); end >= 0 { // what Gemini is to do follows a colon
				tail = tail[:end]
			}
			switch tail {
			case "input_tokens", "compact", "runs":
				return ""
			}
			return tail
		}
	}
	return ""
}

// mints reports that what is at a path below the version has ids. Those in the
// content of a file are whatever its owner wrote.
func mints(rest string) bool {
	if strings.HasSuffix(rest, "/content") || strings.HasSuffix(rest, "/results") || strings.HasSuffix(rest, ":download") {
		return false
	}
	for _, list := range collections {
		if strings.HasPrefix(rest+"/", list) {
			return true
		}
	}
	return strings.HasPrefix(rest, "/models/") // of Gemini's, which begin operations and batches
}

// maxFound bounds what is kept of an answer to look for ids, in bytes.
const maxFound = 256 << 10

// An idFinder looks for ids in an answer that passes. A nil one does not.
type idFinder struct{ text []byte }

// idsOf gives the finder for an answer that may tell of new ids.
func (at *attempt) idsOf(up *http.Response) *idFinder {
	content := at.c.req.URL.Query().Get("alt") == "media" // of a file of Gemini
	if up.StatusCode >= http.StatusMultipleChoices || !isDocument(up.Header) || content || !mints(at.c.endpoint.rest) {
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
	if f == nil || len(f.text) == 0 {
		return
	}
	whole := gjson.ParseBytes(f.text)
	f.text = nil // once is enough
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
	if at.c.endpoint.kind != callsModel || at.c.dialect != at.ch.dialect || at.c.d.Copy {
		return false
	}
	store := at.c.view.Get("store", "").Raw
	return at.c.dialect == transform.OpenAIResponses && store != "false" || at.c.dialect == transform.OpenAIChat && store == "true"
}

// bindAnswer notes the id of a whole answer.
func (at *attempt) bindAnswer(body []byte) {
	if !at.keeps {
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
	if !at.keeps {
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
