package secret_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/secret"
	"github.com/dctx-team/routex/examples/server/store"
)

// planted is in every secret of the channel that these tests keep.
const planted = "PLANTED"

func withSecrets(id string) store.Channel {
	return store.Channel{
		ID: id, Name: "channel " + id, Type: "openai", BaseURL: "https://x.test/v1?key=" + planted,
		APIKey: "sk-" + planted, APIKeys: []string{"sk-1-" + planted, "sk-2-" + planted},
		Headers: map[string]string{"X-A": planted, "X-Empty": ""}, ProxyURL: "http://u:" + planted + "@proxy.test:8080",
	}
}

func open(t *testing.T, dir string) *store.DB {
	t.Helper()
	s, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func write(t *testing.T, s store.Store, channels ...store.Channel) {
	t.Helper()
	if err := s.Write(t.Context(), store.Change{PutChannels: channels}); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, s store.Store) []store.Channel {
	t.Helper()
	c, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c.Channels
}

// filesWith lists the files of a directory that hold the text.
func filesWith(t *testing.T, dir, text string) []string {
	t.Helper()
	var found []string
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), text) {
			found = append(found, filepath.Base(name))
		}
	}
	return found
}

func TestSecretsAreSealedAtRest(t *testing.T) {
	dir := t.TempDir()
	inner := open(t, dir)
	s := secret.Wrap(inner, secret.NewKey())
	want := withSecrets("a")
	given := withSecrets("a")
	write(t, s, given)
	if !reflect.DeepEqual(given, want) {
		t.Errorf("Write has changed what it was given: %+v", given)
	}
	if got := load(t, s); !reflect.DeepEqual(got, []store.Channel{want}) {
		t.Errorf("the store gives back\n%+v, want\n%+v", got, want)
	}
	if found := filesWith(t, dir, planted); found != nil {
		t.Errorf("secrets are in clear in %q", found)
	}
	raw := load(t, inner)[0]
	if raw.Name != want.Name || raw.Headers["X-Empty"] != "" {
		t.Errorf("what is no secret is kept as %+v", raw)
	}
	if got := secret.Unreadable(&raw); !slices.Equal(got, []string{"apiKey", "apiKeys", `headers["X-A"]`, "baseUrl", "proxyUrl"}) {
		t.Errorf("sealed are %q", got)
	}
}

func TestTheSameSecretIsNeverSealedAlike(t *testing.T) {
	inner := open(t, t.TempDir())
	s := secret.Wrap(inner, secret.NewKey())
	c := store.Channel{ID: "a", Name: "a", APIKeys: []string{"same", "same"}}
	write(t, s, c)
	if keys := load(t, inner)[0].APIKeys; keys[0] == keys[1] {
		t.Error("two seals of one text can be told to be that")
	}
}

func TestClearTextIsSealedAtTheStart(t *testing.T) {
	dir := t.TempDir()
	inner := open(t, dir)
	write(t, inner, withSecrets("a"), store.Channel{ID: "plain", Name: "plain"}, withSecrets("b"))
	if filesWith(t, dir, planted) == nil {
		t.Fatal("the test would not find clear text")
	}
	s := secret.Wrap(inner, secret.NewKey())
	for _, want := range []int{2, 0} {
		if n, err := s.Reseal(t.Context()); n != want || err != nil {
			t.Errorf("Reseal wrote %d channels (%v), want %d", n, err, want)
		}
	}
	if found := filesWith(t, dir, planted); found != nil {
		t.Errorf("secrets are still in clear in %q", found)
	}
	if got := load(t, s); !reflect.DeepEqual(got[0], withSecrets("a")) || len(got) != 3 {
		t.Errorf("the store gives back %+v", got)
	}
}

// A wrong key must not destroy what the right one can still read.
func TestAWrongKeyLeavesSecretsAsTheyAre(t *testing.T) {
	inner, right := open(t, t.TempDir()), secret.NewKey()
	write(t, secret.Wrap(inner, right), withSecrets("a"))
	wrong := secret.Wrap(inner, secret.NewKey())
	c := load(t, wrong)[0]
	if got := secret.Unreadable(&c); len(got) != 5 {
		t.Fatalf("unreadable are %q, want all five fields", got)
	}
	if strings.Contains(fmt.Sprint(c), planted) {
		t.Error("the wrong key reads something")
	}
	if err := wrong.CheckReadable(t.Context()); err == nil || !strings.Contains(err.Error(), `"channel a"`) {
		t.Errorf("CheckReadable gives %v, want an error that names the channel", err)
	}
	if n, err := wrong.Reseal(t.Context()); n != 0 || err != nil {
		t.Errorf("Reseal wrote %d channels (%v)", n, err)
	}
	c.Priority, c.APIKey = 7, "sk-new"
	write(t, wrong, c)
	if got := load(t, wrong)[0]; got.APIKey != "sk-new" || len(secret.Unreadable(&got)) != 4 {
		t.Errorf("with a new key the channel is %+v", got)
	}
	want := withSecrets("a")
	got := load(t, secret.Wrap(inner, right))[0]
	if got.Priority != 7 || !slices.Equal(got.APIKeys, want.APIKeys) || !maps.Equal(got.Headers, want.Headers) || got.BaseURL != want.BaseURL {
		t.Errorf("with the right key again the channel is %+v", got)
	}
}

