/** Which of the keyboard's helpers is open: the command palette, the list of shortcuts, or none. Built by the layout. */
import { createContext } from 'svelte';

export class Keyboard {
	open = $state<'palette' | 'shortcuts' | null>(null);
}

export const [useKeyboard, provideKeyboard] = createContext<Keyboard>();
