import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentVerdict, differenceOf } from '../../src/machines/plan/content-vote.ts';
import type { Voice } from '../../src/machines/plan/content-vote.ts';

/** Parties by the letter: a voice joins the first party with each member of which it agrees. */
function partiesByTheLetter(voices: readonly Voice[]): readonly (readonly number[])[] {
  const parties: Voice[][] = [];
  for (const voice of voices) {
    const party = parties.find((members) => members.every((member) => differenceOf(member, voice) === null));
    if (party === undefined) parties.push([voice]);
    else party.push(voice);
  }
  return parties.sort((a, b) => b.length - a.length).map((members) => members.map(({ mirrorId }) => mirrorId));
}

const hash = fc.constantFrom('a', 'b', null);
const digest = fc.option(fc.record({ algorithm: fc.constantFrom('sha-256', 'sha-512'), hex: fc.constantFrom('1', '2') }));
const voices = fc
  .array(fc.record({ digest, hashes: fc.array(hash, { minLength: 2, maxLength: 3 }) }), { minLength: 1, maxLength: 8 })
  .map((list) => list.map((each, index): Voice => ({ ...each, mirrorId: index + 1, rank: index + 1 })));

describe('the vote on the content', () => {
  test('counts as if everyone were compared with everyone', () => {
    fc.assert(
      fc.property(voices, (list) => {
        const verdict = contentVerdict(list, 0);
        const [winners, ...losers] = partiesByTheLetter(list);
        expect(verdict).toMatchObject({ kind: 'agreed', isTie: winners?.length === losers[0]?.length });
        if (verdict.kind !== 'agreed') return;
        expect(verdict.winners.map(({ mirrorId }) => mirrorId)).toEqual(winners);
        expect(verdict.losers.map(({ mirrorId }) => mirrorId)).toEqual(losers.flat());
      }),
    );
  });

  test('looks at each voice once: ten times as many voices cost ten times as many looks', () => {
    const looksAt = (count: number): number => {
      let looks = 0;
      const hashes = new Proxy(['a', 'b', 'c'], { get: (target, name, receiver) => { looks += 1; return Reflect.get(target, name, receiver); } });
      contentVerdict(Array.from({ length: count }, (_, index) => ({ mirrorId: index + 1, rank: index + 1, digest: null, hashes })), 0);
      return looks;
    };
    expect(looksAt(640)).toBeLessThan(11 * looksAt(64));
  });
});
