/** What an actor knows, as the rows of a tidy tree: what is folded is one line that tells how much it holds. */
import { isRecord, recordOf } from './json.ts';

export interface ContextRow {
  /** Its keys from the top, joined by slashes. */
  readonly path: string;
  readonly level: number;
  readonly key: string;
  /** The value in one line. */
  readonly text: string;
  readonly kind: 'text' | 'number' | 'word' | 'actor' | 'note' | 'group';
  readonly isOpen: boolean | null;
}

/** Rows of one context; the sender bounds what it sends, and this holds for a file that somebody wrote. */
const ROWS_MAX = 5_000;
/** A small thing is told on its own line, unfolded it would only take room. */
const INLINE_MAX = 44;

/** The context of a message's snapshot; for what is no machine, whatever the snapshot holds. */
export function contextOf(snapshotText: string): unknown {
  const snapshot = recordOf(recordOf(parsed(snapshotText))['snapshot']);
  const { context, value: _value, status: _status, ...others } = snapshot;
  return context ?? others;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isActor = (value: unknown): boolean => isRecord(value) && value['xstate$$type'] === 1;

function kindOf(value: unknown): ContextRow['kind'] {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'string') return value.startsWith('…') ? 'note' : 'text';
  return isActor(value) ? 'actor' : 'word';
}

function inline(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? value.toLocaleString('en') : String(Math.round(value * 1_000) / 1_000);
  if (isActor(value)) return `→ ${String(recordOf(value)['id'])}`;
  return JSON.stringify(value) ?? 'undefined';
}

function short(value: unknown): string | null {
  if (isActor(value)) return inline(value);
  const parts = Array.isArray(value) ? value.map(short) : isRecord(value) ? Object.entries(value).map(([key, one]) => (short(one) === null ? null : `${key}: ${short(one)}`)) : [inline(value)];
  if (parts.some((part) => part === null)) return null;
  const text = Array.isArray(value) ? `[${parts.join(', ')}]` : isRecord(value) ? `{ ${parts.join(', ')} }` : parts.join('');
  return text.length > INLINE_MAX && typeof value === 'object' ? null : text.replace('{  }', '{}');
}

const sizeText = (value: object): string => {
  const count = Array.isArray(value) ? value.length : Object.keys(value).length;
  return `${count.toLocaleString('en')} ${count === 1 ? 'entry' : 'entries'}`;
};

/** The rows under a value; `turned` are the paths whose fold was turned over. The first level is open by itself. */
export function contextRows(context: unknown, turned: ReadonlySet<string>): readonly ContextRow[] {
  const rows: ContextRow[] = [];
  const add = (value: object, path: string, level: number): void => {
    for (const [key, one] of Object.entries(value)) {
      if (rows.length >= ROWS_MAX) return;
      const at = path === '' ? key : `${path}/${key}`;
      const line = short(one);
      if (line !== null || typeof one !== 'object' || one === null) rows.push({ path: at, level, key, text: line ?? '', kind: kindOf(one), isOpen: null });
      else {
        const isOpen = turned.has(at);
        rows.push({ path: at, level, key, text: sizeText(one), kind: 'group', isOpen });
        if (isOpen) add(one, at, level + 1);
      }
    }
  };
  if (typeof context === 'object' && context !== null) add(context, '', 1);
  return rows;
}
