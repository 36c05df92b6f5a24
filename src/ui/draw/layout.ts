/**
 * How the rows of a screen are shared out. What matters most is seated first: how far it is, what can be pressed, what
 * it is; then servers, map and decisions by turns, and air last of all. The sum is never more than there is.
 */

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface GetLayout {
  /** Empty columns on either side. */
  readonly margin: number;
  /** Columns between the margins. */
  readonly width: number;
  readonly title: number;
  readonly bar: number;
  /** Speed, time left and the like; the second row says what is proved. */
  readonly numbers: number;
  readonly map: number;
  readonly serverHeading: number;
  readonly servers: number;
  /** Speed graph and decisions beside one another, with one row of headings among them. */
  readonly isWide: boolean;
  readonly lowerHeading: number;
  readonly graph: number;
  readonly decisions: number;
  readonly farm: number;
  /** An empty row before the map, the servers, the lower part, the foot and, where there is one, the farm. */
  readonly gaps: number;
  readonly foot: number;
}

const WIDE_FROM = 92;
/** Of a tall screen the pictures get their share, too. */
const mapRowsMax = (rows: number): number => Math.max(12, Math.floor(rows * 0.36));
const lowerRowsMax = (rows: number): number => Math.max(9, Math.floor(rows * 0.28));

/** Hands out rows until there are none left. */
class Rows {
  left: number;

  constructor(rows: number) {
    this.left = rows;
  }

  take(wanted: number): number {
    const taken = Math.max(0, Math.min(Math.floor(wanted), this.left));
    this.left -= taken;
    return taken;
  }

  /** All or nothing. */
  takeAll(wanted: number): number {
    return wanted <= this.left ? this.take(wanted) : 0;
  }
}

/** Margins that leave a small screen all its columns. */
export const marginAt = (columns: number): number => (columns >= 76 ? 2 : columns >= 30 ? 1 : 0);

export function getLayout({ columns, rows }: ScreenSize, servers: number, farmServers: number): GetLayout {
  const margin = marginAt(columns);
  const width = Math.max(1, columns - 2 * margin);
  const isWide = width >= WIDE_FROM;
  const share = new Rows(rows);
  const bar = share.take(1);
  const foot = share.take(1);
  const title = share.take(1);
  let serverRows = share.take(Math.min(servers, 1));
  let numbers = share.take(1);
  let map = share.take(1);
  serverRows += share.take(Math.min(servers - serverRows, 2));
  let decisions = share.take(1);
  serverRows += share.take(Math.min(servers - serverRows, share.left * 0.6));
  map += share.take(1);
  const farm = farmServers === 0 ? 0 : share.takeAll(farmServers + 1) || share.take(1);
  const serverHeading = share.left >= 4 ? share.take(1) : 0;
  const gaps = share.left >= 8 ? share.take(farm > 1 ? 5 : 4) : share.left >= 5 ? share.take(2) : 0;
  map += share.take(2);
  const lowerHeading = share.left >= 4 ? share.take(1) : 0;
  if (isWide) {
    decisions += share.take(4);
    map += share.take(Math.min(mapRowsMax(rows) - map, share.left / 2));
    numbers += share.take(1);
    decisions += share.take(lowerRowsMax(rows) - decisions);
    map += share.take(mapRowsMax(rows) - map);
    return { margin, width, title, bar, numbers, map, serverHeading, servers: serverRows, isWide, lowerHeading, graph: decisions, decisions, farm, gaps, foot };
  }
  let graph = share.left >= 4 ? share.take(3) : 0;
  decisions += share.take(3);
  numbers += share.left > 0 ? share.take(1) : 0;
  map += share.take(Math.min(mapRowsMax(rows) - map, share.left / 3));
  graph += graph === 0 ? 0 : share.take(Math.min(4, share.left / 2));
  decisions += share.take(lowerRowsMax(rows) - decisions);
  return { margin, width, title, bar, numbers, map, serverHeading, servers: serverRows, isWide, lowerHeading, graph, decisions, farm, gaps, foot };
}

export interface ServeLayout {
  readonly margin: number;
  readonly width: number;
  readonly title: number;
  /** The heading's row included. */
  readonly table: number;
  readonly isWide: boolean;
  readonly lowerHeading: number;
  readonly graph: number;
  readonly notes: number;
  /** The commands to copy. */
  readonly commands: number;
  readonly gaps: number;
  readonly foot: number;
}

/** @param commandRows how many rows each command to copy takes at a width, the most useful one first */
export function serveLayout({ columns, rows }: ScreenSize, servers: number, commandRows: (width: number) => readonly number[]): ServeLayout {
  const margin = marginAt(columns);
  const width = Math.max(1, columns - 2 * margin);
  const wantedForEach = commandRows(width);
  const isWide = width >= WIDE_FROM;
  const share = new Rows(rows);
  const title = share.take(1);
  const foot = share.take(1);
  let table = share.take(Math.min(servers, 3));
  let notes = share.take(1);
  // Half a command is of no use.
  let commands = share.takeAll(wantedForEach[0] ?? 0);
  table += share.take(Math.min(servers + 1 - table, Math.ceil(share.left * 0.7)));
  for (const wanted of commands === 0 ? [] : wantedForEach.slice(1)) commands += share.takeAll(wanted);
  const gaps = share.left >= 9 ? share.take(4) : 0;
  const lowerHeading = share.left >= 3 ? share.take(1) : 0;
  const wanted = Math.min(2 * lowerRowsMax(rows), share.left);
  if (isWide) notes += share.take(wanted);
  else notes += share.take(Math.floor(wanted / 2));
  const graph = isWide ? notes : share.take(wanted - Math.floor(wanted / 2));
  return { margin, width, title, table, isWide, lowerHeading, graph, notes, commands, gaps, foot };
}

/** The first of `count` rows that a window of `room` rows shows, so that the chosen one is in it. */
export function windowStart(count: number, room: number, chosen: number): number {
  if (count <= room || room <= 0) return 0;
  return Math.min(count - room, Math.max(0, chosen - Math.floor(room / 2)));
}
