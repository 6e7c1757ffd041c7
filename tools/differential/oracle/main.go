// Answers one evaluation per line of standard input with what the reference makes of it, one line of JSON each.
//
// A request is {"name", "files": {name: base64 of a text}, "rotate", "rotatePaths"}; the file called "env" is the root.
// The answer has the keys of the conformance suite's expected.json, or "panic" or "hang" where there is none.
//
// With the argument "bench" and a folder of the suite, a line is {"iterations", "openMs", "loadMs"} instead: so many times
// the folder's env.yaml is parsed and opened, as the reference's own benchmark does it, and the answer is the wall-clock
// and processor time of one time.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/esc"
	"github.com/pulumi/pulumi/sdk/v3/go/common/esc/eval"
	"github.com/pulumi/pulumi/sdk/v3/go/common/esc/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const patience = 20 * time.Second

type request struct {
	Name        string            `json:"name"`
	Files       map[string]string `json:"files"`
	Rotate      bool              `json:"rotate"`
	RotatePaths []string          `json:"rotatePaths"`
}

func main() {
	debug.SetMaxStack(256 << 20)
	if len(os.Args) == 3 && os.Args[1] == "bench" {
		bench(os.Args[2])
		return
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		answer := answerInTime(line)
		out.Write(answer)
		out.WriteByte('\n')
		// At once: if the next question ends the process, it must be the first one without an answer.
		out.Flush()
	}
}

func answerInTime(line []byte) []byte {
	done := make(chan []byte, 1)
	go func() { done <- answer(line) }()
	select {
	case text := <-done:
		return text
	case <-time.After(patience):
		return []byte(`{"hang":true}`)
	}
}

func answer(line []byte) (text []byte) {
	defer func() {
		if trouble := recover(); trouble != nil {
			text, _ = json.Marshal(map[string]any{"panic": fmt.Sprint(trouble)})
		}
	}()
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		panic(err)
	}
	found, err := json.Marshal(evaluate(asked))
	if err != nil {
		found, _ = json.Marshal(map[string]any{"panic": "unserialisable: " + err.Error()})
	}
	return found
}

func evaluate(asked request) map[string]any {
	files := environments{}
	for name, text := range asked.Files {
		bytes, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			panic(err)
		}
		files[name] = bytes
	}
	user := esc.NewValue(map[string]esc.Value{"id": esc.NewValue("USER_123")})
	pulumi := esc.NewValue(map[string]esc.Value{"user": user})
	execContext, err := esc.NewExecContext(map[string]esc.Value{"pulumi": pulumi})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	answer := map[string]any{}
	env, diags, err := eval.LoadYAMLBytes(asked.Name, files["env"])
	if err != nil {
		panic(err)
	}
	answer["loadDiags"] = diags
	check, diags := eval.CheckEnvironment(ctx, asked.Name, env, turn{}, lookup{}, files, execContext, false, eval.EvalOptions{})
	answer["checkDiags"], answer["check"], answer["checkJson"] = diags, check, plain(check, true)
	open, diags := eval.EvalEnvironment(ctx, asked.Name, env, turn{}, lookup{}, files, execContext, eval.EvalOptions{})
	answer["evalDiags"], answer["eval"] = diags, open
	answer["evalJsonRedacted"], answer["evalJSONRevealed"] = plain(open, true), plain(open, false)
	if asked.Rotate {
		rotate(ctx, asked, files, execContext, answer)
	}
	return answer
}

func rotate(ctx context.Context, asked request, files environments, execContext *esc.ExecContext, answer map[string]any) {
	env, _, _ := eval.LoadYAMLBytes(asked.Name, files["env"])
	var paths []resource.PropertyPath
	for _, path := range asked.RotatePaths {
		parsed, err := resource.ParsePropertyPath(path)
		if err != nil {
			panic(err)
		}
		paths = append(paths, parsed)
	}
	rotated, result, diags := eval.RotateEnvironment(ctx, asked.Name, env, turn{}, lookup{}, files, execContext, paths, eval.EvalOptions{})
	patches := []*eval.Patch{}
	for _, rotation := range result {
		if rotation.Patch != nil {
			patches = append(patches, rotation.Patch)
		}
	}
	answer["rotateDiags"], answer["rotate"], answer["rotateJson"] = diags, rotated, plain(rotated, true)
	answer["rotatePatches"] = patches
}

func plain(env *esc.Environment, redact bool) any {
	if env == nil {
		return nil
	}
	return esc.NewValue(env.Properties).ToJSON(redact)
}

type benchRequest struct {
	Iterations int `json:"iterations"`
	OpenMs     int `json:"openMs"`
	LoadMs     int `json:"loadMs"`
}

func bench(folder string) {
	files := environments{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".yaml"); ok {
			if files[name], err = os.ReadFile(filepath.Join(folder, entry.Name())); err != nil {
				panic(err)
			}
		}
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var asked benchRequest
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			panic(err)
		}
		fmt.Println(measure(files, asked))
	}
}

