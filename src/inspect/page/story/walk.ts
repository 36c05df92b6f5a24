/** Walking a tree with the arrow keys, as in every tree: up and down, right opens or goes in, left closes or goes out. */

/** A line of a tree as it is shown. */
export interface WalkedRow {
  readonly level: number;
  /** Whether its fold is open; null where it has none. */
  readonly isOpen: boolean | null;
}

export interface WalkStep {
  readonly to: number;
  /** Its fold turns over. */
  readonly turn: boolean;
}

/** Where a key leads from a row; `index` is -1 where nobody is anywhere yet. Null for keys that lead nowhere. */
export function walked(rows: readonly WalkedRow[], index: number, key: string): WalkStep | null {
  const row = rows[index];
  if (key === 'ArrowDown') return { to: Math.min(rows.length - 1, index + 1), turn: false };
  if (key === 'ArrowUp') return { to: Math.max(0, index - 1), turn: false };
  if (key === 'Home') return { to: 0, turn: false };
  if (key === 'End') return { to: rows.length - 1, turn: false };
  if (row === undefined) return null;
  if (key === 'ArrowRight') return row.isOpen === false ? { to: index, turn: true } : { to: Math.min(rows.length - 1, index + 1), turn: false };
  if (key !== 'ArrowLeft') return null;
  if (row.isOpen === true) return { to: index, turn: true };
  const parent = rows.findLastIndex((above, at) => at < index && above.level < row.level);
  return parent < 0 ? null : { to: parent, turn: false };
}
