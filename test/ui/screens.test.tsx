/** What the views show, at many sizes and in every kind of terminal, drawn by Ink itself. */
import { describe, expect, test } from 'vitest';
import { cleanForeignText } from '../../src/base/foreign-text.ts';
import { farmModelOf, farmSampled } from '../../src/ui/farm-model.ts';
import { GetScreen, helpScrollMax } from '../../src/ui/get-screen.tsx';
import type { GetModel } from '../../src/ui/get-screen.tsx';
import { GET_SCREEN_AT_START } from '../../src/ui/get-steering.ts';
import type { GetScreenState, Panel } from '../../src/ui/get-steering.ts';
import { GET_KEYS } from '../../src/ui/keys.ts';
import { ServeScreen } from '../../src/ui/serve-screen.tsx';
import type { ServeModel } from '../../src/ui/serve-screen.tsx';
import { SERVE_SCREEN_AT_START } from '../../src/ui/serve-steering.ts';
import { progressSentence } from '../../src/ui/spoken-get.tsx';
import { isThorough } from '../support/thorough.ts';
import { columnsOf, paintedRows, rowsOf } from './support/drawn.tsx';
import { COLOURFUL, COLOURLESS, decision, downloadView, farmServer, farmView, getModel, OLD, serverLine, stretch, TERMINALS } from './support/models.ts';

const SIZES = [[120, 40], [80, 24], [40, 10], [200, 60], [60, 12], [20, 5], [7, 3], [2, 2], [1, 1]] as const;

const shown = (model: GetModel, columns: number, rows: number, terminal = COLOURFUL, state: Partial<GetScreenState> = {}): readonly string[] =>
  rowsOf(<GetScreen model={model} state={{ ...GET_SCREEN_AT_START, ...state }} size={{ columns, rows }} />, columns, terminal);

/** Every row fits, and there are no more of them than the screen has. */
function expectToFit(drawn: readonly string[], columns: number, rows: number): void {
  expect(drawn.length).toBeLessThanOrEqual(rows);
  for (const row of drawn) expect(columnsOf(row)).toBeLessThanOrEqual(columns);
}

const hostile = cleanForeignText('\u001B[31mevil\u0007\u202E字字ｗｗ👩‍👩‍👧é́́ ok');

const busy = getModel(
  downloadView({
    servers: [
      serverLine(1),
      serverLine(2, { state: 'failed', strikes: 2, lastFault: { code: 'refused', detail: 'ECONNREFUSED' }, retryInMs: 1_234, lanes: 0, rateBytesPerSec: 0 }),
      serverLine(3, { state: 'quarantined', lastFault: { code: 'wrong-range', detail: hostile } }),
      serverLine(4, { label: '字'.repeat(30), url: 'http://xn--e1afmkfd.example/' }),
      serverLine(5, { state: 'retired', lastFault: { code: 'cancelled', detail: 'dropped by the user' } }),
    ],
    path: `/tmp/${hostile}${'字'.repeat(80)}.bin`,
    limitBytesPerSec: 1_000_000,
    recoveredBytes: 1_000_000,
    stretches: [stretch(0, 30_000_000, 1, 'written', true), stretch(30_000_000, 40_000_000, 2, 'resting'), stretch(40_000_000, 60_000_000, 4, 'coming')],
  }),
  [
    { type: 'course', atMs: 0, state: 'transferring' },
    { type: 'server', atMs: 10, mirrorId: 1, url: 'http://127.0.0.1:12001/', state: 'downloading', bytes: 0, rateBytesPerSec: 0 },
    { type: 'segment', atMs: 20, segmentId: 7, start: 0, end: 1_000_000, mirrorId: 1, state: 'downloading' },
    { type: 'segment', atMs: 30, segmentId: 7, start: 0, end: 1_000_000, mirrorId: 1, state: 'failed' },
    decision(`server 3 stalled: 4.2 MiB of segment 7 moved to server 1, says ${hostile}`),
  ],
);

const PANELS: readonly Panel[] = ['overview', 'server', 'segments', 'machines', 'help'];

