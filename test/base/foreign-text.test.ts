import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanForeignText, redactUrl } from '../../src/base/foreign-text.ts';

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

test('no control, escape, bidirectional or invisible character of foreign text is left', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(cleanForeignText(text)).not.toMatch(CONTROL);
    }),
    { numRuns: 2_000 },
  );
  expect(cleanForeignText('\u001b]0;owned\u0007ok\u202Egnp.exe')).not.toMatch(CONTROL);
});

test('what is drawn as nothing is not left, assigned or not; what chooses the form of a character is', () => {
  expect(cleanForeignText('a\u{2065}b\u{3164}\u{e0fff}c')).toBe('a\u{fffd}b\u{fffd}c');
  expect(cleanForeignText('\u{2764}\u{fe0f}')).toBe('\u{2764}\u{fe0f}');
});

test('foreign text is cut to the limit in whole characters', () => {
  expect([...cleanForeignText('😀'.repeat(500), 10)]).toHaveLength(10);
});

test('a redacted URL has no user, password, query or fragment', () => {
  expect(redactUrl('https://user:p%40ss@example.org:8443/a/b.iso?token=secret#part')).toBe('https://example.org:8443/a/b.iso');
  expect(redactUrl('not a url://user:secret@host/x?token=1')).not.toContain('secret');
});
