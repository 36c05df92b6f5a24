/** `plait serve` alone, as a program of its own: what the tests start, talk to and kill. */
import { Command } from 'commander';
import { addServeCommand } from '../../../src/commands/serve.ts';

const program = new Command();
program.command('nothing').description('so that serve is named as one of several');
addServeCommand(program, (status) => {
  void status.then((code) => process.exit(code));
});
await program.parseAsync();
