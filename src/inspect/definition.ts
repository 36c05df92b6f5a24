/**
 * A machine's config as the JSON text that the inspection messages carry: the argument of `createMachine`. A function is
 * shown by its name, as @statelyai/inspect does.
 */
export const definitionText = (config: object): string => JSON.stringify(config, (_, value: unknown) => (typeof value === 'function' ? { type: value.name } : value));