func measure(files environments, asked benchRequest) string {
	slow := slowly{files, time.Duration(asked.LoadMs) * time.Millisecond, time.Duration(asked.OpenMs) * time.Millisecond}
	cpu, wall := processorTime(), time.Now()
	for i := 0; i < asked.Iterations; i++ {
		execContext, err := esc.NewExecContext(map[string]esc.Value{})
		if err != nil {
			panic(err)
		}
		env, diags, err := eval.LoadYAMLBytes("bench", files["env"])
		if err != nil || len(diags) != 0 {
			panic("the document does not load")
		}
		if _, diags := eval.EvalEnvironment(context.Background(), "bench", env, turn{}, slow, slow, execContext, eval.EvalOptions{}); len(diags) != 0 {
			panic(diags)
		}
	}
	n := time.Duration(asked.Iterations)
	return fmt.Sprintf(`{"wallNs":%d,"cpuNs":%d}`, time.Since(wall)/n, (processorTime()-cpu)/n)
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// slowly loads and opens after a while.
type slowly struct {
	environments
	load, open time.Duration
}

func (s slowly) LoadEnvironment(ctx context.Context, name string) ([]byte, eval.Decrypter, error) {
	time.Sleep(s.load)
	return s.environments.LoadEnvironment(ctx, name)
}

func (s slowly) LoadProvider(context.Context, string) (esc.Provider, error) {
	any := schema.Always()
	return provider{any, any, func(map[string]esc.Value) (esc.Value, error) {
		time.Sleep(s.open)
		return esc.NewValue(s.open.String()), nil
	}}, nil
}

func (s slowly) LoadRotator(context.Context, string) (esc.Rotator, error) {
	return nil, errors.New("there are no rotators here")
}

type environments map[string][]byte

func (e environments) LoadEnvironment(_ context.Context, name string) ([]byte, eval.Decrypter, error) {
	bytes, ok := e[name]
	if !ok || name == "env" {
		return nil, nil, fmt.Errorf("environment %q not found", name)
	}
	return bytes, turn{}, nil
}

func (environments) AuthorizeImport(context.Context, string, string, bool) error { return nil }

type turn struct{}

func (turn) Decrypt(_ context.Context, bytes []byte) ([]byte, error) {
	turned := make([]byte, len(bytes))
	for i, b := range bytes {
		turned[i] = b + 128
	}
	return turned, nil
}

type lookup struct{}

func (lookup) LoadProvider(_ context.Context, name string) (esc.Provider, error) {
	any := schema.Always()
	same := func(inputs map[string]esc.Value) (esc.Value, error) { return esc.NewValue(inputs), nil }
	switch name {
	case "test":
		return provider{any, any, same}, nil
	case "secret-wrapper":
		return provider{any, any, func(inputs map[string]esc.Value) (esc.Value, error) {
			return esc.Value{Value: inputs, Secret: true}, nil
		}}, nil
	case "error":
		why := schema.Record(schema.BuilderMap{"why": schema.String()}).Schema()
		return provider{why, any, func(inputs map[string]esc.Value) (esc.Value, error) {
			text, _ := inputs["why"].Value.(string)
			return esc.Value{}, errors.New(text)
		}}, nil
	case "schema":
		every := everyKeyword()
		return provider{every, every, same}, nil
	}
	return nil, fmt.Errorf("unknown provider %q", name)
}

func (lookup) LoadRotator(_ context.Context, name string) (esc.Rotator, error) {
	text := schema.String()
	switch name {
	case "swap":
		return rotator{
			inputs: schema.Always(),
			state:  schema.Record(schema.BuilderMap{"a": text, "b": text}).Schema(),
			open:   func(_, state map[string]esc.Value) (esc.Value, error) { return esc.NewValue(state), nil },
			rotate: func(_, state map[string]esc.Value) (esc.Value, error) {
				return esc.NewValue(map[string]esc.Value{"a": state["b"], "b": state["a"]}), nil
			},
		}, nil
	case "echo":
		return rotator{
			inputs: schema.Record(schema.BuilderMap{"next": text}).RotateOnly("next").Schema(),
			state: schema.Object().Properties(schema.BuilderMap{"current": text, "previous": text}).
				Required("current").Schema(),
			open: func(inputs, state map[string]esc.Value) (esc.Value, error) {
				if !inputs["next"].Unknown && inputs["next"].Value != state["current"].Value {
					return esc.Value{}, errors.New("oh no! inputs were evaluated outside of rotation")
				}
				return esc.NewValue(state), nil
			},
			rotate: func(inputs, state map[string]esc.Value) (esc.Value, error) {
				if inputs["next"].Unknown {
					return esc.Value{}, errors.New("oh no! rotateOnly inputs were not evaluated during rotation")
				}
				return esc.NewValue(map[string]esc.Value{"current": inputs["next"], "previous": state["current"]}), nil
			},
		}, nil
	}
	return nil, fmt.Errorf("unknown rotator %q", name)
}

type provider struct {
	inputs, outputs *schema.Schema
	open            func(map[string]esc.Value) (esc.Value, error)
}

func (p provider) Schema() (*schema.Schema, *schema.Schema) { return p.inputs, p.outputs }

func (p provider) Open(_ context.Context, inputs map[string]esc.Value, _ esc.EnvExecContext) (esc.Value, error) {
	return p.open(inputs)
}

type rotator struct {
	inputs, state *schema.Schema
	open, rotate  func(inputs, state map[string]esc.Value) (esc.Value, error)
}

func (r rotator) Schema() (*schema.Schema, *schema.Schema, *schema.Schema) {
	return r.inputs, r.state, r.state
}

func (r rotator) Open(_ context.Context, inputs, state map[string]esc.Value, _ esc.EnvExecContext) (esc.Value, error) {
	return r.open(inputs, state)
}

func (r rotator) Rotate(_ context.Context, inputs, state map[string]esc.Value, _ esc.EnvExecContext) (esc.Value, error) {
	return r.rotate(inputs, state)
}

// everyKeyword reads its schema from the text the other side uses too.
func everyKeyword() *schema.Schema {
	var every schema.Schema
	if err := json.NewDecoder(strings.NewReader(os.Getenv("EVERY_KEYWORD"))).Decode(&every); err != nil {
		panic(err)
	}
	return &every
}
