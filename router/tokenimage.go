package router

import (
	"encoding/base64"
	"encoding/binary"
)

// openAIImage: 85 tokens, and 170 for each square of 512 pixels after the image
// has been fit into 2048 by 2048 and its short side into 768.
func openAIImage(width, height int, low bool) int {
	const base, tile = 85, 170
	if low || width == 0 {
		return base
	}
	w, h := within(width, height, 2048, 2048)
	if short := min(w, h); short > 768 {
		w, h = w*768/short, h*768/short
	}
	return base + tile*tiles(w, 512)*tiles(h, 512)
}

// geminiImage: 258 tokens, or as much for each square of 768 pixels of a larger
// image.
func geminiImage(width, height int, _ bool) int {
	const tile = 258
	if width <= 384 && height <= 384 {
		return tile
	}
	w, h := within(width, height, 3072, 3072)
	return tile * tiles(w, 768) * tiles(h, 768)
}

// areaImage: a token for 750 pixels, as Anthropic documents, whose models make
// an image smaller that has a side of more than 1568 or costs more than 1600.
func areaImage(width, height int, _ bool) int {
	const pixels, most = 750, 1600
	w, h := within(width, height, 1568, 1568)
	return min(w*h/pixels+1, most)
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
