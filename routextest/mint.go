package routextest

import (
	"encoding/base64"
	"hash/fnv"
	"strconv"
	"strings"
)

// A mint makes the opaque texts of a provider (signatures, encrypted
// reasoning), and knows them again: they hold the provider's name and a sum of
// what they belong to.
type mint string

// coin makes the text for a content.
func (m mint) coin(content string) string {
	h := fnv.New64a()
	h.Write([]byte(m + "/" + mint(content)))
	return base64.StdEncoding.EncodeToString([]byte("minted by " + string(m) + "/" + strconv.FormatUint(h.Sum64(), 36)))
}

// made reports that this mint made the text, for whatever content.
func (m mint) made(coin string) bool {
	plain, err := base64.StdEncoding.DecodeString(coin)
	return err == nil && strings.HasPrefix(string(plain), "minted by "+string(m)+"/")
}
