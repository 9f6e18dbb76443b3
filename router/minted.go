package router

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// fileNames are the names of members by which a body names files. Few bodies
// have one, and most are long.
var fileNames = jsonscan.NewNames("file_id", "fileUri", "file_uri", "vector_store_ids")

// A MintedID is an id in a call that a provider gave to something earlier.
type MintedID struct {
	Field string // that holds it, such as previous_response_id
	ID    string
}

// MintedIDs lists the ids that a provider minted and the call names: earlier
// responses, conversations, uploaded files. What is inside of the arguments
// of tools is none of them.
func (r *Request) MintedIDs() []MintedID {
	var ids []MintedID
	add := func(field string, v gjson.Result) {
		if v.Type == gjson.String && v.Str != "" {
			ids = append(ids, MintedID{Field: field, ID: v.Str})
		}
	}
	for _, m := range r.members {
		switch m.Key {
		case "previous_response_id", "input_file_id", "training_file", "validation_file":
			add(m.Key, r.Get(m.Key, ""))
		case "cachedContent", "cached_content": // of Gemini, where an id has its list before it
			v := r.Get(m.Key, "")
			v.Str = v.Str[strings.LastIndexByte(v.Str, '/')+1:]
			add(m.Key, v)
		case "conversation":
			add(m.Key, r.Get(m.Key, ""))
			add(m.Key, r.Get(m.Key, "id"))
		}
	}
	if !r.files {
		return ids
	}
	r.eachPart(func(_ string, part gjson.Result) bool {
		add("file_id", fileID(part))
		uri := part.Get("fileData.fileUri").Str + part.Get("file_data.file_uri").Str
		if _, id, ok := strings.Cut(uri, "/v1beta/files/"); ok {
			add("fileUri", gjson.Result{Type: gjson.String, Str: id})
		}
		return true
	})
	r.Get("tools", "").ForEach(func(_, tool gjson.Result) bool {
		tool.Get("vector_store_ids").ForEach(func(_, id gjson.Result) bool {
			add("vector_store_ids", id)
			return true
		})
		return true
	})
	return ids
}

// fileID gives the id of the uploaded file that a part consists of.
func fileID(part gjson.Result) gjson.Result {
	switch part.Get("type").Str {
	case "image", "document":
		return part.Get("source.file_id")
	case "file":
		return part.Get("file.file_id")
	case "input_file", "input_image", "container_upload":
		return part.Get("file_id")
	}
	return gjson.Result{}
}
