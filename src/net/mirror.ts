/** What the net plane knows of one mirror. */
import { VALIDATORS_PER_MIRROR_MAX } from '../base/bounds.ts';
import { redactUrl } from '../base/foreign-text.ts';

/** A validator from an earlier run: it holds for the first address that answers. */
const ANY_ADDRESS = '';

/** Asked several times a lease, and dear to make. */
const ADDRESSES = new WeakMap<URL, string>();

function addressOf(url: URL): string {
  let address = ADDRESSES.get(url);
  if (address === undefined) {
    address = redactUrl(url.href);
    ADDRESSES.set(url, address);
  }
  return address;
}

export class Mirror {
  readonly mirrorId: number;
  /** As the user named it, without `user:password@`. */
  readonly url: URL;
  /** Its place in the counters. */
  readonly slot: number;
  /** Where its redirects led the last time it gave an answer; null where it gave it itself. */
  resolved: URL | null = null;
  /** A lease has asked for a digest, and was answered: no other asks. */
  digestAsked = false;
  /** Its parts come without a length: a lane cannot carry them. */
  partsNeedLibrary = false;
  /** It announces the length of the whole file: a lane can carry that. */
  wholeHasLength = false;
  /** Entity tags are compared within one server, never across (RFC 9110 §8.8.3): so by address after redirects. */
  readonly #validators = new Map<string, string>();
  /** Validators that were seen to stand for the same bytes, whichever machine behind a balancer gave them. */
  #equals: readonly string[] = [];

  constructor(mirrorId: number, url: URL, slot: number, validator: string | null) {
    this.mirrorId = mirrorId;
    this.url = url;
    this.slot = slot;
    if (validator !== null) this.#validators.set(ANY_ADDRESS, validator);
  }

  /** The strong validator that the answer of this address must carry, or null where any will do. */
  validatorAt(url: URL): string | null {
    return this.#validators.get(addressOf(url)) ?? this.#validators.get(ANY_ADDRESS) ?? null;
  }

  /** Every validator that will do at `url`; none where any answer will. */
  validatorsAt(url: URL): readonly string[] {
    const validator = this.validatorAt(url);
    if (validator === null) return [];
    return this.#equals.includes(validator) ? this.#equals : [validator];
  }

  /** These validators stand for the same bytes. */
  equate(validators: readonly string[]): void {
    this.#equals = [...new Set([...this.#equals, ...validators])].slice(-VALIDATORS_PER_MIRROR_MAX);
  }

  /** The same mirror for someone who wants to see whatever it has now: no version is expected, and none is remembered. */
  forAnyVersion(): Mirror {
    const copy = new Mirror(this.mirrorId, this.url, this.slot, null);
    copy.resolved = this.resolved;
    copy.partsNeedLibrary = this.partsNeedLibrary;
    copy.wholeHasLength = this.wholeHasLength;
    return copy;
  }

  /**
   * What such a look has found: where nothing was known of an address, its later answers are held to it, since it was by
   * these bytes that the mirror was judged.
   */
  learn(look: Mirror): void {
    if (this.#validators.has(ANY_ADDRESS)) return;
    for (const [address, validator] of look.#validators) if (!this.#validators.has(address)) this.#validators.set(address, validator);
  }

  /** An answer from `url` was accepted. */
  answered(url: URL, validator: string | null): void {
    this.resolved = url.href === this.url.href ? null : url;
    this.#validators.delete(ANY_ADDRESS);
    if (validator === null) return;
    this.#validators.set(addressOf(url), validator);
    const oldest = this.#validators.keys().next();
    if (this.#validators.size > VALIDATORS_PER_MIRROR_MAX && oldest.done !== true) this.#validators.delete(oldest.value);
  }
}
