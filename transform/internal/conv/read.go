package conv

import "strconv"

// A Reader reads members of a request: it checks their types and reports what
// has no place in a Request.
type Reader struct {
	Lose Lose

	ends *ends // of the body
}

// Members gives the members of a body's top level to f, until it fails. It is
// called once, before everything else.
func (r *Reader) Members(body []byte, f func(at *Path, c *Cursor) error) error {
	var root Path
	whole := Body(View(body))
	if !whole.IsObject() {
		return root.Fail("must be a JSON object")
	}
	r.ends = findEnds(string(whole))
	for c := r.Walk(whole); c.Next(); {
		if err := f(&root, &c); err != nil {
			return err
		}
	}
	return nil
}

// Walk is [Raw.Walk] for values of the body.
func (r *Reader) Walk(v Raw) Cursor {
	c := v.Walk()
	c.ends = r.ends
	return c
}

// ToolMember reads a member that the tools of every protocol have, the schema
// under the name that the protocol gives it. It reports false for any other.
func (r Reader) ToolMember(at *Path, c *Cursor, t *Tool, schema string) (known bool, err error) {
	switch c.Key {
	case "type":
	case "name":
		t.Name, err = r.Text(at, c)
	case "description":
		t.Description, err = r.Text(at, c)
	case "strict":
		_, err = r.Bool(at, c)
		t.Strict = string(c.Value)
	case schema:
		var object Raw
		object, err = r.Object(at, c)
		t.Schema = string(object)
	default:
		return false, nil
	}
	return true, err
}

// Text returns a member that must be a string.
func (Reader) Text(at *Path, c *Cursor) (Str, error) {
	if !c.Value.IsString() {
		return "", fail(at, c, "must be a string")
	}
	return c.Value.Str(), nil
}

// Number returns a member that must be a number.
func (Reader) Number(at *Path, c *Cursor) (string, error) {
	if !c.Value.IsNumber() {
		return "", fail(at, c, "must be a number")
	}
	return string(c.Value), nil
}

// Integer returns a member that must be a whole number that is not negative.
func (Reader) Integer(at *Path, c *Cursor) (string, error) {
	if _, err := strconv.ParseUint(string(c.Value), 10, 63); err != nil {
		return "", fail(at, c, "must be a whole number")
	}
	return string(c.Value), nil
}

// Bool returns a member that must be true or false.
func (Reader) Bool(at *Path, c *Cursor) (bool, error) {
	if !c.Value.IsBool() {
		return false, fail(at, c, "must be true or false")
	}
	return c.Value == "true", nil
}

// Object checks that a member is an object.
func (Reader) Object(at *Path, c *Cursor) (Raw, error) {
	if !c.Value.IsObject() {
		return "", fail(at, c, "must be an object")
	}
	return c.Value, nil
}

// Array checks that a member is an array.
func (Reader) Array(at *Path, c *Cursor) (Raw, error) {
	if !c.Value.IsArray() {
		return "", fail(at, c, "must be an array")
	}
	return c.Value, nil
}

// Drop reports a member that has no place.
func (r Reader) Drop(at *Path, c *Cursor, why string) { r.Lose.Member(at, c.Key, why) }

// fail names the member, or the element, on which c stands.
func fail(at *Path, c *Cursor, problem string) error {
	p := at.Field(c.Key)
	if !c.object {
		p = at.At(c.Index)
	}
	return p.Fail(problem)
}
