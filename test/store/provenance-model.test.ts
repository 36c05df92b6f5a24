/** The store against a model that is plain to see: for each byte, who wrote it last, and whether that counts. */
import * as fc from 'fast-check';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { bytesOf, makeFolder, openAfterKill, openFor, worldWith } from './support.ts';

const TOTAL = 300;
const MIRRORS = [1, 2, 3];
const urlOf = (mirrorId: number): string => `http://mirror${mirrorId}/`;

interface Giver {
  readonly url: string;
  standing: 'waiting' | 'admitted' | 'refused';
}

type Step =
  | { readonly kind: 'write'; readonly mirrorId: number; readonly leaseId: number; readonly start: number; readonly length: number; readonly goesOn: boolean }
  | { readonly kind: 'admit' | 'refuse'; readonly mirrorId: number }
  | { readonly kind: 'flush' | 'wait' | 'settle' | 'start over' | 'kill' };

const mirror = fc.constantFrom(...MIRRORS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('write' as const), mirrorId: mirror, leaseId: fc.nat(5), start: fc.nat(TOTAL - 1), length: fc.integer({ min: 1, max: 80 }), goesOn: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('admit' as const, 'refuse' as const), mirrorId: mirror }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('flush' as const, 'wait' as const, 'wait' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('settle' as const, 'settle' as const, 'start over' as const, 'kill' as const) }) },
);

class Model {
  owners: (Giver | null)[] = Array.from({ length: TOTAL }, () => null);
  givers: Giver[] = [];
  readonly current = new Map<number, Giver>();

  nameMirrors(): void {
    for (const mirrorId of MIRRORS) this.name(mirrorId);
  }

  name(mirrorId: number): Giver {
    const giver: Giver = { url: urlOf(mirrorId), standing: 'waiting' };
    this.givers.push(giver);
    this.current.set(mirrorId, giver);
    return giver;
  }

  of(mirrorId: number): Giver {
    return this.current.get(mirrorId) ?? this.name(mirrorId);
  }

  refuse(mirrorId: number): void {
    for (const giver of this.givers) if (giver.url === urlOf(mirrorId)) giver.standing = 'refused';
    this.name(mirrorId);
  }

  startOver(): void {
    this.owners.fill(null);
    this.givers = [];
    this.nameMirrors();
  }

  /** Whoever was not admitted before the kill is not going to be. */
  resume(): void {
    this.owners = this.owners.map((giver) => (giver?.standing === 'admitted' ? giver : null));
    this.nameMirrors();
  }

  vouched(): (string | null)[] {
    return this.owners.map((giver) => (giver?.standing === 'admitted' ? giver.url : null));
  }
}

function nameMirrors(store: Store): void {
  for (const mirrorId of MIRRORS) store.addSource(mirrorId, urlOf(mirrorId), null);
}

function recoveredUrls(store: Store): (string | null)[] {
  const urls: (string | null)[] = Array.from({ length: TOTAL }, () => null);
  for (const { start, end, url } of store.recovered?.runs ?? []) urls.fill(url, start, end);
  return urls;
}

test('whatever happens, a kill leaves exactly what admitted mirrors wrote last', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const world = worldWith({ syncMs: 1 });
      let store = await openFor(path.join(await makeFolder(), 'file'), {}, world);
      nameMirrors(store);
      const leaseEnds = new Map<number, number>();
      const model = new Model();
      model.nameMirrors();
      const kill = async (): Promise<void> => {
        store.settleSize(TOTAL);
        store.flush();
        store = await openAfterKill(store, world);
        expect(recoveredUrls(store)).toEqual(model.vouched());
        model.resume();
        nameMirrors(store);
      };
      for (const [version, step] of steps.entries()) {
        switch (step.kind) {
          case 'write': {
            // A lease that goes on writes where it stopped; one that does not begins anywhere.
            const start = (step.goesOn ? leaseEnds.get(step.leaseId) : undefined) ?? step.start;
            const end = Math.min(TOTAL, start + step.length);
            store.write(step, start, bytesOf(start, end, version));
            model.owners.fill(model.of(step.mirrorId), start, end);
            leaseEnds.set(step.leaseId, end);
            break;
          }
          case 'admit':
            store.admit(step.mirrorId);
            if (model.of(step.mirrorId).standing === 'waiting') model.of(step.mirrorId).standing = 'admitted';
            break;
          case 'refuse':
            store.refuse(step.mirrorId);
            model.refuse(step.mirrorId);
            break;
          case 'settle':
            store.settleSize(TOTAL);
            break;
          case 'start over':
            store.startOver();
            model.startOver();
            break;
          case 'flush':
            store.flush();
            break;
          case 'wait':
            await setImmediate();
            break;
          case 'kill':
            await kill();
            break;
        }
      }
      await kill();
    }),
    { numRuns: 80 },
  );
});
