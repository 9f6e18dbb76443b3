package ruletest

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Read reads a request from a file, as editors and [net/http/httputil.DumpRequest]
// write them: the line of the request, headers, an empty line, the body. Lines
// before it that begin with # are comments, some of which say what is not in the
// request:
//
//	# What the nightly job asks.
//	# @at 22:30
//	# @session nightly
//	# @metadata plan=gold
//	POST /v1/messages HTTP/1.1
//	Anthropic-Version: 2023-06-01
//
//	{"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"Hi"}]}
//
// There are @at, @session, @channel and @metadata, which may come several times.
// They mean what the methods of [Request] with these names mean.
func Read(path string) Request {
	data, err := os.ReadFile(path) //nolint:gosec // it is what the test names
	if err != nil {
		return Request{wrong: err}
	}
	r, err := parse(data)
	if err != nil {
		return Request{wrong: fmt.Errorf("ruletest: %s: %w", path, err)}
	}
	return r
}

// ReadAll reads the files that match a pattern of [path/filepath.Glob], each as
// a sample with the name of the file, less what follows the last dot. It fails
// the test when there are none.
func ReadAll(t testing.TB, pattern string) []Sample {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatalf("no file matches %s", pattern)
	}
	var out []Sample
	for _, path := range paths {
		name := filepath.Base(path)
		out = append(out, Sample{Name: strings.TrimSuffix(name, filepath.Ext(name)), Request: Read(path)})
	}
	return out
}

func parse(data []byte) (Request, error) {
	in := bufio.NewReader(bytes.NewReader(data))
	var notes []string
	for {
		line, err := in.ReadString('\n')
		line = strings.TrimSpace(line)
		switch {
		case line != "" && !strings.HasPrefix(line, "#"):
			return parseRequest(line, notes, in)
		case err != nil:
			return Request{}, fmt.Errorf("no request in it: %w", err)
		}
		notes = append(notes, strings.TrimSpace(strings.TrimLeft(line, "#")))
	}
}

func parseRequest(line string, notes []string, in *bufio.Reader) (Request, error) {
	words := strings.Fields(line)
	if len(words) < 2 || len(words) > 3 || words[0] != http.MethodPost {
		return Request{}, fmt.Errorf("%q should be like POST /v1/messages HTTP/1.1", line)
	}
	target, err := url.Parse(words[1])
	if err != nil {
		return Request{}, err
	}
	header, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil {
		return Request{}, fmt.Errorf("headers: %w", err)
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(in); err != nil {
		return Request{}, err
	}
	r := Raw(target.RequestURI(), bytes.TrimSpace(body.Bytes()))
	for name, values := range header {
		if !slices.Contains([]string{"Host", "Content-Length", "Accept-Encoding", "Connection"}, name) {
			for _, v := range values {
				r = r.Header(name, v)
			}
		}
	}
	return noted(r, notes)
}

// noted does what the comments say.
func noted(r Request, notes []string) (Request, error) {
	for _, note := range notes {
		what, value, _ := strings.Cut(note, " ")
		value = strings.TrimSpace(value)
		switch {
		case !strings.HasPrefix(what, "@"):
		case value == "":
			return r, fmt.Errorf("%s: needs a value", what)
		case what == "@at":
			r = r.At(value)
		case what == "@session":
			r = r.Session(value)
		case what == "@channel":
			r = r.Channel(value)
		case what == "@metadata":
			name, value, ok := strings.Cut(value, "=")
			if !ok {
				return r, fmt.Errorf("%s: should be like plan=gold", note)
			}
			r = r.Metadata(strings.TrimSpace(name), strings.TrimSpace(value))
		default:
			return r, fmt.Errorf("there is no %s; there are @at, @session, @channel and @metadata", what)
		}
	}
	return r, r.wrong
}
