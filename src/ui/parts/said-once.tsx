/** For a screen reader: each sentence is said once, and stays where it was said. */
import type { ReactElement } from 'react';
import { Static, Text } from 'ink';

export interface SaidOnceProps {
  /** The last sentences, the newest at the end. */
  readonly last: readonly string[];
  /** How many there have been in all. */
  readonly told: number;
}

/**
 * Ink's `Static` takes a list that only ever grows, and says what lies beyond the length that it had before. Of ours only
 * the last sentences are kept: those before them are holes, which take no memory however long it goes on.
 */
function grownList(last: readonly string[], told: number): string[] {
  const list: string[] = [];
  list.length = told;
  for (const [at, sentence] of last.entries()) list[told - last.length + at] = sentence;
  return list;
}

export const SaidOnce = ({ last, told }: SaidOnceProps): ReactElement => <Static items={grownList(last, told)}>{(sentence, at) => <Text key={at}>{sentence}</Text>}</Static>;
