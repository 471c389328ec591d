/** Where the bridge's files lie in an instance; a file of its own, since the simulator does without zod. */
export const BRIDGE_FOLDER = ['MQL5', 'Files', 'quintet'] as const;
