/**
 * The grammar of `--fault`: SERVER:NAME[=VALUE][@WHEN], separated by commas. WHEN is a time (`3s`, `500ms`; a bare
 * number is seconds), a share of the file (`25%`), or a size (`1M`, `1000B`): bytes that the server has sent, and for
 * `corrupt` and `flip` the offset of the byte.
 */
import { FAULT_MOMENT_MAX_MS } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import { parseBytes, parseMs } from '../base/units.ts';
import { FAULT_NAMES, faultValueKind, isFaultName } from './fault-names.ts';
import type { FaultName } from './fault-names.ts';
import type { Fault, FaultMoment, ServerFault } from './fault.ts';

// A comma ends an entry only where the next one begins: a value may hold commas (a date, a URL).
const BETWEEN_ENTRIES = /,(?=\s*\d+:[a-z\d])/u;
const ENTRY = /^(\d{1,4}):(.*)$/su;
const FAULT = /^([a-z\d-]+)(?:=(.*))?$/su;
const TIME = /^\d+(?:\.\d+)?(?:ms|s|m|h)?$/u;
const SHARE = /^(\d+(?:\.\d+)?)%$/u;
// An upper-case M is a mebibyte and a lower-case one a minute, hence no `i` flag here.
const SIZE = /^\d+(?:\.\d+)?(?:[KMGTkgt](?:i?B)?|B)$/u;
// What goes into a header must not end it, and Node sends no more than ASCII there.
const HEADER_TEXT = /^[\u0020-\u007E]+$/u;

/**
 * Reads a whole list.
 *
 * @throws PlaitError `usage`, naming the entry, where it stands, what is wrong with it and the names there are.
 */
export function parseFaultList(text: string): ServerFault[] {
  if (text.trim() === '') return [];
  const faults: ServerFault[] = [];
  let position = 1;
  for (const raw of text.split(BETWEEN_ENTRIES)) {
    const entry = raw.trim();
    const where = `The fault "${entry}" (number ${faults.length + 1}, at character ${position})`;
    const match = ENTRY.exec(entry);
    const server = Number(match?.[1] ?? 0);
    if (match === null || server === 0) throw usage(`${where} does not begin with the number of a server and a colon, as in 2:die@3s.`);
    const fault = faultOf(match[2] ?? '', where);
    if (fault.name === 'revive' && fault.moment.kind !== 'time') {
      throw usage(`${where} needs a time, as in ${server}:revive@6s: a server that is down sends no bytes to count.`);
    }
    faults.push({ server, fault });
    position += raw.length + 1;
  }
  return faults;
}

/**
 * Reads one fault without a server: `slow=20K@2s`.
 *
 * @throws PlaitError `usage`.
 */
export const parseFault = (text: string): Fault => faultOf(text.trim(), `The fault "${text.trim()}"`);

function faultOf(text: string, where: string): Fault {
  const { head, moment } = splitMoment(text, where);
  const match = FAULT.exec(head);
  const name = match?.[1] ?? '';
  if (match === null || !isFaultName(name)) {
    throw usage(`${where} has no name that is known. The faults are: ${FAULT_NAMES.join(', ')}.`);
  }
  const value = valueOf(name, match[2] ?? null, where);
  if (name !== 'corrupt' && name !== 'flip') return { name, moment, ...value };
  return offsetFault(name, moment, value.amount, where);
}

/** `corrupt@1M` names the byte and not the moment, so the fault is there from the start. */
function offsetFault(name: FaultName, moment: FaultMoment, amount: number | null, where: string): Fault {
  if (moment.kind !== 'sent') return { name, moment, amount, text: null };
  if (amount !== null) throw usage(`${where} names two offsets: give it one.`);
  return { name, moment: { kind: 'start' }, amount: moment.bytes, text: null };
}

/** Cuts off `@WHEN` where what follows the last @ is one; any other @ belongs to the value. */
function splitMoment(text: string, where: string): { head: string; moment: FaultMoment } {
  const at = text.lastIndexOf('@');
  if (at === -1) return { head: text, moment: { kind: 'start' } };
  const moment = momentOf(text.slice(at + 1).trim(), where);
  if (moment !== null) return { head: text.slice(0, at), moment };
  if (text.slice(0, at).includes('=')) return { head: text, moment: { kind: 'start' } };
  throw usage(`${where} has a moment that is no time (3s), no share (25%) and no size (1M).`);
}

function momentOf(text: string, where: string): FaultMoment | null {
  const share = SHARE.exec(text)?.[1];
  if (share !== undefined) return { kind: 'share', share: Number(share) / 100 };
  const bytes = SIZE.test(text) ? parseBytes(text) : null;
  if (bytes !== null) return { kind: 'sent', bytes };
  const ms = TIME.test(text) ? parseMs(text) : null;
  if (ms === null) return null;
  if (ms > FAULT_MOMENT_MAX_MS) throw usage(`${where} lies more than ${FAULT_MOMENT_MAX_MS / 3_600_000} hours ahead: choose an earlier moment.`);
  return { kind: 'time', ms };
}

function valueOf(name: FaultName, raw: string | null, where: string): Pick<Fault, 'amount' | 'text'> {
  const kind = faultValueKind(name);
  if (raw === null) {
    if (kind === 'rate' || kind === 'text') throw usage(`${where} needs a value, as in ${name}=${kind === 'rate' ? '20K' : 'TEXT'}.`);
    return { amount: null, text: null };
  }
  if (kind === 'none') throw usage(`${where} takes no value.`);
  if (kind === 'text') {
    if (!HEADER_TEXT.test(raw)) throw usage(`${where} needs a value of printable ASCII.`);
    return { amount: null, text: raw };
  }
  const amount = kind === 'seconds?' ? (/^\d{1,9}$/u.test(raw) ? Number(raw) : null) : parseBytes(raw);
  if (amount === null || (kind === 'rate' && amount === 0)) throw usage(`${where} has a value that is no ${kind.replace('?', '')}.`);
  return { amount, text: null };
}

const usage = (message: string): PlaitError => new PlaitError('usage', message);
