package router

import (
	"encoding/base64"
	"encoding/binary"
)

// openAIImages has what images cost by what the name of a model contains, the
// first that fits: tokens for the image and for each square of 512 pixels, or
// percent of a token for each square of 32.
var openAIImages = [...]struct {
	model             string
	base, tile, patch int
}{
	{"gpt-5-mini", 0, 0, 162},
	{"gpt-5-nano", 0, 0, 246},
	{"gpt-4.1-mini", 0, 0, 162},
	{"gpt-4.1-nano", 0, 0, 246},
	{"o4-mini", 0, 0, 172},
	{"gpt-4o-mini", 2833, 5667, 0},
	{"gpt-5", 70, 140, 0},
	{"gpt-", 85, 170, 0},
	{"", 75, 150, 0}, // o1, o3
}

// openAIImage counts squares of 512 pixels after the image has been fit into
// 2048 by 2048 and its short side into 768, or squares of 32 pixels, 1536 at
// most. The latter models know no low detail.
func openAIImage(model string, width, height int, low bool) int {
	const patches = 1536
	for _, cost := range openAIImages {
		switch {
		case !containsFold(model, cost.model):
		case cost.patch > 0 && width == 0:
			return imageTokens
		case cost.patch > 0:
			return min(tiles(width, 32)*tiles(height, 32), patches) * cost.patch / 100
		case low || width == 0:
			return cost.base
		default:
			w, h := within(width, height, 2048, 2048)
			if short := min(w, h); short > 768 {
				w, h = w*768/short, h*768/short
			}
			return cost.base + cost.tile*tiles(w, 512)*tiles(h, 512)
		}
	}
	return imageTokens
}

// geminiImage: what Gemini 3 gives an image when nothing else is asked for. The
// models before have 258 tokens, or as much for each square of 768 pixels of a
// larger image.
func geminiImage(model string, width, height int, _ bool) int {
	const tile, whole = 258, 1120
	switch {
	case containsFold(model, "gemini") && version(model) >= 3_00:
		return whole
	case width <= 384 && height <= 384:
		return tile
	}
	w, h := within(width, height, 3072, 3072)
	return tile * tiles(w, 768) * tiles(h, 768)
}

// smallImage: a token for each square of 28 pixels, as Anthropic documents, whose
// models make an image smaller that has a side of more than 1568 or costs more
// than as many tokens.
func smallImage(_ string, width, height int, _ bool) int { return patches(width, height, 1568, 1568) }

// largeImage has the limits since Opus 4.7.
func largeImage(_ string, width, height int, _ bool) int { return patches(width, height, 2576, 4784) }

func patches(width, height, side, most int) int {
	if width == 0 {
		return imageTokens
	}
	w, h := within(width, height, side, side)
	return min(tiles(w, 28)*tiles(h, 28), most)
}

// within makes an image smaller that is larger than the limits.
func within(width, height, maxWidth, maxHeight int) (w, h int) {
	w, h = width, height
	if w > maxWidth {
		w, h = maxWidth, h*maxWidth/w
	}
	if h > maxHeight {
		w, h = w*maxHeight/h, maxHeight
	}
	return max(w, 1), max(h, 1)
}

func tiles(length, side int) int { return (length + side - 1) / side }

// imageSize reads the size of a PNG, GIF, WebP or JPEG from its first bytes; 0
// when it is none.
func imageSize(data []byte) (width, height int) {
	var room [32]byte
	head := decodeAt(data, 0, room[:])
	if len(head) < 30 {
		return 0, 0
	}
	switch {
	case string(head[1:4]) == "PNG":
		return int(binary.BigEndian.Uint32(head[16:]) & 0xFFFFFF), int(binary.BigEndian.Uint32(head[20:]) & 0xFFFFFF)
	case string(head[:3]) == "GIF":
		return int(binary.LittleEndian.Uint16(head[6:])), int(binary.LittleEndian.Uint16(head[8:]))
	case string(head[8:12]) == "WEBP":
		return webpSize(head)
	case head[0] == 0xFF && head[1] == 0xD8:
		return jpegSize(data)
	}
	return 0, 0
}

// webpSize knows the three kinds of WebP.
func webpSize(head []byte) (width, height int) {
	u24 := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
	switch string(head[12:16]) {
	case "VP8X":
		return u24(head[24:]) + 1, u24(head[27:]) + 1
	case "VP8L":
		bits := binary.LittleEndian.Uint32(head[21:])
		return int(bits&0x3FFF) + 1, int(bits>>14&0x3FFF) + 1
	}
	return int(binary.LittleEndian.Uint16(head[26:]) & 0x3FFF), int(binary.LittleEndian.Uint16(head[28:]) & 0x3FFF)
}

// jpegSize goes from segment to segment until the one with the size.
func jpegSize(data []byte) (width, height int) {
	at := 2
	for range 100 {
		var room [12]byte
		s := decodeAt(data, at, room[:])
		if len(s) < 9 || s[0] != 0xFF {
			return 0, 0
		}
		switch marker := s[1]; {
		case marker == 0xFF: // padding
			at++
		case marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC:
			return int(binary.BigEndian.Uint16(s[7:])), int(binary.BigEndian.Uint16(s[5:]))
		default:
			at += 2 + int(binary.BigEndian.Uint16(s[2:]))
		}
	}
	return 0, 0
}

// decodeAt decodes the bytes from at on into dst, as many as there is room for.
func decodeAt(data []byte, at int, dst []byte) []byte {
	start := at / 3 * 4
	var in [48]byte
	var out [36]byte
	if start >= len(data) {
		return nil
	}
	n := copy(in[:], data[start:])
	m, _ := base64.StdEncoding.Decode(out[:], in[:n/4*4]) // a wrong byte ends what there is
	skip := at % 3
	return dst[:copy(dst, out[min(skip, m):m])]
}
