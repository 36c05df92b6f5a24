/** PLAIT_SLOW=1 tries what takes minutes, too: every call in every way, every seed, ten thousand dead mirrors. */
export const isThorough: boolean = (process.env['PLAIT_SLOW'] ?? '') !== '';
