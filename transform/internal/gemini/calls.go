package gemini

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// calls finds out which call a result answers. Calls of this protocol may
// lack ids, which all others demand: then the order and the names tell.
type calls struct {
	open  []openCall // of the answer before
	first int        // of them that may wait for its result
	made  int        // how many ids were given
}

// maxOpen bounds how many calls are looked through for one result, where
// results do not come in the order of the calls.
const maxOpen = 1024

type openCall struct {
	id, name conv.Str
	made     bool // the id is one of ours
	answered bool
}

// begin forgets the calls of earlier answers.
func (c *calls) begin() { c.open, c.first = c.open[:0], 0 }

// newID returns an id that is the same whenever the conversation is sent
// again, so that the caches of prompts stay good.
func (c *calls) newID() conv.Str {
	c.made++
	return conv.Concat("call_g", strconv.Itoa(c.made))
}

// add returns the id of a call.
func (c *calls) add(id, name conv.Str) conv.Str {
	call := openCall{id: id, name: name, made: id.Empty()}
	if call.made {
		call.id = c.newID()
	}
	c.open = append(c.open, call)
	return call.id
}

// answer returns the id of the call that a result of that id and name answers.
func (c *calls) answer(id, name conv.Str) conv.Str {
	for c.first < len(c.open) && c.open[c.first].answered {
		c.first++
	}
	for i := c.first; i < min(len(c.open), c.first+maxOpen); i++ {
		call := &c.open[i]
		if call.answered {
			continue
		}
		byID := !id.Empty() && call.id.Same(id)
		byName := (id.Empty() || call.made) && (name.Empty() || call.name.Same(name))
		if byID || byName {
			call.answered = true
			return call.id
		}
	}
	if id.Empty() {
		return c.newID()
	}
	return id
}
