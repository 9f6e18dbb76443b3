package gemini

import (
	"strings"
)

// mediaTypes are those that the API takes, by the endings of file names.
var mediaTypes = [...]struct{ ending, media string }{
	{".png", "image/png"},
	{".jpg", "image/jpeg"},
	{".jpeg", "image/jpeg"},
	{".webp", "image/webp"},
	{".gif", "image/gif"},
	{".heic", "image/heic"},
	{".heif", "image/heif"},
	{".bmp", "image/bmp"},
	{".pdf", "application/pdf"},
	{".txt", "text/plain"},
	{".md", "text/markdown"},
	{".csv", "text/csv"},
	{".html", "text/html"},
	{".json", "application/json"},
	{".mp4", "video/mp4"},
	{".mp3", "audio/mp3"},
	{".wav", "audio/wav"},
}

// mediaOf tells the type of linked data by the link, "" if it does not say.
func mediaOf(url string) string {
	path, _, _ := strings.Cut(url, "?")
	path, _, _ = strings.Cut(path, "#")
	path = strings.ToLower(path[max(0, len(path)-8):])
	for _, t := range mediaTypes {
		if strings.HasSuffix(path, t.ending) {
			return t.media
		}
	}
	return ""
}

// takesInline reports that the API takes data of the type. It refuses a request
// with any other.
func takesInline(media string) bool {
	switch media {
	case "image/gif", "image/svg+xml", "image/tiff":
		return false
	case "application/pdf", "application/json", "application/xml", "application/rtf":
		return true
	}
	return strings.HasPrefix(media, "image/") || strings.HasPrefix(media, "text/")
}

// takesInResult reports that a result of a function may hold data of the type.
func takesInResult(media string) bool {
	switch media {
	case "image/png", "image/jpeg", "image/jpg", "image/webp", "application/pdf", "text/plain":
		return true
	}
	return false
}

// isGoogles reports that the link leads to what Google stores for its own
// models.
func isGoogles(url string) bool {
	for _, prefix := range [...]string{
		"gs://", "https://generativelanguage.googleapis.com/", "files/",
		"https://www.youtube.com/", "https://youtube.com/", "https://youtu.be/",
	} {
		if strings.HasPrefix(url, prefix) {
			return true
		}
	}
	return false
}
