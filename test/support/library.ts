/** The built library, as a user of the package gets it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject } from 'vitest';
import type * as library from '../../src/index.ts';

export type Library = typeof library;

export const builtLibrary = async (): Promise<Library> => (await import(pathToFileURL(join(inject('distFolder'), 'index.js')).href)) as Library;
