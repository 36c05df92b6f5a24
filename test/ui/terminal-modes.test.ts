import { expect, test } from 'vitest';
import { TerminalModes } from '../../src/ui/terminal-modes.ts';

test('whatever modes a view has turned over are turned back, the last first, and nothing else', () => {
  const modes = new TerminalModes();
  modes.note('\u001B[?1049h\u001B[2J\u001B[?25l\u001B[31mred\u001B[0m');
  modes.note('\u001B[?2004h\u001B[?2026hrow\u001B[?2026l');
  expect(modes.undo()).toBe('\u001B[?2004l\u001B[?25h\u001B[?1049l');
  expect(modes.undo()).toBe('');
});

test('what the view has turned back itself is left alone', () => {
  const modes = new TerminalModes();
  modes.note('\u001B[?1049;2004h\u001B[?7l');
  modes.note('\u001B[?7h\u001B[?2004l');
  expect(modes.undo()).toBe('\u001B[?1049l');
});
