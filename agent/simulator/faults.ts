/** Breaking a simulated terminal on purpose, for tests and the demo. */
import { postVerb } from './windowVerbs.ts';

/** Ends the process at once, with exit code 3 and nothing saved. */
export const crash = (instanceDir: string): Promise<void> => postVerb(instanceDir, { verb: 'crash' });

/** The process stays, but its window, its bridge and its EA stand still for good. */
export const hang = (instanceDir: string): Promise<void> => postVerb(instanceDir, { verb: 'hang' });

/** The bridge is silent and deaf for `ms`. */
export const silenceBridge = (instanceDir: string, ms: number): Promise<void> =>
	postVerb(instanceDir, { verb: 'silence_bridge', ms });

/** The broker's server is out of reach for `ms`; then the terminal connects again. */
export const dropBroker = (instanceDir: string, ms: number): Promise<void> =>
	postVerb(instanceDir, { verb: 'drop_broker', ms });

/** The broker throws the login out, until the terminal is started anew. */
export const logOut = (instanceDir: string): Promise<void> => postVerb(instanceDir, { verb: 'logout' });

/** A dialog keeps the Algo Trading button from taking any press for `ms`. */
export const blockButton = (instanceDir: string, ms: number): Promise<void> =>
	postVerb(instanceDir, { verb: 'block_button', ms });

/** Somebody presses the Algo Trading button by hand. */
export const pressAlgoTrading = (instanceDir: string): Promise<void> =>
	postVerb(instanceDir, { verb: 'toggle_algo' });

/** A modal dialog is in the way until somebody closes it: the window takes nothing and the bridge is silent. */
export const showDialog = (instanceDir: string): Promise<void> =>
	postVerb(instanceDir, { verb: 'show_dialog' });

/** The EA stays on its chart and does nothing any more, not even beat. */
export const freezeEa = (instanceDir: string): Promise<void> => postVerb(instanceDir, { verb: 'freeze_ea' });
