package access_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/access"
	"github.com/dctx-team/routex/examples/server/store"
)

const token = "a token of an admin"

// request makes one with headers in pairs of name and value; Host is one.
func request(method, target string, header ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.Host = "localhost:3000"
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func TestWhoMayManage(t *testing.T) {
	tests := map[string]struct {
		header            []string
		loopback, strange bool // whether it gets in on a loopback address, and on any other
	}{
		"localhost":                 {nil, true, false},
		"without a port":            {[]string{"Host", "localhost"}, true, false},
		"in capitals":               {[]string{"Host", "LocalHost:80"}, true, false},
		"127.0.0.1":                 {[]string{"Host", "127.0.0.1:3000"}, true, false},
		"::1":                       {[]string{"Host", "[::1]:3000"}, true, false},
		"::1 without a port":        {[]string{"Host", "[::1]"}, true, false},
		"a name that leads here":    {[]string{"Host", "evil.example:3000"}, false, false},
		"a name that begins alike":  {[]string{"Host", "localhost.evil.example"}, false, false},
		"a port that is none":       {[]string{"Host", "localhost:x@evil.example"}, false, false},
		"an address that is close":  {[]string{"Host", "127.0.0.10"}, false, false},
		"no name":                   {[]string{"Host", ""}, false, false},
		"through nginx":             {[]string{"X-Forwarded-For", "1.2.3.4"}, false, false},
		"through nginx, other name": {[]string{"X-Real-IP", "1.2.3.4"}, false, false},
		"through a proxy":           {[]string{"Forwarded", "for=1.2.3.4"}, false, false},
		"told by the scheme":        {[]string{"X-Forwarded-Proto", "https"}, false, false},
		"through a cache":           {[]string{"Via", "1.1 cache"}, false, false},
		"with the token":            {[]string{"Host", "evil.example", "Authorization", "Bearer " + token}, true, true},
		"with the token, small":     {[]string{"Host", "evil.example", "Authorization", "bearer  " + token}, true, true},
		"forwarded with the token":  {[]string{"X-Forwarded-For", "1.2.3.4", "Authorization", "Bearer " + token}, true, true},
		"with another token":        {[]string{"Host", "evil.example", "Authorization", "Bearer " + token + "x"}, false, false},
		"with an empty token":       {[]string{"Host", "evil.example", "Authorization", "Bearer "}, false, false},
		"by another scheme":         {[]string{"Host", "evil.example", "Authorization", "Basic " + token}, false, false},
		"by the digest":             {[]string{"Host", "evil.example", "Authorization", "Bearer " + access.DigestOf(token).String()}, false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := request("GET", "/api/channels", tt.header...)
			o := access.Options{AdminToken: access.DigestOf(token)}
			for _, listens := range []struct {
				loopback, auth, want bool
			}{{true, false, tt.loopback}, {true, true, tt.strange}, {false, false, tt.strange}} {
				o.Loopback, o.LoopbackAuth = listens.loopback, listens.auth
				if got := access.New(o).Admin(r) == nil; got != listens.want {
					t.Errorf("on loopback %v, asked always %v: let in %v, want %v", listens.loopback, listens.auth, got, listens.want)
				}
			}
		})
	}
	if access.New(access.Options{}).Admin(request("GET", "/api", "Authorization", "Bearer ")) == nil ||
		access.New(access.Options{}).Admin(request("GET", "/api", "Authorization", "Bearer x")) == nil {
		t.Error("without any token, some text is one")
	}
}

const secretKey = "sk-routex-0123456789"

func keys(records ...store.ClientKey) *access.Keys {
	k := new(access.Keys)
	k.Set(records)
	return k
}

func record() store.ClientKey {
	return store.ClientKey{ID: "k1", Name: "laptop", Digest: access.DigestOf(secretKey).String()}
}

func revoked() store.ClientKey {
	k := record()
	k.RevokedAt = 1
	return k
}

