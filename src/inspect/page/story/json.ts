/** Reading of JSON that anybody may have written: nothing is believed to be there. */

export type JsonRecord = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is JsonRecord => typeof value === 'object' && value !== null && !Array.isArray(value);
/** The record, or an empty one where there is none. */
export const recordOf = (value: unknown): JsonRecord => (isRecord(value) ? value : {});
/** The text, or an empty one where there is none. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