describe('the view of a download', () => {
  test.each(SIZES)('fits %i × %i, in every terminal and on every page, whatever the servers say', (columns, rows) => {
    for (const terminal of TERMINALS) expectToFit(shown(busy, columns, rows, terminal), columns, rows);
    for (const panel of PANELS) for (const terminal of isThorough ? TERMINALS : [COLOURFUL, OLD]) expectToFit(shown(busy, columns, rows, terminal, { panel }), columns, rows);
  });

  test.each(SIZES)('fits %i × %i with 64 servers, and shows the chosen one', (columns, rows) => {
    const many = getModel(downloadView({ servers: Array.from({ length: 64 }, (_, at) => serverLine(at + 1)) }));
    const drawn = shown(many, columns, rows, COLOURLESS, { serverId: 50 });
    expectToFit(drawn, columns, rows);
    if (rows >= 5 && columns >= 20) expect(drawn.join('\n')).toMatch(/▸.*50/u);
  });

  test('shows what a user came for at 80 × 24', () => {
    const text = shown(getModel(undefined, [decision('server 3 stalled: 4.2 MiB of segment 7 moved to server 1.')]), 80, 24).join('\n');
    for (const words of ['ubuntu.iso', '80.0 MiB', '50 %', '40.0 MiB of 80.0 MiB', '8.00 MiB/s now', '5 s left', '10.0 MiB/s mean', '12001', 'downloading', '2/6', 'Server 3 stalled', 'q quit']) expect(text).toContain(words);
  });

  test('says what is proved so far, and what will be', () => {
    const text = (model: GetModel): string => shown(model, 120, 40).join('\n');
    expect(text(getModel())).toContain('the size, by 3 servers;');
    expect(text({ ...getModel(), checksum: 'sha-256' })).toContain('sha-256');
  });

  test('says why a server does not deliver, and when it is asked again', () => {
    for (const columns of [80, 120]) {
      const row = shown(busy, columns, 40).find((each) => each.includes('12002')) ?? '';
      expect(row).toContain('failed');
      expect(row).toContain('again in 1.3 s: refused the connection');
    }
  });

  test.each([[40, 12], [20, 5]] as const)('says on %i × %i in a whole word what a server does', (columns, rows) => {
    const states = { connecting: 'calling', ready: 'ready', downloading: 'loading', failed: 'failed', quarantined: 'barred', retired: 'out', done: 'done' } as const;
    for (const [state, word] of Object.entries(states)) {
      const model = getModel(downloadView({ servers: [serverLine(1, { state: state as keyof typeof states })] }));
      expect(shown(model, columns, rows).find((row) => row.includes('12001'))).toMatch(new RegExp(`12001 +${word}(?: |$)`, 'u'));
    }
  });

  test('tells what is there of the file from what is missing without a colour, too', () => {
    for (const terminal of [COLOURLESS, OLD]) {
      const bar = /50 % {2}(\S+)/u.exec(shown(getModel(), 80, 24, terminal)[1] ?? '')?.[1] ?? '';
      expect(new Set(bar.slice(0, bar.length / 2 - 1)).size).toBe(1);
      expect(bar.at(-1)).not.toBe(bar[0]);
    }
  });

  test.each([[120, 40], [80, 24], [40, 12], [24, 8]] as const)('tells on %i × %i every key and every sign, some of them further down, none of them cut', (columns, rows) => {
    for (const terminal of [COLOURFUL, COLOURLESS, OLD]) {
      const size = { columns, rows };
      const most = helpScrollMax(getModel(), size, terminal);
      const seen = Array.from({ length: most + 1 }, (_, scrolledBy) => shown(getModel(), columns, rows, terminal, { panel: 'help', scrolledBy }));
      for (const page of seen) expect(page.slice(1).join('')).not.toMatch(/…/u);
      const text = seen.flat().join(' ').replaceAll(/\s+/gu, ' ');
      for (const { keys, asciiKeys = keys, says } of GET_KEYS) {
        expect(text).toContain(` ${terminal.isUnicode ? keys : asciiKeys} `);
        for (const word of says.replaceAll('’', terminal.isUnicode ? '’' : "'").split(' ')) expect(text).toContain(word);
      }
      for (const words of ['2/6', terminal.isUnicode ? '4→2' : '4>2', 'Asked for,', 'Nobody', 'they fetch.']) expect(text).toContain(words);
      if (most > 0) expect(seen[most]).not.toEqual(seen[most - 1]);
    }
  });

  test('keeps every number in its place while the numbers change', () => {
    const rowAt = (rate: number, bytes: number): string => shown(getModel(downloadView({ servers: [serverLine(1, { rateBytesPerSec: rate, bytes })], rateBytesPerSec: rate, writtenBytes: bytes })), 120, 40).find((row) => row.includes('12001')) ?? '';
    const places = [[0, 0], [999, 1_023], [1_048_000, 999_999], [123_456_789, 79_000_000]].map(([rate = 0, bytes = 0]) => rowAt(rate, bytes).indexOf('2/6'));
    expect(new Set(places).size).toBe(1);
  });

  test('speaks ASCII where there is no Unicode, and has no colour codes where there is no colour', () => {
    for (const panel of PANELS) {
      for (const row of shown(busy, 100, 30, OLD, { panel })) expect(row).toMatch(/^[\u0020-\u007E]*$/u);
      const painted = paintedRows(<GetScreen model={busy} state={{ ...GET_SCREEN_AT_START, panel }} size={{ columns: 100, rows: 30 }} />, 100, COLOURLESS).join('\n');
      expect(painted).not.toMatch(/\u001B\[(?:3\d|4\d|9\d|10\d)/u);
    }
  });

  test('lets no code of a server through', () => {
    for (const panel of PANELS) {
      const painted = paintedRows(<GetScreen model={busy} state={{ ...GET_SCREEN_AT_START, panel, serverId: 3 }} size={{ columns: 120, rows: 40 }} />, 120, COLOURFUL).join('\n');
      expect(painted).not.toMatch(/[\u0007\u202E]/u);
      expect(painted.replace(/\u001B\[[\d;]*m/gu, '')).not.toContain('\u001B');
    }
  });

  test('is drawn while nobody has told the size, and before there is any server', () => {
    expect(shown(getModel(downloadView({ totalBytes: null, etaSeconds: null, stretches: [] })), 100, 30).join('\n')).toContain('No server tells the size');
    expect(shown(getModel(downloadView({ course: 'discovering', totalBytes: null, servers: [], stretches: [], path: null })), 100, 30).join('\n')).toContain('discovering');
  });

  test('tells a server’s story, a segment’s story, and the tree of machines', () => {
    const page = (panel: Panel): string => shown(busy, 120, 40, COLOURFUL, { panel, serverId: 1 }).join('\n');
    expect(page('server')).toMatch(/server 1 {2}downloading[\s\S]*0:00\.0 +downloading[\s\S]*moved to server 1/u);
    expect(page('segments')).toMatch(/segment 7 +failed[\s\S]*0:00\.0 +downloading[\s\S]*failed/u);
    expect(page('machines')).toMatch(/coordinator +transferring[\s\S]*server-2 +failed[\s\S]*segment-7 +failed/u);
    expect(page('help')).toContain('Stop and keep everything for a resume');
  });

  test('shows the farm below the download where one process runs both', () => {
    const model = { ...getModel(), farm: farmModelOf(farmView([farmServer(1), farmServer(2, { state: 'dead' })])) };
    expect(shown(model, 120, 40).join('\n')).toMatch(/requests[\s\S]*12001[\s\S]*dead/u);
    expect(shown(model, 40, 12).join('\n')).toMatch(/1 alive.*2 dead/u);
    for (const [columns, rows] of SIZES) expectToFit(shown(model, columns, rows), columns, rows);
  });

  test('shows what is being typed, the end of it where it is long', () => {
    const foot = shown(getModel(), 60, 20, COLOURFUL, { prompt: { ask: 'mirror', text: `http://example.org/${'x'.repeat(200)}end` } }).at(-1) ?? '';
    expect(foot).toContain('URL:');
    expect(foot).toContain('xend');
  });

  test('tells a screen reader in a sentence', () => {
    expect(progressSentence(downloadView())).toBe('ubuntu.iso: 40.0 MiB of 80.0 MiB, 50 %, at 8.00 MiB/s from 3 servers, 5.0 s left.');
    expect(progressSentence(downloadView({ course: 'paused' }))).toBe('ubuntu.iso is paused.');
  });
});

describe('the view of a farm', () => {
  const model: ServeModel = {
    farm: farmSampled(farmModelOf(farmView([farmServer(1), farmServer(2, { state: 'dead', trouble: `It crashed: ${hostile}` }), farmServer(3, { faults: ['slow=20480', 'stall'] })])), farmView(), 1_000),
    notes: [{ atMs: 1_000, text: 'Server 2 is dead: it was killed.' }],
    notesTold: 1,
    commands: ['plait get -p 12001,12002,12003 -o demo.bin', 'curl -o demo.bin http://127.0.0.1:12001/'],
  };
  const withFaults: ServeModel = { ...model, farm: { ...model.farm, view: farmView([farmServer(1), farmServer(2, { state: 'dead' }), farmServer(3, { faults: ['slow=20480', 'stall'] })]) } };
  const serve = (columns: number, rows: number, terminal = COLOURFUL): readonly string[] =>
    rowsOf(<ServeScreen model={withFaults} state={SERVE_SCREEN_AT_START} size={{ columns, rows }} />, columns, terminal);

  test.each(SIZES)('fits %i × %i in every terminal', (columns, rows) => {
    for (const terminal of TERMINALS) expectToFit(serve(columns, rows, terminal), columns, rows);
  });

  test.each([12, 10])('at 40 × %i the command to copy is there whole, in rows that a shell joins', (rows) => {
    const command = 'plait get -p 12001,12002,12003,12004,12005 -o demo.bin';
    const five: ServeModel = { ...model, commands: [command, 'curl -o demo.bin http://127.0.0.1:12001/'], farm: farmModelOf(farmView([1, 2, 3, 4, 5].map((index) => farmServer(index)))) };
    const drawn = rowsOf(<ServeScreen model={five} state={SERVE_SCREEN_AT_START} size={{ columns: 40, rows }} />, 40, COLOURFUL).map((row) => row.trim());
    const from = drawn.findIndex((row) => row.startsWith('plait get'));
    expect(drawn.slice(from).join('').replaceAll('\\', '')).toContain(command);
    if (rows === 12) expect(drawn.slice(0, from).join('\n')).toMatch(/12001[\s\S]*12002[\s\S]*12003[\s\S]*12004[\s\S]*12005/u);
  });

  test('while nobody asks for anything there is no peak, and its page of keys speaks of servers alone', () => {
    const idle: ServeModel = { ...model, farm: farmModelOf(farmView([farmServer(1, { rateBytesPerSec: 0 })])) };
    const text = (panel: 'overview' | 'help'): string => rowsOf(<ServeScreen model={idle} state={{ ...SERVE_SCREEN_AT_START, panel }} size={{ columns: 120, rows: 40 }} />, 120, COLOURFUL).join('\n');
    expect(text('overview')).toContain('speed, last 15 s');
    expect(text('overview')).not.toContain('peak');
    expect(text('help')).not.toContain('segment');
    expect(text('help')).toContain('End the farm.');
  });

  test('says in 40 columns, too, that a server is starting', () => {
    const starting: ServeModel = { ...model, farm: farmModelOf(farmView([farmServer(1, { state: 'starting' })])) };
    expect(rowsOf(<ServeScreen model={starting} state={SERVE_SCREEN_AT_START} size={{ columns: 40, rows: 12 }} />, 40, COLOURFUL).join('\n')).toMatch(/12001 starts /u);
  });

  test('shows each server’s port, state, connections, requests, bytes, speed and faults, and how to fetch', () => {
    const text = serve(120, 40).join('\n');
    for (const words of ['2 of 3 alive', '12001', 'alive', '14', '24.0 MiB', '8.00 MiB/s', 'slow=20.0 KiB/s, stall', 'dead', 'it was killed', 'plait get -p 12001,12002,12003 -o demo.bin', 'curl -o demo.bin', 'q end']) expect(text).toContain(words);
  });
});
