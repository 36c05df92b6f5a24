import fc from 'fast-check';
import { createActor, createMachine } from 'xstate';
import { expect, test } from 'vitest';
import { shown } from '../../src/inspect/shown.ts';

test('whatever an actor knows becomes JSON of bounded size', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true, maxDepth: 8 }), (value) => {
      const text = JSON.stringify(shown(value));
      expect(text.length).toBeLessThan(1_000_000);
      expect(JSON.parse(text)).toEqual(shown(value));
    }),
  );
});

test('what is too deep, too long or too much is cut, and says so', () => {
  const endless: { self?: unknown } = {};
  endless.self = endless;
  expect(JSON.stringify(shown(endless))).toContain('…');
  expect(shown('x'.repeat(1_000))).toBe(`${'x'.repeat(300)}…`);
  expect(shown(Array.from({ length: 100 }, (_, at) => at))).toHaveLength(65);
  const wide = Array.from({ length: 64 }, () => Array.from({ length: 64 }, () => [1, 2, 3]));
  expect(JSON.stringify(shown(wide)).length).toBeLessThan(30_000);
});

test('maps, sets, actors, buffers and endless numbers read as what they are', () => {
  const actor = createActor(createMachine({}), { id: 'server-3' });
  expect(shown({ servers: new Map([[3, actor]]), admitted: new Set([3]), untilMs: Infinity, bytes: new Uint8Array(7), gone: undefined })).toEqual({
    servers: { 3: { xstate$$type: 1, id: 'server-3' } },
    admitted: [3],
    untilMs: 'Infinity',
    bytes: '… 7 bytes',
  });
});