// status is that of the answer to a call, 200 if it is let through.
func status(o access.Options, r *http.Request) (int, string) {
	w := httptest.NewRecorder()
	access.New(o).Calls(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestWhoMayCall(t *testing.T) {
	shown := []string{"Authorization", "Bearer " + secretKey}
	wrong := []string{"Authorization", "Bearer sk-ant-whatever"}
	tests := map[string]struct {
		o      access.Options
		header []string
		want   int
	}{
		"here, without keys":               {access.Options{Loopback: true}, nil, 200},
		"here, with a provider's key":      {access.Options{Loopback: true}, wrong, 200},
		"here, through nginx":              {access.Options{Loopback: true}, []string{"Host", "x.example", "X-Forwarded-For", "1.2.3.4"}, 200},
		"here, a key exists":               {access.Options{Loopback: true, Keys: keys(record())}, nil, 401},
		"here, the key":                    {access.Options{Loopback: true, Keys: keys(record())}, shown, 200},
		"here, another key":                {access.Options{Loopback: true, Keys: keys(record())}, wrong, 401},
		"here, the only key was revoked":   {access.Options{Loopback: true, Keys: keys(revoked())}, nil, 401},
		"here, by the revoked key":         {access.Options{Loopback: true, Keys: keys(revoked())}, shown, 401},
		"elsewhere, without keys":          {access.Options{}, nil, 401},
		"elsewhere, with a provider's key": {access.Options{}, wrong, 401},
		"elsewhere, the key":               {access.Options{Keys: keys(record())}, shown, 200},
		"open":                             {access.Options{OpenCalls: true}, nil, 200},
		"open, with a provider's key":      {access.Options{OpenCalls: true, Keys: keys(record())}, wrong, 200},
		"the admin token is no key":        {access.Options{AdminToken: access.DigestOf(token)}, []string{"Authorization", "Bearer " + token}, 401},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, body := status(tt.o, request("POST", "/v1/messages", tt.header...)); got != tt.want {
				t.Errorf("status %d, want %d: %s", got, tt.want, body)
			}
		})
	}
}

// Each client shows its key, and reads what is wrong, in its own way.
func TestKeysAreShownAsTheProtocolsDo(t *testing.T) {
	o := access.Options{Keys: keys(record())}
	tests := []struct {
		target, name, value string
		refusal             string // part of the body for another key
	}{
		{"/v1/messages", "X-Api-Key", secretKey, `"authentication_error"`},
		{"/v1/messages", "Authorization", "Bearer " + secretKey, `"authentication_error"`},
		{"/v1/chat/completions", "Authorization", "Bearer " + secretKey, `"code":"invalid_api_key"`},
		{"/v1/responses", "Authorization", "Bearer " + secretKey, `"code":"invalid_api_key"`},
		{"/openai/deployments/d/chat/completions", "Api-Key", secretKey, `"code":"invalid_api_key"`},
		{"/v1beta/models/m:generateContent", "X-Goog-Api-Key", secretKey, `"status":"UNAUTHENTICATED"`},
		{"/v1beta/models/m:generateContent?key=" + secretKey, "", "", `"status":"UNAUTHENTICATED"`},
		{"/v1/realtime", "Sec-Websocket-Protocol", "realtime, openai-insecure-api-key." + secretKey, `"code":"invalid_api_key"`},
	}
	for _, tt := range tests {
		header := []string{tt.name, tt.value}
		if tt.name == "" {
			header = nil
		}
		if got, body := status(o, request("POST", tt.target, header...)); got != 200 {
			t.Errorf("%s with %s: status %d: %s", tt.target, tt.name, got, body)
		}
		for i := range header {
			header[i] = strings.ReplaceAll(header[i], secretKey, "sk-wrong")
		}
		got, body := status(o, request("POST", strings.ReplaceAll(tt.target, secretKey, "wrong"), header...))
		if got != 401 || !strings.Contains(body, tt.refusal) {
			t.Errorf("%s with another key: status %d, want 401 and %s: %s", tt.target, got, tt.refusal, body)
		}
	}
	both := request("POST", "/v1/messages", "Authorization", "Bearer sk-of-a-provider", "X-Api-Key", secretKey)
	if got, body := status(o, both); got != 200 {
		t.Errorf("one of two is the key: status %d: %s", got, body)
	}
	if got, _ := status(o, request("POST", "/v1/chat/completions?key="+secretKey)); got != 401 {
		t.Errorf("only Google's clients put it into the query: status %d", got)
	}
}

