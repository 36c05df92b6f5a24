import type { FaultBoard } from './fault-board.ts';

const INVERTED = 0xff;
const ONE_BIT = 0x01;

/**
 * Spoils, in place, what `corrupt` and `flip` strike among the bytes of a file from offset `at` on. Where a fault
 * names no offset, it strikes the byte at `anyOffset`.
 */
export function spoil(bytes: Uint8Array, at: number, faults: FaultBoard, anyOffset: number): void {
  for (const { name, amount } of faults.inForce) {
    if (name !== 'corrupt' && name !== 'flip') continue;
    const index = (amount ?? anyOffset) - at;
    const byte = bytes[index];
    if (byte !== undefined) bytes[index] = byte ^ (name === 'corrupt' ? INVERTED : ONE_BIT);
  }
}
