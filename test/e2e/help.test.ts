import { describe, expect, test } from 'vitest';
import { TestEnv } from '../support/plait.ts';

describe.each([[[]], [['get']], [['serve']], [['demo']], [['machines']], [['inspect']]])('plait %j --help', (command) => {
  test('goes to standard output with exit 0, in whole sentences, and shows no value that the parser made up', async () => {
    const env = await TestEnv.create();
    const ended = await env.run([...command, '--help']);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).not.toMatch(/default: \[\]|\[port\](?!$)|--\w+ \[/u);
    const options = ended.stdout.slice(ended.stdout.indexOf('Options:')).split(/\n\n/u)[0] ?? '';
    const descriptions = options.split(/\n {2}(?=-)/u).slice(1).map((entry) => entry.replaceAll(/\s+/gu, ' ').replace(/^(?:-\w, )?--[\w-]+(?:\[=\w+\]| <[^>]+>)? /u, '').trim());
    expect(descriptions.length).toBeGreaterThan(0);
    for (const description of descriptions) expect(description).toMatch(/^[A-Z].*[.)]$/u);
  });
});

test('a port that may be left out is shown with the = that it is given with', async () => {
  const env = await TestEnv.create();
  const { stdout } = await env.run(['get', '--help']);
  expect(stdout).toContain('--inspect[=port]');
  expect(stdout).toContain('--stately[=port]');
  for (const variable of ['http_proxy', 'no_proxy', 'NO_COLOR', 'TERM', 'INK_SCREEN_READER']) expect(stdout).toContain(variable);
});

test('plait help COMMAND is the help of that command', async () => {
  const env = await TestEnv.create();
  expect((await env.run(['help', 'serve'])).stdout).toBe((await env.run(['serve', '--help'])).stdout);
});
