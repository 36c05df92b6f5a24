#!/usr/bin/env node
/** The command line: one parser, one exit point. */
import { Command, CommanderError } from 'commander';
import { EXIT } from './base/errors.ts';
import type { ExitStatus } from './base/errors.ts';
import { cleanForeignText } from './base/foreign-text.ts';
import { processIo } from './commands/command-io.ts';
import type { CommandIo } from './commands/command-io.ts';
import { refuseUnlikeValues } from './commands/unlike-values.ts';
import { VERSION } from './base/version.ts';

type Finish = (status: Promise<ExitStatus>) => void;

/** Each command's module is loaded when it is named, so that none pays for the start-up of the others. */
const COMMANDS = {
  get: async (program: Command, io: CommandIo, finish: Finish) => (await import('./commands/get.ts')).addGetCommand(program, io, finish),
  serve: async (program: Command, _io: CommandIo, finish: Finish) => (await import('./commands/serve.ts')).addServeCommand(program, finish),
  demo: async (program: Command, io: CommandIo, finish: Finish) => (await import('./commands/demo.ts')).addDemoCommand(program, io, finish),
  machines: async (program: Command, io: CommandIo, finish: Finish) => (await import('./commands/machines.ts')).addMachinesCommand(program, io, finish),
  inspect: async (program: Command, io: CommandIo, finish: Finish) => (await import('./commands/inspect.ts')).addInspectCommand(program, io, finish),
};

/** The commands that a first argument may lead to: the one it names, none for the version, or all, for the help and its hints. */
function commandsFor(firstArgument: string | undefined): (typeof COMMANDS)[keyof typeof COMMANDS][] {
  if (firstArgument === '--version' || firstArgument === '-V') return [];
  const named = Object.entries(COMMANDS).filter(([name]) => name === firstArgument);
  return named.length > 0 ? named.map(([, add]) => add) : Object.values(COMMANDS);
}

/**
 * A port that may be left out is given with `=`. A flag that stands alone gets an empty one, or the parser would take the
 * next argument, a URL, for it.
 */
const withEmptyPorts = (argv: readonly string[]): readonly string[] => argv.map((arg) => (arg === '--inspect' || arg === '--stately' ? `${arg}=` : arg));

/** The parser answers `help` on a command that is none with the whole help, as if nothing were wrong. */
function refuseHelpOnNothing(program: Command, [, , command, topic = 'help']: readonly string[]): void {
  if (command !== 'help' || topic === 'help' || topic.startsWith('-') || Object.hasOwn(COMMANDS, topic)) return;
  program.error(`error: There is no command "${cleanForeignText(topic)}" to help with: plait --help lists them.`);
}

async function main(argv: readonly string[]): Promise<ExitStatus> {
  const io = processIo();
  let ending: Promise<ExitStatus> = Promise.resolve(EXIT.ok);
  const finish: Finish = (status) => {
    ending = status;
  };
  const program = new Command('plait')
    .description('Downloads one file from many servers at once and weaves the pieces into one exact copy.')
    .version(VERSION, '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Print the help.')
    .helpCommand('help [command]', 'Print the help of a command.')
    .configureHelp({ optionTerm: ({ flags }) => flags.replace(' [', '[=') })
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /u, 'plait: ')) })
    .showSuggestionAfterError(true)
    .addHelpText('after', '\nExit status: 0 done · 1 a fault of plait · 2 wrong usage · 3 no server could deliver · 4 wrong content ·\n5 disk · 6 the target is refused · 7 the servers do not serve the same file · 130, 143, 129 stopped, all kept · 141 nobody reads\nthe output any more, all kept\n');
  for (const add of commandsFor(argv[2])) await add(program, io, finish);
  program.commands.forEach(refuseUnlikeValues);
  try {
    refuseHelpOnNothing(program, argv);
    await program.parseAsync(withEmptyPorts(argv));
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
  return ending;
}

// A reader that goes away is no crash, however late: the command hears of it too, and what is said after it is lost.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const status = await main(process.argv);
// What is written to a pipe leaves in its own time; an exit would cut it off.
process.exitCode = status;
const flushed = [process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => (stream.writable ? stream.write('', () => resolve()) : resolve())));
await Promise.race([Promise.all(flushed), new Promise((resolve) => setTimeout(resolve, 500))]);
process.exit();
