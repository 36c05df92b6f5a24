/**
 * What actors know, as it may leave the program: plain JSON of bounded size. Actors hold no secrets (credentials live
 * in the net plane alone), so nothing is hidden here; it is only made small and safe to write.
 */
import { SHOWN_DEPTH_MAX, SHOWN_ENTRIES_MAX, SHOWN_TEXT_MAX, SHOWN_VALUES_MAX } from '../base/bounds.ts';
import type { Json } from './messages.ts';

/** How many more values may be shown; shared by all parts of one message. */
interface Room {
  values: number;
}

const cut = (text: string): string => (text.length <= SHOWN_TEXT_MAX ? text : `${text.slice(0, SHOWN_TEXT_MAX)}…`);

/** An actor's reference is shown as xstate itself writes it. */
const isActor = (value: object): value is { readonly id: string } =>
  'sessionId' in value && 'getSnapshot' in value && 'id' in value && typeof value.id === 'string';

function shownList(list: readonly unknown[], depth: number, room: Room): Json {
  if (depth >= SHOWN_DEPTH_MAX || room.values <= 0) return `… ${list.length} entries`;
  const entries: Json[] = [];
  for (const entry of list) {
    if (entries.length === SHOWN_ENTRIES_MAX || room.values <= 0) {
      entries.push(`… ${list.length - entries.length} more`);
      break;
    }
    entries.push(shownIn(entry, depth + 1, room));
  }
  return entries;
}

/** Sets a field whatever its name: an assignment to `__proto__` would set none. */
function set(object: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** A key as a field's name; an object, which may refuse to become text, has none of its own. */
const nameOf = (key: unknown): string => (typeof key === 'object' && key !== null ? '…' : String(key));

function shownFields(keys: readonly unknown[], valueOf: (key: unknown) => unknown, depth: number, room: Room): Json {
  if (depth >= SHOWN_DEPTH_MAX || room.values <= 0) return `… ${keys.length} fields`;
  const fields: Record<string, Json> = {};
  for (const [at, key] of keys.entries()) {
    if (at === SHOWN_ENTRIES_MAX || room.values <= 0) {
      set(fields, '…', `… ${keys.length - at} more`);
      break;
    }
    const value = valueOf(key);
    if (value !== undefined) set(fields, cut(nameOf(key)), shownIn(value, depth + 1, room));
  }
  return fields;
}

function shownObject(value: object, depth: number, room: Room): Json {
  if (isActor(value)) return { xstate$$type: 1, id: value.id };
  if (value instanceof Error) return { name: cut(value.name), message: cut(value.message) };
  if (ArrayBuffer.isView(value)) return `… ${value.byteLength} bytes`;
  if (Array.isArray(value)) return shownList(value, depth, room);
  if (value instanceof Set) return shownList([...value], depth, room);
  if (value instanceof Map) return shownFields([...value.keys()], (key) => value.get(key), depth, room);
  return shownFields(Object.keys(value), (key) => Reflect.get(value, String(key)), depth, room);
}

function shownIn(value: unknown, depth: number, room: Room): Json {
  room.values -= 1;
  switch (typeof value) {
    case 'string':
      return cut(value);
    case 'boolean':
      return value;
    case 'number':
      // JSON knows no infinity, and a pause without end is worth telling from none. Nor does it know a zero below zero.
      return Number.isFinite(value) ? value + 0 : String(value);
    case 'object':
      return value === null ? null : shownObject(value, depth, room);
    case 'undefined':
      return null;
    case 'function':
      return { type: value.name };
    case 'bigint':
    case 'symbol':
      return String(value);
  }
}

/** Any value as bounded JSON. */
export const shown = (value: unknown): Json => shownIn(value, 0, { values: SHOWN_VALUES_MAX });