// Who can write to the database must not be able to send a key to a channel of
// their own.
func TestASecretOpensOnlyInItsPlace(t *testing.T) {
	inner, key := open(t, t.TempDir()), secret.NewKey()
	s := secret.Wrap(inner, key)
	write(t, s, withSecrets("a"))
	raw := load(t, inner)[0]
	stolen := map[string]store.Channel{
		"another channel": {ID: "b", Name: "b", APIKey: raw.APIKey},
		"another field":   {ID: "a", Name: "b", Headers: map[string]string{"X-A": raw.APIKey}},
		"another header":  {ID: "a", Name: "b", Headers: map[string]string{"X-B": raw.Headers["X-A"]}},
		"a changed text":  {ID: "a", Name: "b", APIKey: raw.APIKey[:len(raw.APIKey)-2] + "AA"},
		"a cut text":      {ID: "a", Name: "b", APIKey: raw.APIKey[:20]},
		"no text":         {ID: "a", Name: "b", APIKey: "sealed:v1:" + key.ID() + ":"},
	}
	for name, c := range stolen {
		t.Run(name, func(t *testing.T) {
			inner := open(t, t.TempDir())
			write(t, inner, c)
			got := load(t, secret.Wrap(inner, key))[0]
			if len(secret.Unreadable(&got)) != 1 {
				t.Errorf("it opens: %+v", got)
			}
		})
	}
}

func TestRotation(t *testing.T) {
	inner, before, after := open(t, t.TempDir()), secret.NewKey(), secret.NewKey()
	write(t, secret.Wrap(inner, before), withSecrets("a"), withSecrets("b"))
	both := secret.Wrap(inner, after, before)
	if got := load(t, both); !reflect.DeepEqual(got[0], withSecrets("a")) {
		t.Errorf("an old key is not used to read: %+v", got)
	}
	if n, err := both.Reseal(t.Context()); n != 2 || err != nil {
		t.Fatalf("Reseal wrote %d channels: %v", n, err)
	}
	if err := secret.Wrap(inner, after).CheckReadable(t.Context()); err != nil {
		t.Error(err)
	}
	if err := secret.Wrap(inner, before).CheckReadable(t.Context()); err == nil {
		t.Error("the old key still reads")
	}
}

func ExampleWrap() {
	dir, err := os.MkdirTemp("", "routex-*")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	inner, err := store.Open(ctx, dir)
	if err != nil {
		panic(err)
	}
	defer func() { _ = inner.Close() }()
	s := secret.Wrap(inner, secret.NewKey())
	err = s.Write(ctx, store.Change{PutChannels: []store.Channel{{ID: "1", Name: "main", APIKey: "sk-1"}}})
	fmt.Println(err)
	opened, _ := s.Load(ctx)
	kept, _ := inner.Load(ctx)
	fmt.Println(opened.Channels[0].APIKey, secret.Sealed(kept.Channels[0].APIKey))
	// Output:
	// <nil>
	// sk-1 true
}

// The path of a webhook's URL can be its credential.
func TestTheURLOfATeeIsSealed(t *testing.T) {
	dir := t.TempDir()
	inner := open(t, dir)
	s := secret.Wrap(inner, secret.NewKey())
	want := store.Tee{ID: "t", Name: "t", Type: "webhook", URL: "https://x.test/services/" + planted}
	if err := inner.Write(t.Context(), store.Change{PutTees: []store.Tee{want}}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Reseal(t.Context()); n != 1 || err != nil {
		t.Errorf("Reseal wrote %d tees (%v), want 1", n, err)
	}
	if found := filesWith(t, dir, planted); found != nil {
		t.Errorf("the URL is in clear in %q", found)
	}
	if c, err := s.Load(t.Context()); err != nil || c.Tees[0].URL != want.URL {
		t.Errorf("the store gives back %+v (%v)", c.Tees, err)
	}
}
