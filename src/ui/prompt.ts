/** One line that is being typed or pasted. */
import { PROMPT_MAX_CHARACTERS } from '../base/bounds.ts';
import { cleanForeignText } from '../base/foreign-text.ts';
import { charactersOf } from './draw/width.ts';
import type { KeyPress } from './keys.ts';

export interface Prompt<Ask extends string> {
  readonly ask: Ask;
  readonly text: string;
}

/** Typed or pasted text, without what moves a cursor or hides; line ends of a paste fall away. */
export const typed = <Ask extends string>(prompt: Prompt<Ask>, text: string): Prompt<Ask> => ({
  ...prompt,
  text: prompt.text + cleanForeignText(text.replace(/[\r\n\t]+/gu, ' '), PROMPT_MAX_CHARACTERS - prompt.text.length).replaceAll('\u{FFFD}', ''),
});

export type PromptStep<Ask extends string> =
  | { readonly kind: 'open'; readonly prompt: Prompt<Ask> }
  | { readonly kind: 'answered'; readonly ask: Ask; readonly text: string }
  | { readonly kind: 'left' };

export function promptKey<Ask extends string>(prompt: Prompt<Ask>, key: KeyPress): PromptStep<Ask> {
  if (key.name === 'escape') return { kind: 'left' };
  if (key.name === 'enter') return { kind: 'answered', ask: prompt.ask, text: prompt.text.trim() };
  if (key.isCtrl && key.text === 'u') return { kind: 'open', prompt: { ...prompt, text: '' } };
  if (key.name === 'backspace') return { kind: 'open', prompt: { ...prompt, text: charactersOf(prompt.text).slice(0, -1).join('') } };
  return { kind: 'open', prompt: key.name === 'text' && !key.isCtrl ? typed(prompt, key.text) : prompt };
}
