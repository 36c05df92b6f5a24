import type { Command } from 'commander';
import { cleanForeignText } from '../base/foreign-text.ts';

/**
 * An option that takes one value and is given twice with unlike ones is refused (exit 2): either may be meant, and the
 * parser by itself would take the last one without a word. Those that collect their values read them by a parser of
 * their own.
 */
export function refuseUnlikeValues(command: Command): void {
  for (const option of command.options) {
    if (option.parseArg !== undefined || !(option.required || option.optional)) continue;
    const given = new Set<string>();
    command.on(`option:${option.name()}`, (value: string) => {
      given.add(value);
      if (given.size < 2) return;
      const values = [...given].map((each) => cleanForeignText(each)).join(' and as ');
      command.error(`error: ${option.long ?? option.flags} was given twice, as ${values}: give it once.`, { exitCode: 2 });
    });
  }
}
