import type { Value } from './value.ts'

/** Lays a value over another: objects merge, everything else replaces. What is final below stays as it is. */
export function mergeValues(top: Value, base: Value | undefined): Value {
  if (!base || isSameAccess(top, base)) return top
  return isHeld(top, base) ? base : top.over(base)
}

/** Whether two made-up unknowns stand for the same property of the same unknown. */
function isSameAccess(a: Value | undefined, b: Value | undefined): boolean {
  if (!a?.unknown || !b?.unknown) return false
  const one = a.def.accessOf
  const other = b.def.accessOf
  if (!one || !other || one.key !== other.key) return false
  return one.receiver === other.receiver || isSameAccess(one.receiver, other.receiver)
}

/** Whether laying a value over another one would change something final. */
export function overridesFinal(top: Value, base: Value | undefined): boolean {
  if (!base) return false
  if (isHeld(top, base)) return true
  if (!top.isMap || !base.isMap) return false
  for (const key of top.map.keys()) if (overridesFinal(top.property(key) as Value, base.property(key))) return true
  return false
}

/** Whether something final keeps a value from being laid over it; the same final value met again (two ways to one import) does not. */
function isHeld(top: Value, base: Value): boolean {
  return base.final ? top.def !== base.def : hidesFinal(top, base)
}

/** Whether a value that is no object would take away an object with something final in it. */
function hidesFinal(top: Value, base: Value): boolean {
  return !top.isMap && !top.unknown && base.isMap && containsFinal(base)
}

function containsFinal(value: Value): boolean {
  return value.final || (value.isMap && value.children().some(containsFinal))
}
