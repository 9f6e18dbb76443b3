package router_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// picture gives an image of that size in base64.
func picture(t testing.TB, format string, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, img)
	case "gif":
		err = gif.Encode(&b, img, nil)
	case "jpeg":
		err = jpeg.Encode(&b, img, nil)
	case "jpeg with a profile": // a long segment before the one with the size
		var plain bytes.Buffer
		err = jpeg.Encode(&plain, img, nil)
		segment := append([]byte{0xFF, 0xE2, 0x20, 0x02}, bytes.Repeat([]byte{0x55}, 0x2000)...)
		b.Write(plain.Bytes()[:2])
		b.Write(segment)
		b.Write(plain.Bytes()[2:])
	case "webp": // lossy
		b.WriteString("RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00\x00\x00\x00\x9d\x01\x2a")
		b.Write([]byte{byte(width), byte(width >> 8), byte(height), byte(height >> 8)})
		b.Write(make([]byte, 64))
	case "webp lossless":
		bits := uint32(width-1) | uint32(height-1)<<14
		b.WriteString("RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f")
		b.Write([]byte{byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)})
		b.Write(make([]byte, 64))
	case "webp extended":
		b.WriteString("RIFF\x00\x00\x00\x00WEBPVP8X\x00\x00\x00\x00\x00\x00\x00\x00")
		b.Write([]byte{byte(width - 1), byte((width - 1) >> 8), 0, byte(height - 1), byte((height - 1) >> 8), 0})
		b.Write(make([]byte, 64))
	}
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// added is what a part adds to a message.
func added(t *testing.T, model, part string) int {
	t.Helper()
	count := func(part string) int {
		return parse(t, `{"model":"`+model+`","messages":[{"role":"user","content":[{"type":"text","text":"x"}`+part+`]}]}`).Tokens()
	}
	return count(","+part) - count("")
}

func TestImagesCountByTheirSize(t *testing.T) {
	for _, format := range []string{"png", "gif", "jpeg", "jpeg with a profile", "webp", "webp lossless", "webp extended"} {
		for _, test := range []struct {
			model         string
			width, height int
			want          int
		}{
			{"claude-opus-4", 200, 200, 64},     // 8 by 8 squares
			{"claude-opus-4", 1000, 1000, 1296}, // 36 by 36
			{"claude-opus-4", 4000, 3000, 1568}, // more than there is
			{"claude-opus-4-7", 1000, 1000, 1296},
			{"anthropic/claude-opus-4.8", 4000, 3000, 4784},
			{"some-model", 4000, 3000, 1568},
			{"gpt-5", 512, 512, 70 + 140},
			{"gpt-5-mini", 1024, 1024, 1024 * 162 / 100}, // 32 by 32 patches
			{"openai/o4-mini", 4000, 4000, 1536 * 172 / 100},
			{"gpt-4o-mini", 512, 512, 2833 + 5667},
			{"o3", 512, 512, 75 + 150},
			{"gemini-3-pro", 4000, 3000, 1120},
			{"gpt-4o", 512, 512, 85 + 170},     // a tile
			{"gpt-4o", 1024, 1024, 85 + 4*170}, // 768 by 768
			{"gpt-4o", 2048, 4096, 85 + 6*170}, // 768 by 1536
			{"gemini-2.5-pro", 384, 384, 258},  // a small one
			{"gemini-2.5-pro", 1000, 700, 2 * 258},
		} {
			data := picture(t, format, test.width, test.height)
			for name, part := range map[string]string{
				"Anthropic": `{"type":"image","source":{"type":"base64","media_type":"image/x","data":"` + data + `"}}`,
				"Chat":      `{"type":"image_url","image_url":{"url":"data:image/x;base64,` + data + `"}}`,
				"Responses": `{"type":"input_image","image_url":"data:image/x;base64,` + data + `"}`,
				"Gemini":    `{"inlineData":{"mimeType":"image/x","data":"` + data + `"}}`,
				"snake":     `{"inline_data":{"data":"` + data + `","mime_type":"image/x"}}`,
			} {
				if got := added(t, test.model, part); got != test.want {
					t.Errorf("%s of %d by %d for %s, as %s has it: %d tokens, want %d", format, test.width, test.height, test.model, name, got, test.want)
				}
			}
		}
	}
}

// Anthropic's vocabulary since Opus 4.7 makes more tokens of a text.
func TestTextGoesByTheVersionOfClaude(t *testing.T) {
	text := strings.Repeat("The router spreads calls over several channels. ", 100)
	count := func(model string) int {
		return parse(t, `{"model":"`+model+`","messages":[{"role":"user","content":"`+text+`"}]}`).Tokens()
	}
	older, newer := count("claude-sonnet-4-20250514"), count("claude-opus-4-7")
	if newer < older*115/100 || newer > older*135/100 {
		t.Errorf("%d tokens, before Opus 4.7 %d", newer, older)
	}
	for _, model := range []string{
		"claude-3-opus-20240229", "claude-3-5-sonnet-20241022", "claude-sonnet-4-6", "claude-opus-4-1@20250805", "claude-2.1", "claude",
		"anthropic.claude-haiku-4-5-20251001-v1:0", "claude-instant-v1", "claude-20990101",
	} {
		if got := count(model); got != older {
			t.Errorf("%s: %d tokens, want %d", model, got, older)
		}
	}
	for _, model := range []string{"claude-opus-4-8", "anthropic/claude-opus-4.7", "us.anthropic.claude-opus-4-7-v1:0", "claude-sonnet-5", "claude-opus-10-20300101"} {
		if got := count(model); got != newer {
			t.Errorf("%s: %d tokens, want %d", model, got, newer)
		}
	}
}

