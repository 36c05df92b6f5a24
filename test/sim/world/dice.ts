import { nextRandom } from '../../../src/machines/plan/random.ts';

/** A seeded source of chance that is passed around; the same seed gives the same world. */
export interface Dice {
  seed: number;
}

/** A number in [0, 1). */
export function draw(dice: Dice): number {
  const { value, seed } = nextRandom(dice.seed);
  dice.seed = seed;
  return value;
}

export const drawBetween = (dice: Dice, low: number, high: number): number => low + (high - low) * draw(dice);

/** Evenly by order of magnitude. */
export const drawLog = (dice: Dice, low: number, high: number): number => low * (high / low) ** draw(dice);

export const drawInt = (dice: Dice, low: number, high: number): number => Math.floor(drawBetween(dice, low, high + 1));

export const chance = (dice: Dice, share: number): boolean => draw(dice) < share;

export function pick<T>(dice: Dice, items: readonly T[]): T {
  const item = items[Math.floor(draw(dice) * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}
