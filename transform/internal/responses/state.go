package responses

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// itemState returns the state of an item of reasoning: its id and what is
// encrypted. An item that has nothing encrypted has no state.
func itemState(item conv.Raw) conv.State {
	sealed := item.Get("encrypted_content").Str()
	if sealed.Empty() {
		return conv.State{}
	}
	return conv.State{Kind: conv.Item, Value: conv.Concat(item.Get("id").Str().Inner(), " ", sealed.Inner())}
}

// reasoning writes an item of reasoning back as the provider gave it. Its id
// may be left out, and must be when it is longer than ids may be.
func (w *writer) reasoning(p *conv.Part) {
	id, sealed, _ := strings.Cut(p.State.Value.Inner(), " ")
	w.stateful = true
	w.next(`{"type":"reasoning"`)
	if id != "" && len(id) <= maxID {
		w.Raw(`,"id":"` + id + `"`)
	}
	w.Raw(`,"summary":[`)
	if !p.Text.Empty() {
		w.Raw(`{"type":"summary_text","text":`)
		w.Str(p.Text)
		w.Raw(`}`)
	}
	w.Raw(`],"encrypted_content":"` + sealed + `"}`)
}
