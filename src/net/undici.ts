/**
 * What is used of undici, as named imports: a bundler gives a CommonJS package that is imported as a whole no names of
 * its own, so that `await import('undici')` would work from source and not as built.
 */
export { Agent, ProxyAgent } from 'undici';