func TestPagesOfOtherOriginsCannotCall(t *testing.T) {
	open := access.Options{Loopback: true}
	tests := map[string]struct {
		o      access.Options
		method string
		header []string
		want   int
	}{
		"another site":              {open, "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"another site, old browser": {open, "POST", []string{"Origin", "https://evil.example"}, 403},
		"another port":              {open, "POST", []string{"Origin", "http://localhost:8080"}, 403},
		"its own page":              {open, "POST", []string{"Origin", "http://localhost:3000", "Sec-Fetch-Site", "same-origin"}, 200},
		"a connection from a page":  {open, "GET", []string{"Upgrade", "websocket", "Connection", "Upgrade", "Origin", "https://evil.example"}, 403},
		"a connection of a program": {open, "GET", []string{"Upgrade", "websocket", "Connection", "Upgrade"}, 200},
		"a name that leads here":    {open, "POST", []string{"Host", "evil.example:3000", "Origin", "http://evil.example:3000", "Sec-Fetch-Site", "same-origin"}, 403},
		"the same, to read":         {open, "GET", []string{"Host", "evil.example:3000", "Sec-Fetch-Site", "same-origin"}, 403},
		"a page with a key": {
			access.Options{Loopback: true, Keys: keys(record())},
			"POST",
			[]string{"Host", "chat.example", "Origin", "https://chat.example", "Sec-Fetch-Site", "same-origin", "X-Api-Key", secretKey},
			200,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := request(tt.method, "/v1/messages", tt.header...)
			if got, body := status(tt.o, r); got != tt.want {
				t.Errorf("status %d, want %d: %s", got, tt.want, body)
			}
		})
	}
}

func TestWhoIsBelievedAboutTheCaller(t *testing.T) {
	proxies, err := access.ParseProxies("10.0.0.0/8, 192.168.1.1,2001:db8::/32")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		peer      string
		forwarded []string
		want      string
	}{
		"nobody between":          {"1.2.3.4:5", nil, "1.2.3.4"},
		"a stranger says so":      {"1.2.3.4:5", []string{"9.9.9.9"}, "1.2.3.4"},
		"a proxy says so":         {"10.1.1.1:5", []string{"9.9.9.9"}, "9.9.9.9"},
		"a proxy says nothing":    {"10.1.1.1:5", nil, "10.1.1.1"},
		"what a client made up":   {"10.1.1.1:5", []string{"8.8.8.8, 9.9.9.9"}, "9.9.9.9"},
		"two proxies":             {"192.168.1.1:5", []string{"8.8.8.8, 9.9.9.9", "10.2.2.2"}, "9.9.9.9"},
		"nonsense behind a proxy": {"10.1.1.1:5", []string{"evil, 10.2.2.2"}, "10.2.2.2"},
		"version 6":               {"[2001:db8::1]:5", []string{"2001:ffff::2"}, "2001:ffff::2"},
		"4 written as 6":          {"[::ffff:10.1.1.1]:5", []string{"::ffff:9.9.9.9"}, "9.9.9.9"},
		"only proxies":            {"10.1.1.1:5", []string{"10.2.2.2"}, "10.2.2.2"},
		"no address":              {"@", []string{"9.9.9.9"}, "invalid IP"},
	}
	g := access.New(access.Options{TrustedProxies: proxies})
	for name, tt := range tests {
		r := request("GET", "/")
		r.RemoteAddr, r.Header["X-Forwarded-For"] = tt.peer, tt.forwarded
		if got := g.ClientAddress(r).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	for _, bad := range []string{"localhost", "10.0.0.0/99", "1.2.3.4:80"} {
		if _, err := access.ParseProxies(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q gives %v", bad, err)
		}
	}
}
