import { defineErrors } from './entry.ts'

/**
 * What can be wrong with the text of an environment. Each is the code of a diagnostic with a place, whose message is the
 * language's own and more exact; the sentences here say what a code stands for.
 */
export const languageErrors = defineErrors({
  LANG_SYNTAX: { status: 400, message: 'the text is not YAML' },
  LANG_YAML: {
    status: 400,
    message: 'the text uses YAML that the language does not have: aliases, keys that are no strings, tags that do not fit',
  },
  LANG_SHAPE: { status: 400, message: 'a part of the document is not of the kind that belongs there' },
  LANG_DUPLICATE: { status: 400, message: 'a key stands twice in the same place, or is reserved' },
  LANG_UNKNOWN_FIELD: { status: 400, message: 'a key at the top of the document means nothing' },
  LANG_CALL: { status: 400, message: 'a builtin function is called with arguments it does not take, or does not exist' },
  LANG_REFERENCE_SYNTAX: { status: 400, message: 'a `${…}` reference is not written as one' },
  LANG_REFERENCE: { status: 400, message: 'a reference leads to nothing' },
  LANG_CYCLE: { status: 400, message: 'values or imports refer to themselves in a circle' },
  LANG_IMPORT: { status: 400, message: 'an imported environment cannot be had' },
  LANG_VALUE: { status: 400, message: 'a value cannot be turned into what is asked for' },
  LANG_SCHEMA: { status: 400, message: 'a value does not fit its schema, or the schema is none' },
  LANG_PROVIDER: { status: 400, message: 'a provider or rotator is not known, or failed' },
  LANG_SECRET: { status: 400, message: 'a sealed secret cannot be read' },
  LANG_FINAL: { status: 400, message: 'a value that an imported environment calls final is overridden; the final value stays' },
  LANG_CONTEXT_RESERVED: { status: 400, message: 'reserved context key: "{key}"', hint: 'the language sets it for every environment' },
  VARIABLE_NAME_INVALID: {
    status: 422,
    message: '`{name}` cannot be the name of an environment variable',
    hint: 'letters, digits and _, not beginning with a digit',
  },
  VARIABLE_NUL: { status: 422, message: 'the value of {name} contains a NUL character, which no environment variable can hold' },
  LANG_PATH_MISSING: { status: 404, message: 'the document has nothing at {path}' },
  LANG_LIMIT: { status: 400, message: 'the document goes beyond a limit: nesting, size of a text, depth of references or of imports' },
})
