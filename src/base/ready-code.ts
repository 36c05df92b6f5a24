/**
 * V8's code for a script, made when the program was built, so that a start need not compile it again. V8 itself refuses
 * code of another V8 or for a script of another length; it does not look whether every byte is as it was, so that is done here.
 */
import { crc32 } from 'node:zlib';

const SUM_BYTES = 4;

/** `get` as one script, as the build names it. */
export const READY_SCRIPT = 'get.script';

/** The file's name beside its script: code is for one build of Node, and any other need not even read it. */
export const readyCodeName = (script: string): string => `${script}.${process.version}-${process.platform}-${process.arch}.code`;

/** The code under checksums of itself and of the script that it is for. */
export function sealed(source: Uint8Array, code: Uint8Array): Uint8Array {
  const file = Buffer.alloc(2 * SUM_BYTES + code.length);
  file.writeUInt32LE(crc32(source), 0);
  file.writeUInt32LE(crc32(code), SUM_BYTES);
  file.set(code, 2 * SUM_BYTES);
  return file;
}

/** The code in such a file; null where it is not whole, or of another script. */
export function unsealed(source: Uint8Array, file: Buffer): Buffer | null {
  if (file.length <= 2 * SUM_BYTES) return null;
  const code = file.subarray(2 * SUM_BYTES);
  return file.readUInt32LE(0) === crc32(source) && file.readUInt32LE(SUM_BYTES) === crc32(code) ? code : null;
}
