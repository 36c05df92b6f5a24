import { expect, test } from 'vitest';
import { browserCommand } from '../../src/commands/browser.ts';

const atDesk = { env: { DISPLAY: ':0' }, stderrIsTerminal: true };

test('a browser is opened where somebody sits in front of one, and nowhere else', () => {
  expect(browserCommand('linux', atDesk)).toEqual(['xdg-open']);
  expect(browserCommand('linux', { env: { WAYLAND_DISPLAY: 'wayland-0' }, stderrIsTerminal: true })).toEqual(['xdg-open']);
  expect(browserCommand('darwin', { ...atDesk, env: {} })).toEqual(['open']);
  expect(browserCommand('win32', { ...atDesk, env: {} })?.[0]).toBe('cmd');
  expect(browserCommand('linux', { env: {}, stderrIsTerminal: true })).toBeNull();
  for (const env of [{ CI: 'true' }, { SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }]) expect(browserCommand('darwin', { env: { ...atDesk.env, ...env }, stderrIsTerminal: true })).toBeNull();
  expect(browserCommand('darwin', { ...atDesk, stderrIsTerminal: false })).toBeNull();
});
