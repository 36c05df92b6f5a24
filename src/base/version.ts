// The build puts the package's version in its place; run from source there is none.
declare const __PLAIT_VERSION__: string | undefined;

/** The program's version. */
export const VERSION: string = typeof __PLAIT_VERSION__ === 'string' ? __PLAIT_VERSION__ : 'dev';
