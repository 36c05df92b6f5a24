/**
 * Puts a view on the whole terminal and takes it off again. However the program ends, the terminal is given back first:
 * at its own end, at the end of the process (Ink sees to that), and before the words of a crash are printed.
 */
import { useRef, useState, useSyncExternalStore } from 'react';
import type { ReactNode, RefObject } from 'react';
import { render, useApp, useInput, usePaste } from 'ink';
import type { Key, RenderOptions } from 'ink';
import type { KeyName, KeyPress } from './keys.ts';
import { Screen } from './parts/look.tsx';
import { SignBook } from './row-signs.ts';
import { terminalAt } from './screen-io.ts';
import type { ScreenIo } from './screen-io.ts';

export interface Mounted {
  /**
   * Gives the terminal back, at once: after it, lines go to the scroll-back. Settles when nothing of the view is at work
   * any more. May be called more than once.
   */
  unmount(): Promise<void>;
  /** Calls `listener` if the view itself breaks; the terminal has been given back by then. */
  onBroken(listener: (error: Error) => void): void;
}

export const speaks = ({ env }: ScreenIo): boolean => env.INK_SCREEN_READER === 'true';

/** The streams are terminals here: `ScreenIo` has said so. What is spoken has no rows that were painted. */
const asTerminal = (io: ScreenIo, signs: SignBook): Pick<RenderOptions, 'stdin' | 'stdout' | 'stderr'> => ({
  stdin: io.stdin as NodeJS.ReadStream,
  stdout: (speaks(io) ? io.stdout : signs.over(io.stdout)) as NodeJS.WriteStream,
  stderr: io.stderr as NodeJS.WriteStream,
});

export function mount(view: ReactNode, io: ScreenIo): Mounted {
  // The other screen begins where the cursor stands on this one, which need not be the first column: a prompt may have
  // been printed after its line was typed.
  if (!speaks(io)) io.stdout.write('\r');
  const signs = new SignBook();
  const ink = render(<Screen terminal={terminalAt(io)} signs={signs}>{view}</Screen>, {
    ...asTerminal(io, signs),
    interactive: true,
    alternateScreen: !speaks(io),
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    isScreenReaderEnabled: speaks(io),
  });
  const offCrash = io.onCrash(() => ink.unmount());
  return {
    onBroken(listener) {
      ink.waitUntilExit().catch((error: unknown) => listener(error instanceof Error ? error : new Error(String(error))));
    },
    async unmount() {
      offCrash();
      ink.unmount();
    },
  };
}

/** What a view shows, and when it has changed. */
export interface Feed<Model> {
  readonly current: () => Model;
  readonly subscribe: (listener: () => void) => () => void;
}

export const useFeed = <Model,>({ subscribe, current }: Feed<Model>): Model => useSyncExternalStore(subscribe, current);

/** State that a key changes: two keys of one read must see each other's change, which React's state alone does not promise. */
export function useLatest<State>(initial: State): readonly [State, RefObject<State>, (state: State) => void] {
  const [state, setState] = useState(initial);
  const latest = useRef(state);
  return [
    state,
    latest,
    (next) => {
      latest.current = next;
      setState(next);
    },
  ];
}

const NAMES: readonly (readonly [keyof Key, KeyName])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'page-up'],
  ['pageDown', 'page-down'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
];

const CONTROLS: Readonly<Record<string, KeyName>> = { '\r': 'enter', '\n': 'enter', '\t': 'tab', '\b': 'backspace', '\u007F': 'backspace' };

/**
 * Ink's key as keys of ours. Keys that were typed faster than they were read come as one text, line ends included; and
 * escape with a key close behind it comes as that key with `meta`.
 */
export function keyPressesOf(text: string, key: Key): readonly KeyPress[] {
  const name = NAMES.find(([flag]) => key[flag] === true)?.[1];
  if (name !== undefined) return [{ name, text: '', isCtrl: key.ctrl }];
  const typed = Array.from(text, (character): KeyPress => {
    const control = CONTROLS[character];
    return control === undefined ? { name: 'text', text: character, isCtrl: key.ctrl } : { name: control, text: '', isCtrl: false };
  });
  return key.meta ? [{ name: 'escape', text: '', isCtrl: false }, ...typed] : typed;
}

export interface KeyListening {
  readonly io: ScreenIo;
  readonly onKey: (key: KeyPress) => void;
  readonly onPaste: (text: string) => void;
}

/** Ctrl+Z reaches a program in raw mode as a key: the terminal is given back, and taken and drawn anew afterwards. */
const isStop = (key: KeyPress): boolean => key.isCtrl && key.text === 'z';

export function useKeys({ io, onKey, onPaste }: KeyListening): void {
  const { suspendTerminal } = useApp();
  const isActive = io.stdinIsTerminal;
  const press = (key: KeyPress): void => {
    if (isStop(key)) void suspendTerminal(() => io.stopHere());
    else onKey(key);
  };
  useInput((text, key) => keyPressesOf(text, key).forEach(press), { isActive });
  usePaste(onPaste, { isActive });
}
