import { readFileSync } from 'node:fs';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/**
 * The kernel's name for this boot, as a UUID in lower case. While it is the same, the page cache has lived on, and
 * with it every write that returned. Null where the system has none (anything but Linux).
 */
export function readBootId(): string | null {
  try {
    const text = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().toLowerCase();
    return UUID.test(text) ? text : null;
  } catch {
    return null;
  }
}
