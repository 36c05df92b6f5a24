import { LIES_FORGIVEN } from '../../base/bounds.ts';
import { faultClassOf } from '../../base/faults.ts';
import type { FaultCode } from '../../base/faults.ts';

/** What a failed lane means for its server. */
export type FaultVerdict =
  /** One lane too many: the server goes on with those it has. */
  | 'fewer-lanes'
  /** It goes on as it was: not its fault, or the vote decides. */
  | 'go-on'
  /** No lane delivers: back off. */
  | 'back-off'
  /** It serves the file only as one whole. */
  | 'stand-by'
  | 'retire'
  | 'quarantine';

/**
 * @param inBody the lane had been answered: it was none too many, and broke off
 * @param lanesLeft the server's other lanes that are still at work
 * @param lies wrong answers in a row before this one
 */
export function verdictOn(code: FaultCode, inBody: boolean, lanesLeft: number, lies: number): FaultVerdict {
  switch (faultClassOf(code)) {
    case 'retry':
      if (lanesLeft === 0) return 'back-off';
      return inBody ? 'go-on' : 'fewer-lanes';
    case 'lie':
      return lies >= LIES_FORGIVEN ? 'quarantine' : 'back-off';
    case 'out':
      return 'retire';
    case 'whole':
      return 'stand-by';
    case 'vote':
    case 'ours':
      return 'go-on';
  }
}
