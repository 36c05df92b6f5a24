/** `plait machines`: every machine of the program, as diagrams or as JSON. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { EXIT } from '../base/errors.ts';
import type { ExitStatus } from '../base/errors.ts';
import type { CommandIo } from './command-io.ts';

async function printMachines(format: 'mermaid' | 'json', io: CommandIo): Promise<ExitStatus> {
  const { MACHINES } = await import('../inspect/machines.ts');
  if (format === 'json') {
    const definitions = Object.fromEntries(MACHINES.map((machine) => [machine.id, machine.definition]));
    io.stdout.write(`${JSON.stringify(definitions, null, 2)}\n`);
    return EXIT.ok;
  }
  const { mermaidOf } = await import('../inspect/mermaid.ts');
  io.stdout.write(MACHINES.map(mermaidOf).join('\n'));
  return EXIT.ok;
}

/** Describes the command to the parser. */
export function addMachinesCommand(program: Command, io: CommandIo, finish: (status: Promise<ExitStatus>) => void): void {
  program
    .command('machines')
    .description('Print every state machine of plait.')
    .addOption(new Option('--format <format>', 'As Mermaid diagrams or as JSON.').choices(['mermaid', 'json']).default('mermaid'))
    .action(({ format }: { format: 'mermaid' | 'json' }) => finish(printMachines(format, io)));
}
