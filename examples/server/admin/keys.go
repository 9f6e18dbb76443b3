package admin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dctx-team/routex/examples/server/store"
)

// readKeys reads the keys of a channel. A key that was shown and comes back
// masked means the stored one, also when it moved between the two fields.
func readKeys(o *object, c *store.Channel, old *store.Channel) {
	const foreign = "is masked, and not as one key alone of this channel; send the whole key, or leave it out"
	if read(o, "apiKey", &c.APIKey, "", text()) {
		key, ok := unmask(c.APIKey, old.APIKey)
		if !ok {
			moved, wrong := unmaskAll([]string{key}, old.APIKeys)
			if key, ok = moved[0], len(wrong) == 0; !ok {
				o.wrong.add("apiKey", codeValue, foreign)
			}
		}
		c.APIKey = key
	}
	if read(o, "apiKeys", &c.APIKeys, nil, texts()) {
		keys, wrong := unmaskAll(c.APIKeys, old.APIKeys)
		if !slices.Contains(maskAll(old.APIKeys), mask(old.APIKey)) {
			keys, wrong = unmaskAll(keys, []string{old.APIKey})
		}
		for _, i := range wrong {
			o.wrong.add(fmt.Sprintf("apiKeys[%d]", i), codeValue, foreign)
		}
		c.APIKeys = keys
	}
}

// unmaskAll is unmask for a list: masks stand for the stored secrets that look
// so, in their order. wrong are the indexes of those that stand for none, or
// for some of several, when nobody can tell which.
func unmaskAll(sent, stored []string) (secrets []string, wrong []int) {
	alike, total, count := make(map[string][]string), make(map[string]int), make(map[string]int)
	for _, secret := range stored {
		shown := mask(secret)
		alike[shown] = append(alike[shown], secret)
		total[shown]++
	}
	for _, s := range sent {
		count[s]++
	}
	secrets = slices.Clone(sent)
	for i, s := range sent {
		switch same := alike[s]; {
		case !strings.Contains(s, hidden): // it is no mask
		case len(same) == 0, count[s] < total[s]:
			wrong = append(wrong, i)
		default:
			secrets[i], alike[s] = same[0], same[1:]
		}
	}
	return secrets, wrong
}

func maskAll(secrets []string) []string {
	out := make([]string, 0, len(secrets))
	for _, secret := range secrets {
		out = append(out, mask(secret))
	}
	return out
}