func TestImagesOfUnknownSize(t *testing.T) {
	for name, part := range map[string]string{
		"URL":           `{"type":"image","source":{"type":"url","url":"https://a.test/x.png"}}`,
		"file":          `{"type":"image","source":{"type":"file","file_id":"file_1"}}`,
		"Chat's URL":    `{"type":"image_url","image_url":{"url":"https://a.test/x.png","detail":"high"}}`,
		"Gemini's URI":  `{"fileData":{"mimeType":"image/png","fileUri":"https://a.test/x"}}`,
		"cut off":       `{"type":"image","source":{"data":"iVBORw0"}}`,
		"not an image":  `{"type":"image","source":{"data":"` + strings.Repeat("A", 90_000) + `"}}`,
		"not base64":    `{"type":"image","source":{"data":"` + strings.Repeat("!?", 40) + `"}}`,
		"broken JPEG":   `{"type":"image","source":{"data":"` + base64.StdEncoding.EncodeToString(append([]byte{0xFF, 0xD8, 0xFF, 0xE0, 0, 0}, make([]byte, 60)...)) + `"}}`,
		"endless JPEG":  `{"type":"image","source":{"data":"` + base64.StdEncoding.EncodeToString(append([]byte{0xFF, 0xD8}, bytes.Repeat([]byte{0xFF}, 600)...)) + `"}}`,
		"in a result":   `{"type":"tool_result","content":[{"type":"image","source":{"type":"url","url":"https://a.test/x.png"}}]}`,
		"other options": `{"type":"image_url","image_url":{"url":"https://a.test/x.png"},"cache_control":{"type":"ephemeral"}}`,
	} {
		if got := added(t, "m", part); got < 1000 || got > 2000 {
			t.Errorf("%s: %d tokens", name, got)
		}
	}
	for model, want := range map[string]int{"gpt-4o": 85, "gpt-5": 70, "gemini-2.5-pro": 258, "gemini-3-pro": 1120} {
		if got := added(t, model, `{"type":"image_url","image_url":{"url":"https://a.test/x.png","detail":"low"}}`); got != want {
			t.Errorf("low detail for %s: %d tokens", model, got)
		}
	}
	for _, model := range []string{"gpt-5-mini", "claude-opus-4-7", "m"} {
		if got := added(t, model, `{"type":"image_url","image_url":{"url":"https://a.test/x.png","detail":"low"}}`); got < 1000 {
			t.Errorf("low detail, which %s does not know: %d tokens", model, got)
		}
	}
}

// What is in base64 costs by what it is and never as text.
func TestFilesAreNoText(t *testing.T) {
	data := strings.Repeat("JVBERi0xLjQK", 10_000) // 120 kB
	for name, test := range map[string]struct {
		part string
		most int
	}{
		"Anthropic's PDF": {`{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"` + data + `"}}`, 7000},
		"Chat's PDF":      {`{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,` + data + `"}}`, 7000},
		"Responses' PDF":  {`{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,` + data + `"}`, 7000},
		"Gemini's PDF":    {`{"inlineData":{"mimeType":"application/pdf","data":"` + data + `"}}`, 7000},
		"a sound":         {`{"type":"input_audio","input_audio":{"data":"` + data + `","format":"mp3"}}`, 1000},
		"Gemini's sound":  {`{"inlineData":{"mimeType":"audio/mp3","data":"` + data + `"}}`, 1000},
		"Gemini's film":   {`{"inlineData":{"mimeType":"video/mp4","data":"` + data + `"}}`, 1000},
	} {
		if got := added(t, "m", test.part); got < 100 || got > test.most {
			t.Errorf("%s: %d tokens", name, got)
		}
	}
}

func TestDocumentsOfText(t *testing.T) {
	words := strings.Repeat("word ", 1000)
	encoded := base64.StdEncoding.EncodeToString([]byte(words))
	for name, part := range map[string]string{
		"text":          `{"type":"document","source":{"type":"text","media_type":"text/plain","data":"` + words + `"}}`,
		"type at last":  `{"source":{"data":"` + words + `","media_type":"text/plain","type":"text"},"type":"document"}`,
		"content":       `{"type":"document","source":{"type":"content","content":[{"type":"text","text":"` + words + `"}]}}`,
		"title":         `{"type":"document","title":"` + words + `","source":{"type":"text","data":""}}`,
		"base64":        `{"type":"input_file","file_data":"data:text/plain;base64,` + encoded + `"}`,
		"base64 Gemini": `{"inlineData":{"mimeType":"text/csv","data":"` + encoded + `"}}`,
	} {
		if got := added(t, "m", part); got < 900 || got > 1400 {
			t.Errorf("%s: %d tokens for 1000 words", name, got)
		}
	}
}
