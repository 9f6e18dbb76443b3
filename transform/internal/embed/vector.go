package embed

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// checkVector checks that v is an array of numbers, or a string which may be
// base64.
func checkVector(at *conv.Path, v conv.Raw) error {
	if v.IsString() {
		return nil
	}
	if !v.IsArray() {
		return at.Fail("must be an array of numbers or a string of base64")
	}
	for c := v.Walk(); c.Next(); {
		if !c.Value.IsNumber() {
			p := at.At(c.Index)
			return p.Fail("must be a number")
		}
	}
	return nil
}

// appendVector appends an embedding as base64 or as an array of numbers. What
// has the right form already keeps its text.
func appendVector(dst []byte, v conv.Raw, asBase64 bool) ([]byte, error) {
	switch {
	case asBase64 == v.IsString():
		return append(dst, v...), nil
	case asBase64:
		return appendBase64(dst, v), nil
	}
	return appendNumbers(dst, v)
}

// appendBase64 writes an array of numbers as little-endian 32-bit floats.
func appendBase64(dst []byte, v conv.Raw) []byte {
	floats := make([]byte, 0, len(v)/2)
	for c := v.Walk(); c.Next(); {
		f, _ := strconv.ParseFloat(string(c.Value), 32) // out of range gives an infinity, as rounding would
		floats = binary.LittleEndian.AppendUint32(floats, math.Float32bits(float32(f)))
	}
	dst = append(dst, '"')
	return append(base64.StdEncoding.AppendEncode(dst, floats), '"')
}

// appendNumbers writes base64 of little-endian 32-bit floats as an array of
// the shortest numbers that read back the same.
func appendNumbers(dst []byte, v conv.Raw) ([]byte, error) {
	floats, err := base64.StdEncoding.DecodeString(v.Str().String())
	if err != nil || len(floats)%4 != 0 {
		return nil, &conv.FieldError{Field: "embedding", Problem: "is not base64 of 32-bit floats"}
	}
	dst = append(dst, '[')
	for i := 0; i < len(floats); i += 4 {
		f := float64(math.Float32frombits(binary.LittleEndian.Uint32(floats[i:])))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, &conv.FieldError{Field: "embedding", Problem: "holds what is not a number"}
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendFloat(dst, f, 'g', -1, 32)
	}
	return append(dst, ']'), nil
}
